# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Beside each action stands how it came about: what was thought, and what a model can be trained on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import ClassVar

import gymnasium as gym
import pytest

from rsi_agents import EpisodeRecord, Step, Traced, make_agent, rollout, run_plan
from rsi_envs.core.budget import Budget
from tests.agents.adding_env import ADDING
from tests.agents.fake_provider import says, too_long
from tests.agents.fakes import FakeScriptedAgent

ENTRIES = [{"token": "<", "logprob": -0.5}, {"token": "3", "logprob": -0.25}]
"""As llama.cpp's server gives them, but for the alternatives that it adds unasked."""

MORE_TURNS = {"max_turns": 4}


def play(name):
    return rollout(gym.make(ADDING), make_agent(name), seed=0, options={"task_id": "1+2"})


def traced(provider, answer, settings=""):
    provider.script = [answer]
    return play(provider.name + settings).steps[0].trace


def test_an_agent_that_tells_nothing_leaves_no_trace():
    trajectory = rollout(gym.make(ADDING), FakeScriptedAgent(action="3"), seed=0)
    assert trajectory.steps[0].trace == {}
    assert not isinstance(FakeScriptedAgent(), Traced)


def test_what_any_agent_tells_is_kept_for_each_action():
    class FakeTalkativeAgent(FakeScriptedAgent):
        trace: ClassVar[dict[str, int]] = {}

        def act(self, observation, info):
            self.trace["turn"] = self.trace.get("turn", 0) + 1
            return "no number"

    trajectory = rollout(gym.make(ADDING), FakeTalkativeAgent(), seed=0)
    assert [step.trace for step in trajectory.steps] == [{"turn": 1}, {"turn": 2}]


def test_the_trace_is_that_of_the_action_it_stands_beside(provider):
    provider.script = [says("4", message_fields={"reasoning_content": "four?"}), says("3")]
    steps = play(provider.name).steps
    assert steps[0].trace == {"finish_reason": "stop", "reasoning": "four?"}
    assert steps[1].trace == {"finish_reason": "stop"}


@pytest.mark.parametrize(
    "answer",
    [
        says("3", message_fields={"reasoning_content": "1+2."}),
        says("3", message_fields={"reasoning": "1+2."}),
        says("<think>1+2.</think>\n\n3"),
        says("\n<think>\n1+2.</think>3"),
    ],
    ids=["DeepSeek", "vLLM", "in the text", "in the text, behind a newline"],
)
def test_reasoning_is_kept_but_neither_played_nor_sent_back(provider, answer):
    provider.script = [answer, says("3")]
    agent = make_agent(provider.name)
    assert agent.act("?", {}) == "3"
    assert agent.trace["reasoning"] == "1+2."
    agent.act("!", {})
    assert [message["content"] for message in provider.requests[1]["messages"]] == ["?", "3", "!"]
    assert "1+2" not in json.dumps(provider.requests[1])


def test_reasoning_that_is_cut_off_leaves_an_empty_action(provider):
    provider.script = [says("<think>1+2 is", choice_fields={"finish_reason": "length"})]
    step = play(provider.name).steps[0]
    assert step.action == ""
    assert step.trace == {"finish_reason": "length", "reasoning": "1+2 is"}


def test_a_new_episode_forgets_the_trace(provider):
    agent = make_agent(provider.name)
    agent.act("?", {})
    agent.reset(0)
    assert agent.trace == {}


def test_logprobs_are_asked_for_without_alternatives(provider):
    entries = [dict(entry, id=i, top_logprobs=[dict(entry, id=i)]) for i, entry in enumerate(ENTRIES, start=7)]
    trace = traced(provider, says("3", choice_fields={"logprobs": {"content": entries}}), "&logprobs=true")
    assert trace == {"finish_reason": "stop", "token_ids": [7, 8], "logprobs": [-0.5, -0.25]}
    assert provider.requests[0]["logprobs"] is True
    assert "top_logprobs" not in provider.requests[0]


