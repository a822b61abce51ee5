# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A reply that can't be an action is noticed before it is played, told to the model, and asked for again."""

from __future__ import annotations

import json

import gymnasium as gym
import pytest

from rsi_agents import make_agent, rollout
from rsi_agents.policies.screening import problem_with
from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.chat import Reply
from rsi_envs.core.errors import BudgetExhausted, InvalidOption
from rsi_envs.core.hearing import judging_info
from rsi_envs.core.judging import JudgingTask
from rsi_envs.core.tools import ToolCall
from tests.agents.adding_env import ADDING, AddingEnv
from tests.agents.fake_provider import says, too_long

TOOLS = {"tools": [tool.schema() for tool in AddingEnv().tools]}
MOVES = {"legal_actions": ["<move>e2e4</move>", "<move>g1f3</move>"], "tools": []}
SAN = {"legal_actions": ["<move>Nf3+</move>", "<move>O-O</move>"]}
COINS = {"legal_actions": ["heads", "tails"]}
JUDGING = judging_info(JudgingTask("Greet.", ("hello", "no")))
BAD_CALL = says(None, calls=(("add", "{}"),))


def play(name, turns=2, budget=None):
    agent = make_agent(name, budget=budget)
    return rollout(gym.make(ADDING, max_turns=turns), agent, seed=0, options={"task_id": "1+2"})


@pytest.mark.parametrize(
    ("text", "info"),
    [
        ("anything", {}),
        ('{"name": "add"}', {"tools": []}),
        ("3", TOOLS),
        ('{"name": "answer", "arguments": {"number": 3}}', TOOLS),
        ("<move>e2e4</move>", MOVES),
        ("I play e2e4, for the centre.", MOVES),
        ("**G1F3**", MOVES),
        ("Nf3 it is", SAN),
        ("o-o!", SAN),
        ("Heads.", COINS),
        ('{"rationale": "warmer", "ranking": "A > B"}', JUDGING),
        (' {"ranking": "A > B"}', JUDGING),
        ('Well, {x}: ```json\n{"rationale": "it is {warm}", "ranking": "B > A"}\n```', JUDGING),
    ],
)
def test_what_may_be_an_action_is_left_to_the_environment(text, info):
    assert problem_with(Reply(text), info) is None


@pytest.mark.parametrize(
    ("text", "info", "problem"),
    [
        (" \n", {}, "it is empty"),
        ('{"name": 3}', {}, "a tool call is"),
        ('{"name": "add", "arguments": {}}', TOOLS, "there is no tool 'add'; there are answer"),
        ('{"name": "answer", "arguments": {}}', TOOLS, "the call of answer lacks number"),
        ("e2e5", MOVES, "it holds none of the legal actions: <move>e2e4</move>, <move>g1f3</move>"),
        ("ee2e4", MOVES, "none of the legal actions"),
        ("edge", COINS, "it holds none of the legal actions: heads, tails"),
        ("A is better", JUDGING, "there is no JSON in it"),
        ('{"ranking":  "A > B"}', JUDGING, "'rationale' is a required property"),
        ('{"rationale": "", "ranking": "A > C"}', JUDGING, "'A > C' is not one of"),
        ('{"rationale": "", "ranking": "A > B"', JUDGING, "there is no JSON in it"),
        ("[" * 100_000, JUDGING, "there is no JSON in it"),
    ],
)
def test_what_can_not_be_an_action_is_told_why(text, info, problem):
    assert problem in problem_with(Reply(text), info)


def test_long_lists_of_actions_are_cut_in_what_the_model_is_told():
    told = problem_with(Reply("x"), {"legal_actions": [f"a{i}" for i in range(100)]})
    assert told.endswith("a38, a39, …")


def test_native_calls_are_looked_at_as_written_ones_are():
    assert problem_with(Reply("", (ToolCall("answer", {"number": 3}),)), TOOLS) is None
    assert "no tool 'add'" in problem_with(Reply("", (ToolCall("add", {}),)), TOOLS)
    assert (
        problem_with(Reply('{"number": ', misspelt=True), TOOLS) == "the arguments of the tool call are no JSON object"
    )
    assert problem_with(Reply("", finish_reason="length"), {}) == "it was cut off before it said anything"


