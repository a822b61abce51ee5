# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a model is shown fits its window, keeps its order, and never parts a call from its result."""

from __future__ import annotations

import gymnasium as gym
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents import make_agent, rollout
from rsi_agents.policies.context import Conversation
from rsi_envs.core.errors import InvalidOption, PromptTooLong
from rsi_envs.core.window import Window
from tests.agents.adding_env import ADDING
from tests.agents.fake_provider import says, too_long

TURNS = 6


def play(name, turns=TURNS):
    return rollout(gym.make(ADDING, max_turns=turns), make_agent(name), seed=0, options={"task_id": "1+2"})


def conversation(exchanges, opening=2):
    """So many exchanges, every other one a tool call with its result; each message is as long as its number says."""
    made = Conversation(tuple({"role": "user", "content": f"opening {i}"} for i in range(opening)))
    for i, (reply, answer) in enumerate(exchanges):
        if i % 2:
            made = made.followed_by(
                {"role": "assistant", "content": "r" * reply, "tool_calls": [{"id": f"c{i}"}]},
                {"role": "tool", "content": "a" * answer, "tool_call_id": f"c{i}"},
            )
        else:
            made = made.followed_by(
                {"role": "assistant", "content": "r" * reply}, {"role": "user", "content": "a" * answer}
            )
    return made


def size(messages):
    return sum(len(message["content"]) for message in messages)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=12), st.integers(0, 800), st.integers(1, 3))
def test_what_is_shown_fits_or_only_what_always_stays_is_left(exchanges, bound, held):
    whole = conversation(exchanges)
    for _ in range(held - 1):
        whole = whole.asked_again({"role": "assistant", "content": "bad"}, {"role": "user", "content": "again"})
    fitted = whole.fitting(lambda messages: size(messages) <= bound)
    shown, everything = fitted.messages, whole.messages
    assert size(shown) <= bound or len(fitted.exchanges) == min(held, len(whole.exchanges))
    assert shown[:2] == everything[:2]
    assert shown[2:] == everything[2 + 2 * fitted.dropped :]
    assert fitted.length == whole.length
    if fitted.dropped:
        assert size(whole.without_oldest(fitted.dropped - 1).messages) > bound
    calls = {message["tool_calls"][0]["id"] for message in shown if "tool_calls" in message}
    assert calls == {message["tool_call_id"] for message in shown if message["role"] == "tool"}


def test_as_much_is_left_out_as_may_be_and_no_more():
    whole = conversation([(1, 1)] * 4)
    assert whole.droppable == 3
    assert whole.without_oldest(9).dropped == 3
    assert whole.without_oldest(9).droppable == 0
    assert Conversation().droppable == 0


def test_a_window_is_the_one_that_is_named_or_listed_or_none_at_all():
    message = [{"role": "user", "content": "word " * 100}]
    assert Window("openai/fake").holds(message * 1000)
    assert Window("openai/fake", context_tokens=150).holds(message)
    assert not Window("openai/fake", context_tokens=150, max_tokens=100).holds(message)
    assert not Window("openai/fake", context_tokens=50).holds(message)
    assert Window("openai/gpt-4o").holds(message * 1000)
    assert not Window("openai/gpt-4o").holds(message * 2000)
    assert Window("openai/gpt-4o", context_tokens=10**6).holds(message * 2000)


def test_tools_take_room_too():
    tool = {"type": "function", "function": {"name": "f", "description": "word " * 100, "parameters": {}}}
    window = Window("openai/fake", context_tokens=80)
    assert window.holds([{"role": "user", "content": "x"}])
    assert not window.holds([{"role": "user", "content": "x"}], tools=[tool])


def test_a_window_of_nothing_is_refused():
    with pytest.raises(InvalidOption, match="context_tokens is 0"):
        make_agent("llm:openai/fake?context_tokens=0")


def test_the_oldest_exchanges_are_left_out_and_the_trace_counts_them(provider):
    provider.script = [says(f"{i} {'word ' * 20}") for i in range(10, 10 + TURNS)]
    trajectory = play(f"{provider.name}&tools=text&context_tokens=110")
    sent = [[message["content"] for message in request["messages"]] for request in provider.requests]
    assert all(contents[0] == "You add numbers." for contents in sent)
    assert all(contents[1].startswith("What is 1+2?") for contents in sent)
    assert [[int(reply.split()[0]) for reply in contents[2::2]] for contents in sent] == [
        *([], [10], [10, 11]),
        *([11, 12], [12, 13], [13, 14]),
    ]
    assert [step.trace.get("dropped_messages", 0) for step in trajectory.steps] == [0, 0, 0, 2, 4, 6]


def test_room_is_left_for_the_reply(provider):
    provider.script = [says(f"{i} {'word ' * 20}") for i in range(10, 10 + TURNS)]
    play(f"{provider.name}&tools=text&context_tokens=160&max_tokens=50")
    assert max(len(request["messages"]) for request in provider.requests) == 6


def test_what_a_server_refuses_as_too_long_is_asked_with_less(provider):
    provider.script = [*[says(str(i)) for i in range(10, 15)], too_long(), too_long(), says("3")]
    trajectory = play(provider.name)
    assert [len(request["messages"]) for request in provider.requests] == [2, 4, 6, 8, 10, 12, 8, 6]
    assert [message["content"] for message in provider.requests[-1]["messages"][2::2]] == ["13", "14"]
    assert trajectory.steps[-1].trace["dropped_messages"] == 6
    assert trajectory.verdict.score == 1.0


def test_what_a_server_refused_stays_left_out(provider):
    provider.script = [*[says(str(i)) for i in range(10, 13)], too_long(), says("13"), says("3")]
    trajectory = play(provider.name)
    assert [len(request["messages"]) for request in provider.requests] == [2, 4, 6, 8, 6, 8]
    assert [step.trace.get("dropped_messages", 0) for step in trajectory.steps] == [0, 0, 0, 2, 2]


def test_an_assignment_that_is_too_long_is_a_named_error(provider):
    provider.script = [too_long()]
    with pytest.raises(PromptTooLong, match="nothing more can be left out"):
        play(provider.name)
    assert len(provider.requests) == 1


def test_a_schema_is_not_blamed_for_a_full_window(provider):
    provider.script = [too_long(), says("{}")]
    agent = make_agent(provider.name)
    with pytest.raises(PromptTooLong):
        agent.act("?", {"schema": {"type": "object"}})
    agent.reset(0)
    agent.act("?", {"schema": {"type": "object"}})
    assert "response_format" in provider.requests[1]


def test_calls_keep_names_of_their_own_when_others_are_left_out(provider):
    provider.script = [*[says(None, calls=(("answer", '{"number": 9}'),))] * 3, too_long(), says("9"), says("3")]
    play(provider.name)
    for request in provider.requests:
        calls = [m["tool_calls"][0]["id"] for m in request["messages"] if "tool_calls" in m]
        assert calls == [m["tool_call_id"] for m in request["messages"] if m["role"] == "tool"]
        assert len(set(calls)) == len(calls)
