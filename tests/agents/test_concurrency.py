# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""As many requests as a server bears are under way at once, and every one is answered."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from functools import partial

import pytest

from rsi_agents import make_agent
from rsi_envs.core.budget import Budget
from rsi_envs.core.errors import BudgetExhausted, ChatError, InvalidOption
from rsi_envs.core.parallel import in_parallel
from rsi_envs.core.throttle import MOST_AT_ONCE, shared_throttle
from tests.agents.fake_provider import HANGS, says

BEARS = 4


def ask(name, budget=None):
    return make_agent(name, budget=budget).act("?", {})


def test_a_server_that_bears_few_is_soon_sent_no_more_and_answers_all(provider):
    provider.script, provider.bears, provider.seconds = [says("3")], BEARS, 0.1
    name = f"{provider.name}&max_attempts=50"
    ask(name)
    throttle = shared_throttle(("openai/fake", provider.base))
    assert throttle.size == MOST_AT_ONCE
    assert in_parallel([partial(ask, name)] * 96, 24) == ["3"] * 96
    assert 1 <= throttle.size <= 2 * BEARS
    assert len(provider.refused) < 96
    assert max(provider.refused[-10:]) <= 2 * BEARS


def test_agents_of_one_model_share_a_bound(provider):
    provider.script, provider.bears, provider.seconds = [says("3")], 2, 0.02
    names = [f"{provider.name}&max_concurrency=2", f"{provider.name}&temperature=0&max_concurrency=9"]
    assert in_parallel([partial(ask, names[i % 2]) for i in range(12)], 12) == ["3"] * 12
    assert provider.refused == []


def test_a_bound_below_one_is_refused(provider):
    with pytest.raises(InvalidOption, match="max_concurrency is 0"):
        ask(f"{provider.name}&max_concurrency=0")


def test_who_waits_for_a_server_that_hangs_still_obeys_the_budget(provider):
    provider.script = [HANGS]
    name = f"{provider.name}&max_concurrency=1&max_attempts=1"

    def hang():
        with suppress(ChatError):
            ask(name)

    threading.Thread(target=hang, daemon=True).start()
    while not provider.requests:
        time.sleep(0.01)
    with pytest.raises(BudgetExhausted, match="seconds is spent"):
        ask(name, Budget(max_wall_s=0.2))
    assert len(provider.requests) == 1
