# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Ratings recover the strength of simulated players, and say how sure they are."""

from __future__ import annotations

import itertools
import math
import tracemalloc

import evalica
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsi_agents.arena.ratings import Game, expected_score, rate, sequential_elo
from rsi_agents.errors import InvalidGames

TRUE = {"a": 300.0, "b": 100.0, "c": 0.0, "d": -100.0, "e": -300.0}


def simulated(rounds: int, rng: np.random.Generator) -> list[Game]:
    """A round-robin of players of known strength, each pair twice a round with sides swapped."""
    games = []
    for number, (one, other) in itertools.product(range(rounds), itertools.combinations(TRUE, 2)):
        for first, second in ((one, other), (other, one)):
            won = rng.random() < expected_score(TRUE[first], TRUE[second])
            games.append(Game(first, second, float(won), f"{number} {one} {other}"))
    return games


def test_many_games_recover_the_true_strengths() -> None:
    ratings = rate(simulated(400, np.random.default_rng(1)), resamples=100)
    assert [row.agent for row in ratings.rows] == list(TRUE)
    for row in ratings.rows:
        assert row.elo == pytest.approx(TRUE[row.agent], abs=25)
        assert row.games == 3200
        assert row.interval.low < TRUE[row.agent] < row.interval.high
    assert ratings.better("a", "e") == 1.0


def test_intervals_hold_the_true_strength_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    inside = []
    for _ in range(60):
        ratings = rate(simulated(15, rng), resamples=100, seed=int(rng.integers(2**31)))
        inside += [row.interval.low <= TRUE[row.agent] <= row.interval.high for row in ratings.rows]
    # 95% of 300, give or take four standard deviations; those of one tournament depend on one another.
    assert 0.95 - 4 * math.sqrt(0.05 * 0.95 / 60) < np.mean(inside) <= 1.0


def test_two_players_are_as_far_apart_as_their_scores_say() -> None:
    games = [Game("a", "b", 1.0)] * 75 + [Game("b", "a", 1.0)] * 25
    ratings = rate(games, resamples=0)
    first, second = ratings.rows
    assert first.elo - second.elo == pytest.approx(400 * math.log10(75.05 / 25.05), abs=0.1)
    assert (first.score, second.score, first.interval) == (0.75, 0.25, None)
    assert ratings.better("a", "b") is None


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("def"), st.sampled_from([0.0, 0.5, 1.0])), min_size=1)
)
def test_ratings_are_finite_and_do_not_depend_on_sides_or_order(rows: list[tuple[str, str, float]]) -> None:
    games = [Game("hub", name, 0.5) for name in "abcdef"] + [Game(*row) for row in rows]
    turned = [Game(game.second, game.first, 1.0 - game.score) for game in reversed(games)]
    here, there = ({row.agent: row.elo for row in rate(played, resamples=0).rows} for played in (games, turned))
    assert here == pytest.approx(there, abs=1e-3)
    assert all(map(math.isfinite, here.values()))
    assert sum(here.values()) == pytest.approx(0.0, abs=1e-6)


def test_even_players_are_even_and_one_that_always_wins_stays_finite() -> None:
    even = rate([Game("a", "b", score) for score in (0.0, 1.0, 0.5) * 20], resamples=300)
    assert [row.elo for row in even.rows] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert 0.3 < even.better("a", "b") < 0.7
    assert even.better("a", "b") + even.better("b", "a") == 1.0
    sure = rate([Game("a", "b", 1.0)] * 50, resamples=50)
    assert 400 < sure.rows[0].elo - sure.rows[1].elo < 2000
    assert sure.better("a", "b") == 1.0
    assert [row.interval for row in sure.rows] == [None, None]


def test_games_of_a_group_are_drawn_together() -> None:
    # White always wins: with both sides in each group, nothing about the players is ever in doubt.
    games = [Game(*sides, 1.0, str(number)) for number in range(20) for sides in (("a", "b"), ("b", "a"))]
    ratings = rate(games, resamples=50)
    assert all(row.interval.high - row.interval.low < 1e-6 for row in ratings.rows)
    alone = rate([Game(game.first, game.second, game.score) for game in games], resamples=50)
    assert all(row.interval.high - row.interval.low > 20 for row in alone.rows)


