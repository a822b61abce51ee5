# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An agent criticises its answer and answers again, until it is content."""

from __future__ import annotations

import gymnasium as gym
import pytest

from rsi_agents import make_agent, rollout
from rsi_agents.policies import prompts
from rsi_agents.policies.self_refine import SelfRefine, is_content
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judging import JudgingTask
from tests.agents.adding_env import ADDING
from tests.agents.fake_provider import says
from tests.agents.fakes import FakeTellingAgent


def refined(script: str, rounds: int = 2) -> tuple[FakeTellingAgent, SelfRefine, list[str]]:
    inner = FakeTellingAgent(script=script)
    agent = SelfRefine(inner, rounds=rounds)
    trajectory = rollout(gym.make(ADDING, max_turns=1), agent, seed=0, options={"task_id": "1+2"})
    return inner, agent, [step.action for step in trajectory.steps]


def test_the_last_draft_is_played():
    inner, agent, actions = refined("9|Too much.|4|Still too much.|3")
    assert actions == ["3"]
    shown = [observation for observation, _ in inner.shown]
    assert shown[1:] == [prompts.CRITICISE, prompts.IMPROVE] * 2
    assert agent.trace == {
        "candidates": ["9", "4", "3"],
        "chosen": 2,
        "criticisms": ["Too much.", "Still too much."],
    }


def test_a_content_agent_is_not_asked_further():
    inner, agent, actions = refined("3|NOTHING TO IMPROVE|9")
    assert actions == ["3"]
    assert len(inner.shown) == 2
    assert agent.trace["criticisms"] == ["NOTHING TO IMPROVE"]


def test_one_round_asks_twice_more():
    inner, _, actions = refined("9|Too much.|4|No.|3", rounds=1)
    assert (actions, len(inner.shown)) == (["4"], 3)


@pytest.mark.parametrize(
    "said", ["NOTHING TO IMPROVE", "**Nothing to improve.**", "All is well.\n\nNOTHING TO IMPROVE\n"]
)
def test_content_is_said_on_a_line_of_its_own(said):
    assert is_content(said)


@pytest.mark.parametrize(
    "said", ["", "There is NOTHING TO IMPROVE but the end.", "NOTHING TO IMPROVE in line 1", "I give up"]
)
def test_nothing_else_says_so(said):
    assert not is_content(said)


def test_the_form_that_content_has_is_the_one_that_is_asked_for():
    assert is_content(prompts.CRITICISE)


def test_criticism_has_no_form_and_no_tools_and_an_answer_has_its_own(provider):
    provider.script = [says('{"ranking": "A > B"}'), says("B is shorter."), says('{"ranking": "B > A"}')]
    name = f"self_refine?rounds=1 of {provider.name}"
    assert AgentJudge(name).judge(JudgingTask("Be brief.", ("long", "b"))).order == ((1,), (0,))
    assert ["response_format" in request for request in provider.requests] == [True, False, True]
    provider.script, provider.requests = [says("4"), says("Three."), says("3")], []
    rollout(gym.make(ADDING), make_agent(name), seed=0, options={"task_id": "1+2"})
    assert ["tools" in request for request in provider.requests] == [True, False, True]
    roles = [message["role"] for message in provider.requests[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
