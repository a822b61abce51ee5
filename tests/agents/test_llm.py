# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
import os

import gymnasium as gym
import pytest

from rsi_agents import make_agent, rollout
from rsi_envs.core.budget import Budget
from rsi_envs.core.errors import BudgetExhausted, ChatError, MissingKey, ModelRefused, ModelUnreachable
from rsi_envs.core.throttle import shared_throttle
from tests.agents.adding_env import ADDING
from tests.agents.fake_provider import Answer, fails, says

TASK = {"task_id": "1+2"}
REAL_SERVER = os.environ.get("RSI_TEST_LLM_BASE")


def play(name, seed=0, **env):
    return rollout(gym.make(ADDING, **env), make_agent(name), seed=seed, options=TASK)


def test_the_reply_is_the_action_and_its_tokens_are_counted(provider):
    provider.script = [says("3")]
    trajectory = play(provider.name)
    assert trajectory.steps[0].action == "3"
    assert trajectory.verdict.score == 1.0
    assert trajectory.usage.total_tokens == 10
    assert trajectory.usage.calls == 1


def test_the_model_is_told_what_the_name_says(provider):
    play(f"{provider.name}&temperature=0&max_tokens=9&tools=text", seed=42)
    request = provider.requests[0]
    assert (request["temperature"], request["max_tokens"], request["seed"]) == (0.0, 9, 42)
    assert "tools" not in request


def test_the_conversation_holds_every_turn_once(provider):
    provider.script = [says("4"), says("3")]
    play(provider.name)
    assert provider.requests[1]["messages"] == [
        {"role": "system", "content": "You add numbers."},
        {"role": "user", "content": "What is 1+2? Answer with a number alone."},
        {"role": "assistant", "content": "4"},
        {"role": "user", "content": "Not so; try again."},
    ]


def test_a_new_episode_begins_a_new_conversation(provider):
    env, agent = gym.make(ADDING), make_agent(provider.name)
    for _ in range(2):
        rollout(env, agent, seed=0, options=TASK)
    assert len(provider.requests[2]["messages"]) == 2


@pytest.mark.parametrize(("setting", "roles"), [("Be+brief.", ["system", "user"]), ("", ["user"])])
def test_an_own_system_prompt_replaces_the_environments(provider, setting, roles):
    play(f"{provider.name}&system_prompt={setting}")
    messages = provider.requests[0]["messages"]
    assert [message["role"] for message in messages] == roles
    assert "You add numbers." not in json.dumps(messages)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("", "You add numbers.\n\nCount on your fingers."),
        ("&system_prompt=Be+brief.", "Be brief.\n\nCount on your fingers."),
        ("&system_prompt=", "Count on your fingers."),
    ],
)
def test_instructions_follow_the_system_prompt(provider, tmp_path, setting, told):
    (tmp_path / "instructions").write_text("Count on your fingers.\n")
    play(f"{provider.name}&instructions={tmp_path / 'instructions'}{setting}")
    assert provider.requests[0]["messages"][0] == {"role": "system", "content": told}


def test_empty_instructions_change_nothing(provider, tmp_path):
    (tmp_path / "instructions").write_text("\n")
    play(f"{provider.name}&instructions={tmp_path / 'instructions'}&system_prompt=")
    assert [message["role"] for message in provider.requests[0]["messages"]] == ["user"]


def test_other_instructions_are_another_request_to_a_cache(provider, tmp_path):
    (tmp_path / "instructions").write_text("Count.")
    name = f"{provider.name}&cache={tmp_path / 'replies'}"
    provider.script = [says("3")]
    for instructed in (name, f"{name}&instructions={tmp_path / 'instructions'}", name):
        play(instructed)
    assert len(provider.requests) == 2


def test_the_first_native_tool_call_becomes_the_action(provider):
    provider.script = [says(None, calls=(("answer", '{"number": 3}'), ("answer", '{"number": 4}')))]
    trajectory = play(provider.name)
    assert provider.requests[0]["tools"][0]["function"]["name"] == "answer"
    assert json.loads(trajectory.steps[0].action) == {"name": "answer", "arguments": {"number": 3}}
    assert trajectory.verdict.score == 1.0


