# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import itertools
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents.paired import sign_flip_test
from rsi_agents.report.pairs import MOST_AGENTS, compare


def played(values):
    return {(f"task-{i}", i): value for i, value in enumerate(values)}


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=7))
def test_the_test_counts_every_way_to_flip_signs(differences):
    told = [d for d in differences if d]
    seen = abs(sum(told))
    ways = [
        abs(sum(s * d for s, d in zip(signs, told, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(told))
    ]
    assert sign_flip_test(differences) == pytest.approx(statistics.fmean(way >= seen for way in ways))


def test_a_constant_difference_over_many_pairs_is_no_chance():
    assert sign_flip_test([0.1] * 40) < 0.001


def test_only_episodes_of_the_same_task_and_seed_are_compared():
    left, right = {("t", 0): 1.0, ("t", 1): 0.5, ("u", 1): 0.9}, {("t", 0): 0.25, ("t", 1): 0.75, ("u", 2): 0.0}
    (one,) = compare({"good": left, "poor": right})
    assert (one.better, one.worse, one.pairs) == ("good", "poor", 2)
    assert one.difference == pytest.approx(0.25)
    assert (one.wins, one.ties, one.losses) == (1, 0, 1)
    assert one.interval.low <= one.difference <= one.interval.high


def test_agents_that_share_no_episode_are_not_compared():
    assert compare({"a": {("t", 0): 1.0}, "b": {("t", 1): 1.0}, "c": {}}) == []


def test_equal_agents_differ_by_nothing():
    (one,) = compare({"a": played([0.5, 0.7]), "b": played([0.5, 0.7])})
    assert (one.difference, one.p_value, one.ties) == (0.0, 1.0, 2)


def test_more_comparisons_make_each_less_certain():
    better, worse = played([0.9] * 6), played([0.1] * 6)
    (alone,) = compare({"a": better, "b": worse})
    among = compare({"a": better, "b": worse, "c": worse})
    assert alone.p_value == alone.adjusted == 2 / 2**6
    first = among[0]
    assert (first.p_value, first.adjusted) == (alone.p_value, pytest.approx(alone.p_value * 3 / 2))


def test_many_agents_are_compared_with_the_best_alone():
    results = {f"agent-{i}": played([1.0 - i / 20, 0.5]) for i in range(MOST_AGENTS + 1)}
    assert {one.better for one in compare(results)} == {"agent-0"}
    assert len(compare(results)) == MOST_AGENTS
