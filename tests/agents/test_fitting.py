# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An agent that plays something else than an environment is told so before the first step."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, Space, Text

from rsi_agents import UnfitEnvironment, check_agents, make_agent, make_plan, rollout
from rsi_agents.policies.fitting import check_spaces, check_text
from rsi_envs.core.errors import EnvironmentFault
from tests.agents.adding_env import ADDING
from tests.agents.fakes import GUESSING, MASKED

PICTURE = Box(0, 255, (8, 6, 3), np.uint8)


class FakeModel:
    """A policy of Stable-Baselines3 that plays the first legal action."""

    observation_space: Space = gym.make(MASKED).observation_space
    action_space: Space = gym.make(MASKED).action_space

    @classmethod
    def load(cls, file, device):
        return cls()

    def predict(self, observation, deterministic, action_masks):
        return int(np.flatnonzero(action_masks)[0]), None


@pytest.fixture
def sb3(tmp_path, monkeypatch):
    """The name of an agent that plays the fake model, which other spaces may be given to."""
    monkeypatch.setitem(sys.modules, "sb3_contrib", SimpleNamespace(MaskablePPO=FakeModel))
    (tmp_path / "model.zip").touch()

    def name(observation=None, action=None):
        monkeypatch.setattr(FakeModel, "observation_space", observation or FakeModel.observation_space)
        monkeypatch.setattr(FakeModel, "action_space", action or FakeModel.action_space)
        return f"sb3:{tmp_path / 'model.zip'}"

    return name


def env_of(observation, action=Discrete(2)):  # noqa: B008 - nobody changes it
    env = SimpleNamespace(observation_space=observation, action_space=action, spec=SimpleNamespace(id="test/Own-v0"))
    env.unwrapped = env
    return env


def test_a_policy_plays_where_it_was_trained(sb3):
    assert rollout(gym.make(MASKED), make_agent(sb3()), seed=0).reward == 10.0


def test_a_policy_trained_elsewhere_is_refused_before_the_first_step(sb3):
    with pytest.raises(UnfitEnvironment) as caught:
        rollout(gym.make(GUESSING), make_agent(sb3()), seed=0)
    assert str(caught.value).endswith(
        "model.zip was trained on Box(-inf, inf, (2,), float32) and plays Discrete(5), but test/FakeGuessing-v0 shows "
        "Discrete(1) and takes Discrete(1000000); choose the environment that it was trained in, with the same "
        "arguments"
    )


def test_a_policy_in_an_opponents_seat_of_other_spaces_is_the_environments_fault(sb3):
    env = gym.make("rsi_envs:rsi/Chess-v0", opponent=sb3(), color="black")
    with pytest.raises(EnvironmentFault, match=r"UnfitEnvironment: sb3:.* but Match shows Box\(0, 255, \(8, 8, 119\)"):
        env.reset(seed=0)


def test_a_policy_takes_an_opponents_seat(sb3):
    spaces = gym.make("rsi_envs:rsi/Chess-v0")
    name = sb3(spaces.observation_space, spaces.action_space)
    env = gym.make("rsi_envs:rsi/Chess-v0", opponent=name, color="black")
    env.reset(seed=0)
    assert len(env.unwrapped.board().move_stack) == 1


@pytest.mark.parametrize(
    ("known", "shown", "fits"),
    [
        (Box(0, 1, (2,)), Box(-9, 9, (2,)), True),
        (Box(0, 1, (2,)), Box(0, 1, (3,)), False),
        (Box(0, 1, (2,)), Box(0, 1, (2,), np.float64), False),
        (PICTURE, PICTURE, True),
        (Box(0, 255, (3, 8, 6), np.uint8), PICTURE, True),
        (Box(0, 255, (6, 8, 3), np.uint8), PICTURE, False),
        (Dict(a=Box(0, 1, (2,))), Dict(a=Box(0, 2, (2,))), True),
        (Dict(a=Box(0, 1, (2,))), Dict(b=Box(0, 1, (2,))), False),
        (Discrete(3), Discrete(4), False),
        (Discrete(3), Box(0, 1, (3,)), False),
    ],
)
def test_bounds_of_observations_may_differ_and_nothing_else(known, shown, fits):
    env = env_of(shown)
    if fits:
        check_spaces("x", env, known, Discrete(2), channels_first=True)
    else:
        with pytest.raises(UnfitEnvironment, match=r"x was trained on .* but test/Own-v0 shows"):
            check_spaces("x", env, known, Discrete(2), channels_first=True)


def test_actions_must_be_the_same_and_channels_stay_where_they_are_unless_it_is_said():
    with pytest.raises(UnfitEnvironment):
        check_spaces("x", env_of(PICTURE), PICTURE, Discrete(3))
    with pytest.raises(UnfitEnvironment):
        check_spaces("x", env_of(PICTURE), Box(0, 255, (3, 8, 6), np.uint8), Discrete(2))


@pytest.mark.parametrize("agent", ["llm:openai/x?api_base=http://127.0.0.1:9/v1", "human"])
def test_who_reads_text_is_told_where_it_is_played(agent):
    with pytest.raises(UnfitEnvironment, match=r"takes Discrete\(4672\); choose rsi/ChessText-v0"):
        rollout(gym.make("rsi_envs:rsi/Chess-v0"), make_agent(agent), seed=0)
    with pytest.raises(UnfitEnvironment, match="choose an environment of text, such as rsi/ChessText-v0"):
        rollout(gym.make(MASKED), make_agent(agent), seed=0)


def test_text_must_go_both_ways():
    check_text("x", env_of(Text(9), Text(9)))
    for observation, action in ((Text(9), Discrete(2)), (Discrete(2), Text(9))):
        with pytest.raises(UnfitEnvironment, match="x reads and writes text"):
            check_text("x", env_of(observation, action))


def test_a_plan_is_checked_before_anything_is_played(sb3, monkeypatch):
    check_agents(make_plan(ADDING, ["random", "human", "reference:right"]))
    closed = []
    monkeypatch.setattr("tests.agents.fakes.FakeRecordingAgent.calls", closed)
    recording = "python:tests.agents.fakes:FakeRecordingAgent"
    with pytest.raises(UnfitEnvironment, match=r"model\.zip"):
        check_agents(make_plan(ADDING, [recording, sb3()]))
    assert closed == ["attach", "close"]
