# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Rules of aggregation keep the laws of voting, and health measures what it says."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.core.aggregation import RULES, Rule, Vote, aggregate, preference
from rsi_envs.core.health import Ballots, health
from rsi_envs.core.judging import Ranking

EVERY_RULE = pytest.mark.parametrize("rule", get_args(Rule))


def vote(*scores: float, judge: str = "j", weight: float = 1.0, shown: tuple[int, ...] | None = None) -> Vote:
    return Vote(judge, shown or tuple(range(len(scores))), Ranking.of_scores(scores), weight)


def split(one: float, judge: str = "j", shown: tuple[int, int] = (0, 1)) -> Vote:
    """A vote of two candidates by probabilities."""
    return Vote(judge, shown, Ranking.of_scores([one, 1.0 - one], probabilities={0: one, 1: 1.0 - one}))


BALLOTS = st.integers(2, 4).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(0, 3), min_size=n, max_size=n).map(lambda scores: vote(*scores)), min_size=1, max_size=6
    )
)


@EVERY_RULE
@given(ballots=BALLOTS, data=st.data())
def test_scores_do_not_depend_on_names_or_sequence(rule: Rule, ballots: list[Vote], data: st.DataObject) -> None:
    count = len(ballots[0].shown)
    names = data.draw(st.permutations(range(count)))
    assert ballots[0].ranking is not None
    renamed = [Vote("j", b.shown, b.ranking.seen_from(names)) for b in data.draw(st.permutations(ballots)) if b.ranking]
    scores, under_new_names = aggregate(ballots, rule), aggregate(renamed, rule)
    assert [under_new_names[names[i]] for i in range(count)] == pytest.approx(
        [scores[i] for i in range(count)], abs=1e-3
    )


@EVERY_RULE
@given(ballots=BALLOTS)
def test_scores_lie_between_0_and_1_and_are_half_in_the_mean(rule: Rule, ballots: list[Vote]) -> None:
    scores = aggregate(ballots, rule).values()
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert sum(scores) / len(scores) == pytest.approx(0.5, abs=1e-6)


@EVERY_RULE
@given(scores=st.lists(st.integers(0, 3), min_size=2, max_size=4), voters=st.integers(1, 4))
def test_unanimous_votes_win(rule: Rule, scores: list[int], voters: int) -> None:
    assert Ranking.of_scores(
        {i: round(s, 6) for i, s in aggregate([vote(*scores)] * voters, rule).items()}
    ) == Ranking.of_scores(scores)


@EVERY_RULE
def test_a_weight_of_two_counts_as_two_votes(rule: Rule) -> None:
    weighted = [vote(2, 1, 0, weight=2.0), vote(0, 1, 2), vote(1, 0, 2, weight=0.0)]
    assert aggregate(weighted, rule) == pytest.approx(aggregate([vote(2, 1, 0), vote(2, 1, 0), vote(0, 1, 2)], rule))


@EVERY_RULE
def test_abstentions_count_nothing(rule: Rule) -> None:
    abstention = Vote("j", (0, 1), None, problem="silence")
    assert aggregate([vote(1, 0), abstention], rule) == aggregate([vote(1, 0)], rule)
    assert aggregate([abstention], rule) == {}


def test_every_rule_is_there() -> None:
    assert set(RULES) == set(get_args(Rule))


def test_the_rules_differ_as_their_sources_say() -> None:
    # Candidate 0 wins every duel 3 to 2, but two voters put it last of three.
    ballots = [vote(2, 1, 0)] * 3 + [vote(0, 2, 1)] * 2
    assert aggregate(ballots, "majority") == {0: 1.0, 1: 0.5, 2: 0.0}
    assert aggregate(ballots, "borda") == pytest.approx({0: 6 / 10, 1: 7 / 10, 2: 2 / 10})


def test_bradley_terry_explains_shares_of_two() -> None:
    scores = aggregate([vote(1, 0)] * 300 + [vote(0, 1)] * 100, "bradley_terry")
    assert scores[0] == pytest.approx(0.75, abs=1e-3)


def test_votes_on_pairs_add_up() -> None:
    pairs = [
        Vote("j", (0, 1), Ranking(((0,), (1,)))),
        Vote("j", (2, 0), Ranking(((0,), (2,)))),
        Vote("j", (1, 2), Ranking(((1, 2),))),
    ]
    assert aggregate(pairs, "borda") == {0: 1.0, 1: 0.25, 2: 0.25}
    assert aggregate(pairs, "bradley_terry")[0] > 0.9


