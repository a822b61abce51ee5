# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What was answered once is not asked again, whoever asks, and comes back as it was."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

import gymnasium as gym
import pytest

from rsi_agents import make_agent, rollout
from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.chat import Reply
from rsi_envs.core.errors import InvalidOption, ModelUnreachable
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judging import JudgingTask
from rsi_envs.core.panel import Panel, Seat
from rsi_envs.core.parallel import in_parallel
from rsi_envs.core.replay import ReplayedChatModel, ReplyStore
from rsi_envs.core.tools import ToolCall
from tests.agents.adding_env import ADDING
from tests.agents.fake_provider import FakeProvider, fails, says

TASK = {"task_id": "1+2"}
PAIR = JudgingTask("Greet.", ("hello", "no"))


def play(name, seed=0, budget=None):
    return rollout(gym.make(ADDING), make_agent(name, budget=budget), seed=seed, options=TASK)


def test_a_repeated_episode_asks_nothing_and_is_the_same(provider, tmp_path):
    provider.script = [says("4"), says("3"), says("something else")]
    name = f"{provider.name}&temperature=1&cache={tmp_path / 'replies'}"
    budget = Budget()
    first, again = play(name, budget=budget), play(name, budget=budget)
    assert len(provider.requests) == 2
    assert replace(first, wall_s=0.0) == replace(again, wall_s=0.0)
    assert budget.spent.calls == 2


def test_servers_of_the_same_model_are_told_apart(provider, tmp_path):
    with FakeProvider() as other:
        provider.script, other.script = [says("4"), says("3")], [says("3")]
        first, second = (play(f"{one.name}&cache={tmp_path / 'replies'}") for one in (provider, other))
        assert (len(provider.requests), len(other.requests)) == (2, 1)
    assert (len(first.steps), len(second.steps)) == (2, 1)


def test_who_asks_the_same_at_the_same_time_gets_what_is_kept(tmp_path):
    meeting, answers = threading.Barrier(2, timeout=30), iter("ab")

    class FakeSlowModel:
        name = "slow"

        def complete(self, messages, **asked):
            meeting.wait()
            return Reply(next(answers))

    store = ReplyStore(tmp_path / "replies")
    chat = ReplayedChatModel(FakeSlowModel(), store, {})
    both = in_parallel([partial(chat.complete, [{"role": "user", "content": "?"}])] * 2, 2)
    assert both[0].text == both[1].text == chat.complete([{"role": "user", "content": "?"}]).text
    store.close()


@pytest.mark.parametrize("change", ["seed", "temperature", "max_tokens"])
def test_another_request_is_asked(provider, tmp_path, change):
    provider.script = [says("3")]
    name = f"{provider.name}&cache={tmp_path / 'replies'}"
    play(name)
    play(name if change == "seed" else f"{name}&{change}=1", seed=1 if change == "seed" else 0)
    assert len(provider.requests) == 2


def test_a_judge_that_was_cut_off_asks_only_what_is_missing(provider, tmp_path):
    seat = Seat(AgentJudge(f"{provider.name}&max_attempts=1&cache={tmp_path / 'replies'}"))
    provider.script = [says('{"rationale": "", "ranking": "A > B"}'), fails(500)]
    assert Panel([seat], concurrency=1).judge(PAIR, seed=0).health.abstentions == 0.5
    provider.script = [says('{"rationale": "", "ranking": "B > A"}')]
    asked = len(provider.requests)
    opinion = Panel([seat], concurrency=1).judge(PAIR, seed=0)
    assert opinion.health.abstentions == 0.0
    assert len(provider.requests) == asked + 1


def test_a_failed_request_is_not_kept(provider, tmp_path):
    name = f"{provider.name}&max_attempts=1&cache={tmp_path / 'replies'}"
    provider.script = [fails(500)]
    with pytest.raises(ModelUnreachable):
        play(name)
    provider.script = [says("3")]
    assert play(name).verdict.score == 1.0


def test_a_store_keeps_everything_for_the_next_process(tmp_path):
    reply = Reply("text ☺", (ToolCall("add", {"a": [1, None]}),), "tool_calls", Usage(1, 2, 0.5, 1))
    store = ReplyStore(tmp_path / "replies")
    store.put("q", reply)
    store.put("q", Reply("late"))
    store.close()
    store.close()
    again = ReplyStore(tmp_path / "replies")
    assert again.get("q") == reply
    assert again.get("other") is None
    again.close()


def test_threads_and_stores_share_a_file(tmp_path):
    stores = [ReplyStore(tmp_path / "replies") for _ in range(3)]

    def write(store, first):
        for number in range(first, 300, 3):
            store.put(str(number), Reply(str(number)))

    threads = [threading.Thread(target=write, args=(store, i)) for i, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(stores[0].get(str(number)) == Reply(str(number)) for number in range(300))
    for store in stores:
        store.close()


def test_what_can_keep_no_replies_is_named(tmp_path):
    (tmp_path / "text").write_text("no database, but some text that is long enough to be looked at" * 20, "utf-8")
    for path in (tmp_path / "text", tmp_path / "nowhere" / "replies"):
        with pytest.raises(InvalidOption, match="can't keep replies"):
            ReplyStore(path)
