# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every scheme finds the true strengths, and decides the same from the same results."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsi_agents.arena import Game, Stage, expected_score, rate
from rsi_agents.arena.belief import ELO_PER_UNIT, PRIOR_SD_ELO, believed
from rsi_agents.arena.pairings import matching, rounds
from rsi_agents.errors import InvalidPlan
from tests.agents.arena.simulation import TRUE, outcome, plan_of, simulated

NAMES = tuple(TRUE)
STAGES = {
    "round-robin": Stage("round-robin", NAMES, games=16),
    "swiss": Stage("swiss", NAMES, games=8, rounds=10),
    "active": Stage("active", NAMES, games=160),
}


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_intervals_hold_the_true_strength_as_often_as_they_say(stage: Stage) -> None:
    arenas, inside = 20, []
    for seed in range(arenas):
        ratings = rate(simulated(plan_of(stage, seed=seed), seed), resamples=100, seed=seed)
        inside += [row.interval.low <= TRUE[row.agent] <= row.interval.high for row in ratings.rows]
    # Four standard deviations, as if each arena were one observation: its intervals depend on one another.
    assert np.mean(inside) > 0.95 - 4 * math.sqrt(0.05 * 0.95 / arenas)


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_many_games_recover_the_true_order(stage: Stage) -> None:
    errors = [
        row.elo - TRUE[row.agent]
        for seed in range(5)
        for row in rate(simulated(plan_of(stage), seed), resamples=0).rows
    ]
    assert math.sqrt(np.mean(np.square(errors))) < 75
    ranked = [row.agent for row in rate(simulated(plan_of(stage), seed=1), resamples=0).rows]
    assert (ranked[0], ranked[-1]) == ("a", "e")


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_every_game_has_a_twin_with_the_sides_swapped_and_the_number_is_the_one_asked_for(stage: Stage) -> None:
    results: dict = {}
    fixtures = []
    for due in rounds(plan_of(stage), results):
        fixtures += due
        results |= {fixture.key: outcome(fixture, 0) for fixture in due}
    assert len(fixtures) == stage.most_games == 160
    assert [fixture.index for fixture in fixtures] == list(range(160))
    keys = Counter(fixture.key for fixture in fixtures)
    assert set(keys.values()) == {1}
    assert all((second, first, seed) in keys for first, second, seed in keys)
    assert set(Counter(fixture.group for fixture in fixtures).values()) == {2}


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_decisions_follow_from_seed_and_results_alone(stage: Stage) -> None:
    played = simulated(plan_of(stage, seed=3), seed=5)
    assert played == simulated(plan_of(stage, seed=3), seed=5)
    # The games of a round are decided before any of them is over, whatever the rest of the results says.
    results: dict = {}
    seen = 0
    for due in rounds(plan_of(stage, seed=3), results):
        assert [(f.first, f.second, f.group) for f in due] == [
            (game.first, game.second, game.group) for game in played[seen : seen + len(due)]
        ]
        seen += len(due)
        results |= {fixture.key: outcome(fixture, 5) for fixture in due}


def test_a_round_is_not_decided_before_the_one_before_is_over() -> None:
    schedule = rounds(plan_of(STAGES["swiss"]), {})
    next(schedule)
    with pytest.raises(KeyError):
        next(schedule)


def test_games_without_a_result_decide_nothing_and_end_it_all_the_same() -> None:
    for stage in STAGES.values():
        results: dict = {}
        for due in rounds(plan_of(stage), results):
            results |= {fixture.key: None for fixture in due}
        assert len(results) == 160


def test_swiss_lets_nobody_meet_twice_while_that_can_be_helped() -> None:
    strengths = {f"p{i}": 60.0 * i for i in range(8)}
    games = simulated(plan_of(Stage("swiss", tuple(strengths), rounds=4)), strengths=strengths)
    assert len({frozenset((game.first, game.second)) for game in games}) == 4 * 4
    assert set(Counter(game.group for game in games).values()) == {2}


