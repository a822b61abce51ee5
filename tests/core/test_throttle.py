# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A server is sent as many calls at once as it bears: halved when it says so, one more after each round without."""

from __future__ import annotations

import _thread
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.core.budget import Budget
from rsi_envs.core.errors import BudgetExhausted
from rsi_envs.core.throttle import MOST_AT_ONCE, Throttle, shared_throttle


def unchecked() -> None:
    pass


def call(throttle: Throttle, *, overloaded: bool | None) -> None:
    throttle.leave(throttle.enter(unchecked), overloaded=overloaded)


def test_it_begins_with_the_most_and_never_admits_more() -> None:
    throttle = Throttle(3)
    for _ in range(10):
        call(throttle, overloaded=False)
    assert throttle.size == 3
    assert Throttle().size == MOST_AT_ONCE


def test_one_too_many_halves_it_down_to_one() -> None:
    throttle = Throttle(20)
    sizes = []
    for _ in range(6):
        call(throttle, overloaded=True)
        sizes.append(throttle.size)
    assert sizes == [10, 5, 2, 1, 1, 1]


def test_calls_under_way_together_halve_it_once() -> None:
    throttle = Throttle(16)
    entered = [throttle.enter(unchecked) for _ in range(8)]
    for ticket in entered:
        throttle.leave(ticket, overloaded=True)
    assert throttle.size == 8
    call(throttle, overloaded=True)
    assert throttle.size == 4


def test_it_grows_by_one_after_as_many_successes_as_it_admits() -> None:
    throttle = Throttle(8)
    call(throttle, overloaded=True)
    call(throttle, overloaded=True)
    sizes = []
    for _ in range(9):
        call(throttle, overloaded=False)
        sizes.append(throttle.size)
    assert sizes == [2, 3, 3, 3, 4, 4, 4, 4, 5]


def test_other_failures_say_nothing_of_how_much_a_server_bears() -> None:
    throttle = Throttle(4)
    call(throttle, overloaded=True)
    for _ in range(20):
        call(throttle, overloaded=None)
    assert throttle.size == 2


@given(st.integers(1, 40), st.lists(st.sampled_from([True, False, None]), max_size=200))
def test_whatever_comes_it_stays_between_one_and_the_most_and_always_admits(
    most: int, outcomes: list[bool | None]
) -> None:
    throttle = Throttle(most)
    for overloaded in outcomes:
        before = throttle.size
        call(throttle, overloaded=overloaded)
        assert max(1, before // 2) <= throttle.size <= min(most, before + 1)


def test_what_is_full_admits_when_a_call_ends() -> None:
    throttle, admitted = Throttle(1), threading.Event()
    first = throttle.enter(unchecked)

    def second() -> None:
        ticket = throttle.enter(unchecked)
        admitted.set()
        throttle.leave(ticket, overloaded=False)

    waiting = threading.Thread(target=second, daemon=True)
    waiting.start()
    assert not admitted.is_set()
    throttle.leave(first, overloaded=False)
    assert admitted.wait(30)
    waiting.join(30)


def test_who_waits_obeys_the_budget() -> None:
    throttle = Throttle(1)
    throttle.enter(unchecked)
    readings = iter([0.0, 0.0, 5.0])
    budget = Budget(max_wall_s=5.0, clock=lambda: next(readings))
    with pytest.raises(BudgetExhausted):
        throttle.enter(budget.check)


def test_who_waits_can_be_interrupted() -> None:
    throttle, begun = Throttle(1), threading.Event()
    throttle.enter(unchecked)

    def interrupt() -> None:
        begun.wait()
        _thread.interrupt_main()

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        throttle.enter(begun.set)


def test_a_spent_budget_is_noticed_before_anything_is_sent() -> None:
    throttle = Throttle(1)
    with pytest.raises(BudgetExhausted):
        throttle.enter(Budget(max_tokens=0).check)
    call(throttle, overloaded=False)


def test_a_server_has_one_throttle_and_the_least_bound_holds() -> None:
    key = ("a model of this test's", None)
    assert shared_throttle(key).at_most(9) is shared_throttle(key)
    assert shared_throttle(key).at_most(20).size == 9
    assert shared_throttle((*key, "another")).size == MOST_AT_ONCE
