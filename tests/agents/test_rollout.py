# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import time

import gymnasium as gym
import pytest

from rsi_agents import EpisodeTimeout, NoReferences, make_agent, rollout
from rsi_agents.faults import Fault, boundary_of
from rsi_envs.core.budget import Usage
from rsi_envs.core.errors import EnvironmentFault, InvalidAction, TaskNotFound
from tests.agents.adding_env import ADDING
from tests.agents.fakes import (
    FAULTY,
    GUESSING,
    LISTING,
    MASKED,
    FakeListAgent,
    FakeMeteredAgent,
    FakeRecordingAgent,
    FakeScriptedAgent,
)

TASK = {"task_id": "1+2"}


def test_a_rollout_keeps_everything_that_happened():
    env = gym.make(ADDING, max_turns=2)
    trajectory = rollout(env, FakeScriptedAgent(action="x"), seed=3, options=TASK)
    assert trajectory.seed == 3
    assert trajectory.observation.startswith("What is 1+2?")
    assert trajectory.info["task_id"] == "1+2"
    assert [step.action for step in trajectory.steps] == ["x", "x"]
    assert [step.observation for step in trajectory.steps] == ["Not so; try again.", "Done."]
    assert [step.terminated for step in trajectory.steps] == [False, True]
    assert [step.info["malformed"] for step in trajectory.steps] == ["no number", "no number"]
    assert trajectory.verdict.score == 0.0
    assert trajectory.reward == 0.0
    assert trajectory.usage == Usage()
    assert trajectory.wall_s >= 0.0


@pytest.mark.parametrize(("level", "score"), [("right", 1.0), ("wrong", 0.0)])
def test_a_reference_earns_what_it_is_worth_on_every_task(level, score):
    env, agent = gym.make(ADDING), make_agent(f"reference:{level}")
    for task_id in env.unwrapped.task_ids():
        assert rollout(env, agent, seed=0, options={"task_id": task_id}).verdict.score == score


def test_the_optional_methods_are_called_in_their_order():
    FakeRecordingAgent.calls.clear()
    rollout(gym.make(ADDING), FakeRecordingAgent(action="x"), seed=5, options=TASK)
    assert FakeRecordingAgent.calls == ["attach", "reset 5", "act", "observe False", "act", "observe True"]


def test_the_usage_is_that_of_the_episode_alone():
    env, agent = gym.make(ADDING), FakeMeteredAgent()
    for _ in range(2):
        assert rollout(env, agent, seed=0, options=TASK).usage == Usage(16, 4, 0.0, 2)


def test_the_same_seed_plays_the_same_episode():
    env = gym.make(ADDING)
    once, again = (rollout(env, make_agent("random"), seed=9) for _ in range(2))
    assert (once.observation, once.steps) == (again.observation, again.steps)


def test_random_does_not_draw_what_the_environment_draws():
    env, agent = gym.make(GUESSING), make_agent("random")
    assert sum(rollout(env, agent, seed=seed).reward for seed in range(50)) == 0


def test_random_keeps_to_the_action_mask():
    assert rollout(gym.make(MASKED), make_agent("random"), seed=0).reward == 10.0


def test_random_keeps_to_the_legal_actions_that_a_text_environment_lists():
    trajectories = [rollout(gym.make(LISTING), make_agent("random"), seed=seed) for seed in range(40)]
    assert {trajectory.steps[0].action for trajectory in trajectories} == {"heads", "tails"}
    assert all("legal_actions" not in trajectory.steps[-1].info for trajectory in trajectories)
    again = rollout(gym.make(LISTING), make_agent("random"), seed=0)
    assert again.steps == trajectories[0].steps


def test_random_leaves_the_environments_own_space_alone():
    env = gym.make(MASKED)
    env.action_space.seed(1)
    expected = [env.action_space.sample() for _ in range(3)]
    env.action_space.seed(1)
    rollout(env, make_agent("random"), seed=0)
    assert [env.action_space.sample() for _ in range(3)] == expected


def test_an_environment_without_verdicts_gives_none():
    assert rollout(gym.make("CartPole-v1"), make_agent("random"), seed=0).verdict is None


def test_the_deadline_is_checked_between_steps():
    agent = FakeScriptedAgent(action="x", seconds=0.05)
    with pytest.raises(EpisodeTimeout, match="after 1 steps"):
        rollout(gym.make(ADDING, max_turns=50), agent, seed=0, deadline=time.monotonic() + 0.04)


def test_errors_come_as_they_are_and_tell_where_they_came_from():
    with pytest.raises(EnvironmentFault, match="sandbox is gone") as raised:
        rollout(gym.make(FAULTY), FakeScriptedAgent(), seed=0, options={"task_id": "3+1"})
    assert boundary_of(raised.value) == "environment"
    with pytest.raises(ValueError, match="the agent broke") as raised:
        rollout(gym.make(ADDING), FakeScriptedAgent(raises="ValueError"), seed=0)
    assert boundary_of(raised.value) == "agent"
    assert boundary_of(EpisodeTimeout()) == "runner"


def test_an_action_that_is_no_text_is_the_agents_fault():
    with pytest.raises(InvalidAction) as raised:
        rollout(gym.make(ADDING), FakeListAgent(), seed=0)
    fault = Fault.of(raised.value)
    assert (fault.kind, fault.where) == ("InvalidAction", "agent")
    assert "an action here is a str" in fault.message
    assert fault.traceback.startswith("Traceback")


def test_an_unknown_reference_lists_those_there_are():
    with pytest.raises(TaskNotFound, match="there are wrong, right"):
        rollout(gym.make(ADDING), make_agent("reference:best"), seed=0)


def test_an_environment_without_references_says_so():
    with pytest.raises(NoReferences, match="CartPoleEnv has no references"):
        rollout(gym.make("CartPole-v1"), make_agent("reference:best"), seed=0)