def test_swiss_pairs_likes_with_likes() -> None:
    strengths = {f"p{i:02}": 150.0 * i for i in range(16)}
    games = simulated(plan_of(Stage("swiss", tuple(strengths), rounds=5)), strengths=strengths)
    apart = [abs(strengths[game.first] - strengths[game.second]) for game in games]
    assert np.mean(apart[-16:]) < 0.6 * np.mean(apart[:16])


def test_swiss_gives_everybody_a_bye_before_anybody_a_second() -> None:
    games = simulated(plan_of(Stage("swiss", NAMES, rounds=5)))
    playing = [{name for game in games[i : i + 4] for name in (game.first, game.second)} for i in range(0, 20, 4)]
    assert Counter(name for round_ in playing for name in set(NAMES) - round_) == dict.fromkeys(NAMES, 1)


@settings(max_examples=40)
@given(st.data())
def test_the_matching_is_the_best_there_is(data: st.DataObject) -> None:
    names = "abcdefg"[: data.draw(st.integers(2, 7))]
    points = {name: data.draw(st.integers(0, 12)) / 2 for name in names}
    pairs = list(itertools.combinations(names, 2))
    met = data.draw(st.lists(st.sampled_from(pairs), max_size=12))
    byes = data.draw(st.lists(st.sampled_from(names), max_size=3)) if len(names) % 2 else []

    def cost(chosen: list[tuple[str, str]], bye: str | None) -> tuple[int, float]:
        again = sum([*map(frozenset, met)].count(frozenset(pair)) for pair in chosen)
        apart = sum((points[one] - points[other]) ** 2 for one, other in chosen)
        if bye is None:
            return again, apart
        return again + byes.count(bye), apart + (points[bye] - min(points.values())) ** 2

    def all_matchings(left: str):
        if len(left) < 2:
            yield [], left or None
            return
        for other in left[1:]:
            for chosen, bye in all_matchings(left[1:].replace(other, "")):
                yield [(left[0], other), *chosen], bye
        if len(left) % 2:
            for chosen, _ in all_matchings(left[1:]):
                yield chosen, left[0]

    chosen, bye = matching(points, met, byes, np.random.default_rng(0))
    assert sorted([*itertools.chain(*chosen), *filter(None, [bye])]) == sorted(names)
    assert cost(chosen, bye) == min(cost(*found) for found in all_matchings(names))


def test_active_asks_most_where_it_knows_least() -> None:
    known = [Game(one, other, 0.5) for one, other in itertools.combinations("abcd", 2) for _ in range(50)]
    belief = believed(known, "abcde")
    gains = {pair: belief.information_gain(pair) for pair in itertools.combinations("abcde", 2)}
    assert all("e" in pair for pair in sorted(gains, key=gains.__getitem__)[-4:])


def test_active_gets_more_out_of_its_games_than_a_round_robin() -> None:
    strengths = {f"p{i}": 200.0 * i for i in range(8)}

    def uncertainty(stage: Stage, seed: int) -> float:
        belief = believed(simulated(plan_of(stage, seed=seed), seed, strengths), stage.agents)
        return float(np.linalg.slogdet(belief.covariance).logabsdet)

    everybody = tuple(strengths)
    for seed in range(3):
        left = uncertainty(Stage("active", everybody, games=224), seed)
        assert left < uncertainty(Stage("round-robin", everybody, games=8), seed) - 1.0


def test_a_belief_is_the_prior_without_games_and_the_ratings_with_many() -> None:
    nothing = believed([], NAMES)
    assert nothing.mean.tolist() == [0.0] * 5
    assert np.sqrt(np.diag(nothing.covariance)) * ELO_PER_UNIT == pytest.approx([PRIOR_SD_ELO] * 5)
    games = simulated(plan_of(Stage("round-robin", NAMES, games=60)))
    belief = believed(games, NAMES)
    rows = {row.agent: row for row in rate(games, resamples=400).rows}
    for name, strength in zip(NAMES, belief.mean - belief.mean.mean(), strict=True):
        assert strength * ELO_PER_UNIT == pytest.approx(rows[name].elo, abs=12)
        assert belief.width_elo(name) == pytest.approx(rows[name].interval.width, rel=0.3)