def test_a_tools_result_answers_its_call(provider):
    provider.script = [says("Let me see.", calls=(("answer", '{"number": 5}'),)), says("3")]
    play(provider.name)
    call, result = provider.requests[1]["messages"][-2:]
    assert call["content"] == "Let me see."
    assert call["tool_calls"][0]["function"] == {"name": "answer", "arguments": '{"number": 5}'}
    assert result == {"role": "tool", "tool_call_id": call["tool_calls"][0]["id"], "content": "Not so; try again."}


def test_unreadable_tool_arguments_are_a_malformed_action_and_no_fault(provider):
    provider.script = [says(None, calls=(("answer", '{"number": '),))]
    trajectory = play(provider.name, max_turns=1)
    assert trajectory.steps[0].info["malformed"] == "no number"


def test_a_rate_limit_is_waited_out_as_long_as_the_server_says(provider):
    provider.script = [fails(429, retry_after="1"), says("3")]
    assert play(provider.name).verdict.score == 1.0
    assert provider.times[1] - provider.times[0] >= 1.0


def test_passing_server_errors_are_tried_again(provider):
    provider.script = [fails(500), fails(503), says("3")]
    assert play(provider.name).verdict.score == 1.0
    assert len(provider.requests) == 3


@pytest.mark.parametrize("status", [429, 503, 529])
def test_a_server_that_has_too_much_to_do_is_sent_less_at_once_and_asked_again(provider, status):
    provider.script = [fails(status), says("3")]
    assert play(f"{provider.name}&max_concurrency=8").verdict.score == 1.0
    assert shared_throttle(("openai/fake", provider.base)).size == 4


def test_anthropics_word_for_too_much_to_do_is_understood(provider):
    provider.script = [fails(529)]
    with pytest.raises(ModelUnreachable):
        play(f"llm:anthropic/fake?api_base={provider.base}&max_concurrency=8&max_attempts=1")
    assert shared_throttle(("anthropic/fake", provider.base)).size == 4


def test_an_answer_without_a_choice_is_paid_for_all_the_same(provider):
    provider.script = [says(None, reply_fields={"choices": []})]
    budget = Budget()
    with pytest.raises(ModelUnreachable, match="without a choice"):
        make_agent(provider.name, budget=budget).act("?", {})
    assert budget.spent.total_tokens == 10


def test_a_server_that_does_not_name_its_model_is_understood(provider):
    provider.script = [says("3", reply_fields={"model": None})]
    assert play(provider.name).usage.total_tokens == 10


def test_a_server_that_never_recovers_is_unreachable(provider):
    provider.script = [fails(500)]
    with pytest.raises(ModelUnreachable, match="2 attempts"):
        play(f"{provider.name}&max_attempts=2")
    assert len(provider.requests) == 2


def test_a_refusal_is_not_tried_again(provider):
    provider.script = [fails(400)]
    with pytest.raises(ModelRefused, match="injected 400"):
        play(provider.name)
    assert len(provider.requests) == 1


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"", b'{"object": "chat.completion", "choices": []}'])
def test_garbage_from_the_server_is_a_named_error(provider, body):
    provider.script = [Answer(body)]
    with pytest.raises(ChatError):
        play(f"{provider.name}&max_attempts=1")


def test_nobody_listening_is_unreachable():
    with pytest.raises(ModelUnreachable, match="no reply in 1 attempts"):
        play("llm:openai/x?api_base=http://127.0.0.1:9/v1&max_attempts=1")


def test_a_missing_key_is_named(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(MissingKey, match="OPENAI_API_KEY"):
        play("llm:openai/gpt-4o?max_attempts=1")


def test_a_spent_budget_sends_nothing(provider):
    budget = Budget(max_tokens=10)
    agent = make_agent(provider.name, budget=budget)
    with pytest.raises(BudgetExhausted, match="10 tokens is spent"):
        rollout(gym.make(ADDING), agent, seed=0, options=TASK)
    assert len(provider.requests) == 1


@pytest.mark.skipif(not REAL_SERVER, reason="needs a real model: set RSI_TEST_LLM_BASE to an OpenAI-style server")
def test_a_real_model_plays_an_episode():
    model = os.environ.get("RSI_TEST_LLM_MODEL", "openai/coder-0.5b")
    trajectory = play(f"llm:{model}?api_base={REAL_SERVER}&temperature=0&max_tokens=16&tools=text")
    assert trajectory.verdict is not None
    assert trajectory.usage.prompt_tokens > 0
    assert trajectory.usage.completion_tokens > 0