def test_token_ids_are_asked_for_as_vllm_takes_it(provider):
    answer = says("3", choice_fields={"token_ids": [5, 6]}, reply_fields={"prompt_token_ids": [1, 2, 3]})
    trace = traced(provider, answer, "&token_ids=true")
    assert trace == {"finish_reason": "stop", "prompt_token_ids": [1, 2, 3], "token_ids": [5, 6]}
    assert provider.requests[0]["return_token_ids"] is True


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"logprobs": None, "token_ids": None},
        {"logprobs": {"content": None}},
        {"logprobs": {"content": [{**ENTRIES[0], "id": 1}, ENTRIES[1]]}, "token_ids": "none"},
    ],
    ids=["absent", "null", "empty", "some"],
)
def test_what_a_server_does_not_tell_is_left_out(provider, fields):
    trace = traced(provider, says("3", choice_fields=fields), "&token_ids=true&logprobs=true")
    assert "token_ids" not in trace
    assert "prompt_token_ids" not in trace


def test_nothing_is_asked_for_that_is_not_set(provider):
    play(provider.name)
    assert set(provider.requests[0]) == {"model", "messages", "seed", "tools"}


def test_settings_reach_the_provider(provider):
    play(f"{provider.name}&top_p=0.5&reasoning_effort=low&stop=%5B%22END%22%2C+%22%5Cn%22%5D")
    request = provider.requests[0]
    assert (request["top_p"], request["reasoning_effort"], request["stop"]) == (0.5, "low", ["END", "\n"])


@pytest.mark.parametrize(
    ("setting", "stop"),
    [("END", ["END"]), ("%5BEND", ["[END"]), ("%5B1%5D", ["[1]"]), ("7", ["7"]), ("%5B%5D", None), ("", None)],
)
def test_a_stop_that_is_no_list_of_texts_is_one_text(provider, setting, stop):
    play(f"{provider.name}&stop={setting}")
    assert provider.requests[0].get("stop") == stop


@pytest.mark.parametrize(
    "setting", ["top_p=1", "stop=x", "reasoning_effort=low", "logprobs=true", "token_ids=true", "soft=true"]
)
def test_every_setting_of_the_request_tells_replies_apart(provider, tmp_path, setting):
    provider.script = [says("3")]
    name = f"{provider.name}&cache={tmp_path / 'replies'}"
    for asked in (name, f"{name}&{setting}", name, f"{name}&{setting}"):
        play(asked)
    assert len(provider.requests) == 2


def test_a_repeated_run_asks_nothing_and_is_the_same_to_the_last_token(provider, new_run, tmp_path):
    bad = says(None, calls=(("add", "{}"),))
    thought = says(
        "<think>four?</think>4",
        choice_fields={"logprobs": {"content": ENTRIES}, "token_ids": [5, 6]},
        reply_fields={"prompt_token_ids": [1]},
    )
    provider.script = [thought, says("9"), bad, too_long(), says("8"), says("7")]
    name = f"{provider.name}&retries=1&logprobs=true&token_ids=true&cache={tmp_path / 'replies'}"
    runs = []
    for _ in range(2):
        folder, budget = new_run(agents=(name,), episodes=3, concurrency=1, env_kwargs=MORE_TURNS), Budget()
        run_plan(folder, budget=budget)
        runs.append((list(folder.records()), budget.spent, len(provider.requests)))
    (first, spent, asked), (again, spent_again, asked_again) = runs
    assert [record.fault for record in first] == [None] * 3
    assert asked_again == asked
    assert spent_again.calls == 0
    assert spent.calls == sum(record.usage.calls for record in first)
    assert [replace(r, started="", wall_s=0.0) for r in again] == [replace(r, started="", wall_s=0.0) for r in first]
    traces = [step.trace for record in again for step in record.steps]
    assert {key for trace in traces for key in trace} == {
        *("finish_reason", "reasoning", "dropped_messages", "asked_again"),
        *("prompt_token_ids", "token_ids", "logprobs"),
    }


def test_records_keep_traces_and_older_ones_without_them_are_read(provider, new_run):
    folder = new_run(agents=(provider.name,), episodes=1)
    run_plan(folder)
    (record,) = folder.records()
    assert record.steps[0].trace == {"finish_reason": "stop"}
    old = json.loads(record.to_line())
    for step in old["steps"]:
        del step["trace"]
    read = EpisodeRecord.from_line(json.dumps(old).encode())
    assert read.steps[0] == Step(*(getattr(record.steps[0], key) for key in old["steps"][0]))