def test_what_a_game_is_expected_to_tell_is_what_playing_it_tells() -> None:
    games = [Game("a", "b", 1.0), Game("b", "c", 0.5), Game("a", "c", 0.0)] * 20
    belief = believed(games, "abc")
    for pair in itertools.combinations("abc", 2):
        after = belief.after(pair, 1)
        factor = np.linalg.det(belief.covariance) / np.linalg.det(after.covariance)
        assert factor == pytest.approx(1.0 + belief.information_gain(pair))
        lowered = (belief.width_elo("a") ** 2 - after.width_elo("a") ** 2) / belief.width_elo("a") ** 2
        above = np.array([2 / 3, -1 / 3, -1 / 3])
        variance = above @ belief.covariance @ above
        assert belief.gain_about("a", pair) == pytest.approx(lowered * variance)


def place(width_elo: float, games: int = 400) -> tuple[Stage, Stage]:
    return Stage("round-robin", NAMES[:-1], games=30), Stage("place", NAMES, games=games, width_elo=width_elo)


def test_a_newcomer_is_placed_with_an_interval_as_narrow_as_asked_and_no_more_games_than_that_takes() -> None:
    counts = []
    for width in (300.0, 150.0):
        played = simulated(plan_of(*place(width)))
        (row,) = (row for row in rate(played, resamples=400).rows if row.agent == "e")
        assert row.interval.width <= width
        assert row.elo == pytest.approx(TRUE["e"], abs=width)
        counts.append(row.games)
    assert counts[0] < counts[1] < 250


def test_a_newcomer_meets_those_of_about_its_strength_most() -> None:
    played = simulated(plan_of(*place(100.0, games=100)))
    met = Counter(game.first for game in played if game.second == "e")
    assert met["d"] > met["a"]
    assert sum(met.values()) == 50


def test_a_few_lucky_wins_place_nobody() -> None:
    strengths = TRUE | {"e": 5000.0}
    played = simulated(plan_of(*place(300.0, games=60)), strengths=strengths)
    assert sum("e" in (game.first, game.second) for game in played) == 60


def test_placing_holds_the_true_strength_about_as_often_as_it_says() -> None:
    inside = []
    for seed in range(12):
        played = simulated(plan_of(*place(200.0), seed=seed), seed)
        (row,) = (row for row in rate(played, resamples=200).rows if row.agent == "e")
        inside.append(row.interval.low <= TRUE["e"] <= row.interval.high)
    assert np.mean(inside) > 0.95 - 4 * math.sqrt(0.05 * 0.95 / 12)


def test_the_first_of_a_pool_has_nobody_to_meet() -> None:
    assert list(rounds(plan_of(Stage("place", ("a",), width_elo=100.0)), {})) == []


def test_the_score_expected_is_elos() -> None:
    assert expected_score(400.0, 0.0) == pytest.approx(10 / 11)
    assert expected_score(0.0, 0.0) == 0.5


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"pairing": "ladder", "agents": ("a", "b")}, "pairing is 'ladder'"),
        ({"pairing": "active", "agents": ("a", "a")}, "'a' is named twice"),
        ({"pairing": "active", "agents": ("a",)}, "an arena needs two agents"),
        ({"pairing": "active", "agents": ("a", "b"), "games": 3}, "games is 3; it must be even"),
        ({"pairing": "swiss", "agents": ("a", "b")}, "rounds is 0"),
        ({"pairing": "place", "agents": ("a", "b")}, "width is 0.0"),
    ],
)
def test_a_stage_that_makes_no_sense_is_refused(fields: dict, problem: str) -> None:
    with pytest.raises(InvalidPlan, match=problem):
        Stage(**fields)
