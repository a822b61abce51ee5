# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Accounts add up, and a budget holds whoever spends from it."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.errors import BudgetExhausted

USAGES = st.builds(Usage, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 100), st.integers(0, 9))


@given(USAGES, USAGES, USAGES)
def test_usages_add_up_in_any_order(a: Usage, b: Usage, c: Usage) -> None:
    assert (a + b) + c == a + (b + c) == c + b + a
    assert (a + b).total_tokens == a.total_tokens + b.total_tokens


@pytest.mark.parametrize(
    ("bound", "spent", "named"),
    [
        ({"max_tokens": 10}, Usage(6, 4), "10 tokens is spent"),
        ({"max_cost_usd": 0.5}, Usage(cost_usd=0.75), "0.5 US dollars is spent"),
    ],
)
def test_a_budget_is_exhausted_when_a_bound_is_reached(bound: dict[str, float], spent: Usage, named: str) -> None:
    budget = Budget(**bound)  # type: ignore[arg-type]
    budget.check()
    budget.charge(spent)
    with pytest.raises(BudgetExhausted, match=named):
        budget.check()


def test_a_budget_of_time_runs_out_by_itself() -> None:
    now = [100.0]
    budget = Budget(max_wall_s=5, clock=lambda: now[0])
    budget.check()
    now[0] = 105.0
    with pytest.raises(BudgetExhausted, match="5 seconds is spent"):
        budget.check()


def test_a_budget_without_bounds_never_runs_out() -> None:
    budget = Budget()
    huge = Usage(10**12, 10**12, 10**9, 1)
    budget.charge(huge)
    budget.check()
    assert budget.spent == huge


def test_charges_from_many_threads_all_count() -> None:
    budget = Budget()
    threads = [
        threading.Thread(target=lambda: [budget.charge(Usage(1, 2, 0.0, 1)) for _ in range(500)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.spent == Usage(4000, 8000, 0.0, 4000)


def test_who_keeps_accounts_is_told_of_every_charge_for_as_long_as_it_listens() -> None:
    budget, heard = Budget(), list[Usage]()
    budget.charge(Usage(1))
    with budget.telling(heard.append):
        budget.charge(Usage(2))
        with budget.telling(heard.append):
            budget.charge(Usage(3))
        with pytest.raises(KeyError), budget.telling({}.__getitem__):
            budget.charge(Usage(4))
    budget.charge(Usage(5))
    assert heard == [Usage(2), Usage(3), Usage(3), Usage(4)]
    assert budget.spent == Usage(15)