def test_a_bad_reply_is_asked_for_again_and_forgotten(provider):
    provider.script = [says(""), says('{"name": "add"}'), says("4"), says("3")]
    trajectory = play(f"{provider.name}&retries=2&tools=text")
    assert [step.action for step in trajectory.steps] == ["4", "3"]
    assert [step.info["malformed"] for step in trajectory.steps] == [None, None]
    asked = [[(m["role"], m["content"]) for m in request["messages"]] for request in provider.requests]
    assert asked[2][2:] == [
        ("assistant", ""),
        ("user", "That reply can't be used: it is empty. Give another one, in the form that was asked for."),
        ("assistant", '{"name": "add"}'),
        (
            "user",
            "That reply can't be used: there is no tool 'add'; there are answer. "
            "Give another one, in the form that was asked for.",
        ),
    ]
    assert asked[3][2:] == [("assistant", "4"), ("user", "Not so; try again.")]
    assert trajectory.steps[0].trace["asked_again"] == ["it is empty", "there is no tool 'add'; there are answer"]
    assert "asked_again" not in trajectory.steps[1].trace
    assert trajectory.usage == Usage(28, 12, 0.0, 4)


def test_a_bad_native_call_is_answered_as_a_call(provider):
    provider.script = [BAD_CALL, says("3")]
    assert play(f"{provider.name}&retries=1").verdict.score == 1.0
    call, complaint = provider.requests[1]["messages"][-2:]
    assert complaint["role"] == "tool"
    assert complaint["tool_call_id"] == call["tool_calls"][0]["id"]
    assert "there is no tool 'add'" in complaint["content"]


def test_retries_are_those_of_a_whole_episode_and_then_the_environment_judges(provider):
    provider.script = [BAD_CALL, says("4"), BAD_CALL, BAD_CALL]
    agent = make_agent(f"{provider.name}&retries=2")
    env = gym.make(ADDING)
    trajectory = rollout(env, agent, seed=0, options={"task_id": "1+2"})
    assert json.loads(trajectory.steps[1].action) == {"name": "add", "arguments": {}}
    assert trajectory.steps[1].info["malformed"] == "no number"
    assert len(provider.requests) == 4
    rollout(env, agent, seed=0, options={"task_id": "1+2"})
    assert len(provider.requests) == 8


def test_without_retries_every_reply_is_played(provider):
    provider.script = [says("")]
    assert [step.info["malformed"] for step in play(provider.name).steps] == ["no number"] * 2
    with pytest.raises(InvalidOption, match="retries is -1"):
        make_agent(f"{provider.name}&retries=-1")


def test_asking_again_spends_the_budget(provider):
    provider.script = [says("")]
    budget = Budget(max_tokens=25)
    with pytest.raises(BudgetExhausted):
        play(f"{provider.name}&retries=9", budget=budget)
    assert budget.spent.calls == len(provider.requests) == 3


def test_the_question_stays_where_the_window_is_full_while_asking_again(provider):
    provider.script = [says("9"), says("8"), BAD_CALL, too_long(), says("3")]
    trajectory = play(f"{provider.name}&retries=1", turns=3)
    contents = [message.get("content") for message in provider.requests[-1]["messages"]]
    assert contents[:4] == ["You add numbers.", contents[1], "8", "Not so; try again."]
    assert len(contents) == 6
    assert trajectory.steps[-1].trace["dropped_messages"] == 2


def test_a_bad_reply_is_played_where_there_is_no_room_to_ask_again(provider):
    provider.script = [BAD_CALL, too_long(), says("3")]
    trajectory = play(f"{provider.name}&retries=5")
    assert [step.info["malformed"] for step in trajectory.steps] == ["no number", None]
    assert trajectory.verdict.score == 1.0