@pytest.mark.parametrize(
    ("games", "problem"),
    [
        (list, "no game"),
        (lambda: [Game("a", "b", 1.0), Game("c", "d", 0.0)], "'a' and 'c' can't be compared"),
        (lambda: [Game("a", "a", 1.0)], "'a' plays against itself"),
        (lambda: [Game("a", "b", 1.5)], "the score of 'a' is 1.5"),
        (lambda: [Game("a", "b", math.nan)], "the score of 'a' is nan"),
    ],
)
def test_what_nobody_can_be_rated_by_is_refused(games, problem: str) -> None:
    with pytest.raises(InvalidGames, match=problem):
        rate(games())


BASEBALL = {
    "Milwaukee": (0, 7, 9, 7, 7, 9, 11),
    "Detroit": (6, 0, 7, 5, 11, 9, 9),
    "Toronto": (4, 6, 0, 7, 7, 8, 12),
    "New York": (6, 8, 6, 0, 6, 7, 10),
    "Boston": (6, 2, 6, 7, 0, 7, 12),
    "Cleveland": (4, 4, 5, 6, 6, 0, 6),
    "Baltimore": (2, 4, 1, 3, 1, 7, 0),
}
"""Who beat whom how often in 1987. Source: A. Agresti, Categorical Data Analysis, 2nd edition, 2002, table 10.10."""
AGRESTI = {
    "Milwaukee": 1.58,
    "Detroit": 1.44,
    "Toronto": 1.29,
    "New York": 1.25,
    "Boston": 1.11,
    "Cleveland": 0.68,
    "Baltimore": 0.0,
}
"""The strengths that he fits to it, in units of log-odds above Baltimore's."""


def test_a_published_table_gets_the_published_strengths() -> None:
    games = [
        Game(winner, loser, 1.0)
        for winner, row in BASEBALL.items()
        for loser, count in zip(BASEBALL, row, strict=True)
        for _ in range(count)
    ]
    elo = {row.agent: row.elo for row in rate(games, resamples=0).rows}
    assert list(elo) == list(AGRESTI)
    strengths = {name: (value - elo["Baltimore"]) * math.log(10) / 400 for name, value in elo.items()}
    # The tie of weight 0.1 between every two shrinks them by about a hundredth.
    assert strengths == pytest.approx(AGRESTI, abs=0.025)


def test_elos_updates_are_evalicas() -> None:
    games = [Game("pizza", "burger", 1.0), Game("burger", "sushi", 0.0), Game("pizza", "sushi", 0.5)]
    ours = sequential_elo(games, k=30)
    # Source: the example in evalica's own documentation, which begins at 1000.
    assert ours == pytest.approx({"pizza": 14.972058, "burger": -29.352800, "sushi": 14.380742}, abs=1e-6)
    first, second = zip(*((game.first, game.second) for game in games), strict=True)
    winners = [{1.0: evalica.Winner.X, 0.5: evalica.Winner.Draw, 0.0: evalica.Winner.Y}[game.score] for game in games]
    theirs = evalica.elo(first, second, winners, k=30, initial=0.0).scores.to_dict()
    assert ours == pytest.approx(theirs)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("def"), st.floats(0, 1)), min_size=1))
def test_elos_updates_take_from_one_what_they_give_the_other(rows: list[tuple[str, str, float]]) -> None:
    games = [Game(*row) for row in rows]
    ours = sequential_elo(games)
    assert sum(ours.values()) == pytest.approx(0.0, abs=1e-9)
    turned = [Game(game.second, game.first, 1.0 - game.score) for game in games]
    assert sequential_elo(turned) == pytest.approx(ours)


def test_rating_takes_memory_by_games_and_not_by_games_times_agents() -> None:
    rng = np.random.default_rng(3)
    pairs = rng.integers(0, 99, size=(4_000, 2))
    games = [Game(f"agent {one}", f"agent {(one + 1 + other % 99) % 100}", 0.5) for one, other in pairs.tolist()]
    tracemalloc.start()
    try:
        rate(games, resamples=2)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100e6  # a table of who won of whom in each game has 320 MB


def test_more_games_of_the_same_kind_never_widen_an_interval() -> None:
    pattern = [1.0, 1.0, 0.0, 0.5, 1.0, 0.0]
    widths = [
        rate([Game("a", "b", score) for score in pattern * times], resamples=500).rows[0].interval.width
        for times in (2, 8, 32)
    ]
    assert widths == sorted(widths, reverse=True)
    assert widths[1] == pytest.approx(widths[0] / 2, rel=0.2)
