# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Policies of Stable-Baselines3 play by name, and its own check passes on the numeric environments."""

from __future__ import annotations

import sys

import gymnasium as gym
import numpy as np
import pytest

from rsi_agents import AgentNameError, AgentNotFound, make_agent, rollout
from rsi_envs.core.errors import MissingExtra
from tests.components import need

NUMERIC = ["rsi/Chess-v0"]


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    need("rl")
    import sb3_contrib

    env = gym.make("rsi_envs:rsi/Chess-v0", observation="light", max_plies=6)
    model = sb3_contrib.MaskablePPO("MlpPolicy", env, n_steps=16, batch_size=16, n_epochs=1, seed=0)
    model.learn(16)
    file = tmp_path_factory.mktemp("model") / "model.zip"
    model.save(file)
    return file


def test_a_saved_policy_plays_legally_and_the_same_every_time(model_file):
    env = gym.make("rsi_envs:rsi/Chess-v0", observation="light", max_plies=12)
    trajectories = [rollout(env, make_agent(f"sb3:{model_file}"), seed=1) for _ in range(2)]
    first, second = ([int(step.action) for step in trajectory.steps] for trajectory in trajectories)
    assert first == second
    assert len(first) == 6
    assert not any("malformed" in step.info for step in trajectories[0].steps)


def test_a_policy_that_draws_plays_by_the_episodes_seed_and_leaves_torch_alone(model_file):
    import torch

    env = gym.make("rsi_envs:rsi/Chess-v0", observation="light", max_plies=12)
    agent = make_agent(f"sb3:{model_file}?deterministic=false")
    torch.manual_seed(0)
    before = torch.get_rng_state()
    games = []
    for seed in (1, 1, 3):
        observation, info = env.reset(seed=0)
        agent.reset(seed)
        games.append([int(agent.act(observation, info)) for _ in range(8)])
        assert all(info["action_mask"][action] for action in games[-1])
    assert games[0] == games[1] != games[2]
    assert len(set(games[0])) > 1
    assert torch.equal(before, torch.get_rng_state())
    agent.reset(None)
    agent.act(observation, info)


def test_drawn_actions_are_as_frequent_as_they_are_probable(model_file):
    import sb3_contrib
    import torch

    env = gym.make("rsi_envs:rsi/Chess-v0", observation="light", start="KRvK", color="black")
    observation, info = env.reset(seed=0)
    model = sb3_contrib.MaskablePPO.load(model_file)
    mask = info["action_mask"].astype(bool)
    with torch.no_grad():
        known = model.policy.get_distribution(model.policy.obs_to_tensor(observation)[0], action_masks=mask)
    agent = make_agent(f"sb3:{model_file}?deterministic=false")
    agent.reset(0)
    drawn = np.bincount([int(agent.act(observation, info)) for _ in range(1000)], minlength=mask.size) / 1000
    assert np.abs(drawn - known.distribution.probs[0].numpy()).max() < 0.08


def test_an_algorithm_without_probabilities_can_not_draw(tmp_path):
    need("rl")
    from stable_baselines3 import DQN

    DQN("MlpPolicy", gym.make("CartPole-v1"), buffer_size=10, policy_kwargs={"net_arch": [4]}).save(
        tmp_path / "dqn.zip"
    )
    assert make_agent(f"sb3:{tmp_path / 'dqn.zip'}?algorithm=DQN")
    with pytest.raises(AgentNameError, match="DQN has no probabilities to draw actions by"):
        make_agent(f"sb3:{tmp_path / 'dqn.zip'}?algorithm=DQN&deterministic=false")


def test_a_saved_policy_is_an_opponent(model_file):
    env = gym.make("rsi_envs:rsi/Chess-v0", observation="light", opponent=f"sb3:{model_file}", color="black")
    _, info = env.reset(seed=0)
    assert len(env.unwrapped.board().move_stack) == 1
    env.step(int(np.flatnonzero(info["action_mask"])[0]))
    assert len(env.unwrapped.board().move_stack) == 3


def test_a_file_that_is_no_model_is_named(tmp_path, model_file):
    with pytest.raises(AgentNotFound, match=r"there is no model 'none\.zip'"):
        make_agent("sb3:none.zip")
    (tmp_path / "empty.zip").write_bytes(b"")
    with pytest.raises(AgentNotFound, match=r"empty\.zip holds no model"):
        make_agent(f"sb3:{tmp_path / 'empty.zip'}")
    with pytest.raises(AgentNameError, match="MaskedPPO"):
        make_agent(f"sb3:{model_file}?algorithm=MaskedPPO")


def test_missing_packages_name_their_extra(tmp_path, monkeypatch):
    for package in ("sb3_contrib", "stable_baselines3"):
        monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / "model.zip").touch()
    with pytest.raises(MissingExtra, match=r"pip install 'rsi-envs\[rl\]'"):
        make_agent(f"sb3:{tmp_path / 'model.zip'}")


@pytest.mark.filterwarnings("ignore:It seems that your observation space", "ignore:The minimal resolution")
@pytest.mark.parametrize("env_id", NUMERIC)
def test_stable_baselines_own_check_passes(env_id):
    need("rl")
    from stable_baselines3.common.env_checker import check_env

    check_env(gym.make(f"rsi_envs:{env_id}").unwrapped)
