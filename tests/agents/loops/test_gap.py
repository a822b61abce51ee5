# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The performance gap recovered keeps its laws, and says nothing where there is no gap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rsi_agents.loops.gap import gap_recovered

SCORES = st.floats(0, 1, width=16)
TASKS = st.lists(st.tuples(SCORES, SCORES, SCORES), min_size=1, max_size=12).map(
    lambda rows: [{f"task {i}": row[who] for i, row in enumerate(rows)} for who in range(3)]
)


def mean(scores):
    return sum(scores.values()) / len(scores)


def close(one, other):
    return one == other or one == pytest.approx(other, rel=1e-6, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(TASKS)
def test_it_is_0_at_the_weak_agent_and_1_at_the_ceiling(three):
    weak, _, ceiling = three
    assume(mean(ceiling) > mean(weak) + 1e-3)
    at_weak, at_ceiling = gap_recovered(weak, weak, ceiling), gap_recovered(weak, ceiling, ceiling)
    assert at_weak.ratio == 0.0
    assert at_ceiling.ratio == 1.0
    for found, ratio in ((at_weak, 0.0), (at_ceiling, 1.0)):
        assert found.interval is None or (found.interval.low, found.interval.high) == (ratio, ratio)


@settings(max_examples=25, deadline=None)
@given(TASKS, st.floats(0.1, 10), st.floats(-1, 1), st.randoms())
def test_neither_the_scale_of_scores_nor_the_order_of_tasks_changes_it(three, factor, shift, rng):
    found = gap_recovered(*three)
    assume(found.ceiling - found.weak > 1e-3 or found.ratio is None)
    order = list(three[0])
    rng.shuffle(order)
    assert gap_recovered(*({task: one[task] for task in order} for one in three)) == found
    scaled = gap_recovered(*({task: factor * x + shift for task, x in one.items()} for one in three))
    assert (scaled.ratio is None) == (found.ratio is None)
    assert found.ratio is None or close(scaled.ratio, found.ratio)


@settings(max_examples=25, deadline=None)
@given(TASKS, SCORES)
def test_a_better_student_recovers_no_less(three, more):
    weak, student, ceiling = three
    better = {task: score + more for task, score in student.items()}
    found, raised = gap_recovered(weak, student, ceiling), gap_recovered(weak, better, ceiling)
    assert (found.ratio is None) == (raised.ratio is None)
    assert found.ratio is None or raised.ratio >= found.ratio


@settings(max_examples=25, deadline=None)
@given(TASKS)
def test_there_is_no_number_where_the_ceiling_is_no_better(three):
    weak, student, ceiling = three
    found = gap_recovered(weak, student, ceiling)
    if mean(ceiling) <= mean(weak) - 1e-9:
        assert found.ratio is None
        assert found.interval is None


def drawn(tasks, seed=0):
    rng = np.random.default_rng(seed)
    return [{str(i): float(rng.random() < p) for i in range(tasks)} for p in (0.3, 0.6, 0.9)]


def test_the_interval_holds_the_ratio_and_narrows_with_more_tasks():
    few, many = gap_recovered(*drawn(50)), gap_recovered(*drawn(1000))
    for found in (few, many):
        assert found.interval.low < found.ratio < found.interval.high
    assert many.interval.width < few.interval.width / 2


def test_there_is_no_interval_where_the_tasks_do_not_show_a_gap_for_sure():
    weak, student, ceiling = (
        {"a": 0.0, "b": 1.0, "c": 0.0},
        {"a": 1.0, "b": 0.0, "c": 1.0},
        {"a": 1.0, "b": 0.0, "c": 1.0},
    )
    found = gap_recovered(weak, student, ceiling)
    assert found.ratio == 1.0
    assert found.interval is None


def test_tasks_that_not_all_three_did_count_nothing():
    found = gap_recovered({"a": 0.0, "b": 1.0}, {"a": 0.5, "c": 1.0}, {"a": 1.0, "b": 0.0, "c": 0.0})
    assert (found.tasks, found.ratio, found.interval) == (1, 0.5, None)
    assert gap_recovered({"a": 0.0}, {"b": 0.0}, {"a": 1.0}) is None