def test_probabilities_make_a_soft_preference() -> None:
    ranking = Ranking(((0,), (1,), (2,)), probabilities={0: 0.6, 1: 0.4, 2: 0.0})
    assert preference(ranking, 0, 1) == pytest.approx(0.6)
    assert preference(ranking, 1, 2) == 1.0
    assert preference(Ranking(((0,), (1,), (2,)), probabilities={0: 1.0, 1: 0.0, 2: 0.0}), 1, 2) == 1.0
    assert aggregate([split(0.9), split(0.7)], "borda")[0] == pytest.approx(0.8)


def test_a_judge_that_prefers_the_first_is_seen() -> None:
    votes = [vote(1, 0, shown=(0, 1)), vote(0, 1, shown=(1, 0))]
    found = health(Ballots(votes, ["same", "long"]))
    assert (found.swap_consistency, found.first_preferred) == (0.0, 1.0)
    steady = health(Ballots([vote(1, 0, shown=(0, 1)), vote(1, 0, shown=(1, 0))], ["same", "long"]))
    assert (steady.swap_consistency, steady.first_preferred) == (1.0, 0.5)


def test_swap_consistency_is_each_judges_own() -> None:
    votes = [vote(1, 0, judge="a", shown=(0, 1)), vote(0, 1, judge="b", shown=(1, 0))]
    assert health(Ballots(votes, ["x", "y"])).swap_consistency is None


def test_a_judge_that_prefers_length_is_seen() -> None:
    texts = ["x" * 8, "x" * 4, "x" * 2]
    assert health(Ballots([vote(2, 1, 0)], texts)).length_slope == pytest.approx((0.5 + 0.5 + 1.0) / (1 + 1 + 4))
    assert health(Ballots([vote(0, 1, 2)], texts)).length_slope == pytest.approx(-2 / 6)
    assert health(Ballots([vote(0, 1)], ["aa", "bb"])).length_slope is None


def test_agreement_is_krippendorffs_alpha() -> None:
    # The three pairs, both ways around, as units; by hand: 1 - observed / expected, of 12 values half of them 1.
    alike = [vote(2, 1, 0, judge=judge) for judge in "abc"]
    assert health(Ballots(alike, ["a", "b", "c"])).agreement == 1.0
    opposed = [vote(2, 1, 0, judge="a"), vote(0, 1, 2, judge="b")]
    assert health(Ballots(opposed, ["a", "b", "c"])).agreement == pytest.approx(1 - 1 / (2 * 0.5 * 0.5 * 12 / 11))
    assert health(Ballots(alike[:1], ["a", "b", "c"])).agreement is None


@given(ballots=BALLOTS, order=st.permutations(range(4)))
def test_agreement_does_not_depend_on_how_candidates_are_numbered(ballots: list[Vote], order: list[int]) -> None:
    ballots = [replace(one, judge=f"judge {i}") for i, one in enumerate(ballots)]
    renumbered = [
        replace(one, shown=tuple(order[i] for i in one.shown), ranking=one.ranking and one.ranking.seen_from(order))
        for one in ballots
    ]
    texts = ["a", "b", "c", "d"]
    found, again = (health(Ballots(votes, texts)).agreement for votes in (ballots, renumbered))
    assert found == (None if again is None else pytest.approx(again))
    assert len(ballots) < 2 or any(one.ranking != ballots[0].ranking for one in ballots) or found == 1.0


def test_abstentions_are_counted_and_nothing_else_is_made_of_them() -> None:
    votes = [Vote("a", (0, 1), None, problem="silence"), Vote("b", (0, 1), None, problem="silence")]
    found = health(Ballots(votes, ["a", "b"]))
    assert found.as_dict() == {"abstentions": 1.0}
    with pytest.raises(ValueError, match="no vote"):
        health(Ballots([], ["a", "b"]))


def test_health_is_pooled_over_tasks() -> None:
    for_first = [vote(1, 0, shown=(0, 1)), vote(0, 1, shown=(1, 0))]
    steady = [vote(1, 0, shown=(0, 1)), vote(1, 0, shown=(1, 0))]
    pooled = health(Ballots(for_first, ["x", "y"]), Ballots(steady, ["x", "y"]))
    assert (pooled.swap_consistency, pooled.first_preferred) == (0.5, 0.75)


@given(ballots=BALLOTS)
def test_health_is_finite(ballots: list[Vote]) -> None:
    assert all(math.isfinite(value) for value in health(Ballots(ballots, ["a", "bb", "", "dddd"])).as_dict().values())


def test_a_vote_is_json() -> None:
    assert split(0.75).as_dict() == {
        "judge": "j",
        "shown": [0, 1],
        "weight": 1.0,
        "order": [[0], [1]],
        "rationale": "",
        "probabilities": {"0": 0.75, "1": 0.25},
    }
    assert Vote("a", (1, 0), None, problem="silence").as_dict()["abstained"] == "silence"
