# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Which preferences are made of an opinion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents.loops.judged import Candidate, Judged
from rsi_agents.loops.lessons import Origin
from rsi_agents.loops.pairing import Pairing, preferences, votes_between
from rsi_envs.core.aggregation import Vote, aggregate, preference
from rsi_envs.core.health import Ballots, health
from rsi_envs.core.judging import JudgingTask, Ranking
from rsi_envs.core.panel import Opinion

ORIGIN = Origin("test/Any-v0", "one", 0, "train", "somebody")


def judged(texts, votes):
    said = tuple(Candidate(text, ({"role": "assistant", "content": text},), ORIGIN, None) for text in texts)
    opinion = Opinion(aggregate(votes), tuple(votes), health(Ballots(votes, texts)))
    return Judged(({"role": "user", "content": "Do it."},), said, JudgingTask("Do it.", tuple(texts)), opinion)


def said(row):
    return row[0]["content"]


@st.composite
def opinions(draw):
    count = draw(st.integers(2, 6))
    texts = draw(st.lists(st.text(min_size=1, max_size=9), min_size=count, max_size=count, unique=True))
    votes = []
    for judge in range(draw(st.integers(1, 2))):
        for shown in (tuple(range(count)), tuple(range(count))[::-1]):
            marks = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
            ranking = draw(st.sampled_from([Ranking.of_scores(marks), None]))
            votes.append(Vote(str(judge), shown, ranking, problem=None if ranking else "mumbled"))
    return judged(texts, votes)


@given(
    opinions(),
    st.builds(Pairing, per_task=st.integers(1, 4), margin=st.floats(0, 1), least_consistency=st.floats(0, 1)),
    st.floats(0, 1),
)
def test_every_preference_keeps_to_its_settings(opinion, pairing, tolerance):
    scores = dict(zip((c.text for c in opinion.candidates), map(opinion.opinion.scores.get, range(9)), strict=False))
    pairs = list(preferences(opinion, pairing, tolerance=tolerance))
    assert len(pairs) <= pairing.per_task
    used = [said(row) for pair in pairs for row in (pair.chosen, pair.rejected)]
    assert len(set(used)) == len(used)
    for pair in pairs:
        assert pair.margin == scores[said(pair.chosen)] - scores[said(pair.rejected)] > 0
        assert pair.margin >= pairing.margin
        assert pair.health.get("swap_consistency", 0.0) >= pairing.least_consistency
        assert all(sorted(vote["shown"]) == [0, 1] for vote in pair.votes)
    if pairs and tolerance == 0:
        assert scores[said(pairs[0].chosen)] == max(scores.values())


def test_an_opinion_that_came_to_nothing_gives_none():
    vote = Vote("one", (0, 1), None, problem="mumbled")
    assert not list(preferences(judged(("a", "b"), [vote]), Pairing()))


def test_the_shortest_of_those_within_the_tolerance_is_chosen():
    votes = [Vote("one", shown, Ranking(((0,), (1,), (2,)))) for shown in ((0, 1, 2), (2, 1, 0))]
    opinion = judged(("a long one", "short", "bad"), votes)
    assert opinion.opinion.scores == {0: 1.0, 1: 0.5, 2: 0.0}
    for tolerance, chosen in ((0.0, "a long one"), (0.49, "a long one"), (0.5, "short")):
        (pair,) = preferences(opinion, Pairing(), tolerance=tolerance)
        assert (said(pair.chosen), said(pair.rejected)) == (chosen, "bad")


def test_votes_between_two_say_what_they_say_of_them():
    ranking = Ranking(((2,), (0,), (1,)), "Because.", {0: 0.3, 1: 0.1, 2: 0.6})
    votes = [Vote("one", (2, 1, 0), ranking), Vote("two", (0, 1), None, problem="mumbled"), Vote("one", (0, 2), None)]
    (vote, other) = votes_between(votes, 2, 0)
    assert vote.shown == (0, 1)
    assert vote.ranking.order == ((0,), (1,))
    assert vote.ranking.rationale == "Because."
    assert preference(vote.ranking, 0, 1) == pytest.approx(2 / 3)
    assert other.shown == (1, 0)
    assert other.ranking is None
