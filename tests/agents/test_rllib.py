# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Policies that RLlib has trained play by name."""

from __future__ import annotations

import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

from rsi_agents import AgentNotFound, UnfitEnvironment, make_agent, rollout
from rsi_envs.core.errors import MissingExtra
from tests.components import need

LAYOUT = (
    "learner_group/learner/rl_module/default_policy",
    "env_runner/env_to_module_connector",
    "env_runner/module_to_env_connector",
)
CHESS = {"observation": "light", "max_plies": 12}


def save(config, folder):
    """Saves an untrained policy in the layout of a checkpoint, without starting Ray."""
    from ray.rllib.env.single_agent_env_runner import SingleAgentEnvRunner

    runner = SingleAgentEnvRunner(config=config.env_runners(num_env_runners=0))
    runner.save_to_path(folder / "env_runner")
    runner.module.save_to_path(folder / LAYOUT[0])
    runner.stop()
    return f"rllib:{folder}"


def ppo(env_id, **model):
    need("rl")
    from ray.rllib.algorithms.ppo import PPOConfig
    from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig

    return PPOConfig().environment(env_id).rl_module(model_config=DefaultModelConfig(fcnet_hiddens=[8], **model))


@pytest.fixture(scope="module")
def chess_policy(tmp_path_factory):
    """A policy for chess, whose planes a connector makes flat, as RLlib has no network for them."""
    config = ppo("rsi_chess")
    from ray.rllib.connectors.env_to_module import FlattenObservations
    from ray.tune.registry import register_env

    register_env("rsi_chess", lambda config: gym.make("rsi_envs:rsi/Chess-v0", **CHESS))
    config.env_runners(env_to_module_connector=lambda env, spaces, device: FlattenObservations())
    return save(config, tmp_path_factory.mktemp("chess"))


def test_what_rllib_has_trained_plays_without_ray_running(tmp_path):
    config = ppo("CartPole-v1").env_runners(num_env_runners=0).learners(num_learners=0)
    import ray

    algorithm = config.training(train_batch_size=64, minibatch_size=32, num_epochs=1).build_algo()
    algorithm.train()
    algorithm.save_to_path(tmp_path / "checkpoint")
    algorithm.stop()
    ray.shutdown()
    agent = make_agent(f"rllib:{tmp_path / 'checkpoint'}")
    first, second = (rollout(gym.make("CartPole-v1"), agent, seed=5) for _ in range(2))
    assert first.reward == len(first.steps) > 1
    assert [int(step.action) for step in first.steps] == [int(step.action) for step in second.steps]
    assert not ray.is_initialized()


def test_the_legal_actions_alone_are_played(chess_policy):
    trajectory = rollout(gym.make("rsi_envs:rsi/Chess-v0", **CHESS), make_agent(chess_policy), seed=1)
    assert len(trajectory.steps) == 6
    assert not any("malformed" in step.info for step in trajectory.steps)


def test_it_takes_an_opponents_seat(chess_policy):
    env = gym.make("rsi_envs:rsi/Chess-v0", opponent=chess_policy, color="black", **CHESS)
    _, info = env.reset(seed=0)
    env.step(int(np.flatnonzero(info["action_mask"])[0]))
    assert len(env.unwrapped.board().move_stack) == 3


def test_continuous_actions_come_within_their_bounds(tmp_path):
    agent = make_agent(save(ppo("Pendulum-v1"), tmp_path))
    trajectory = rollout(gym.make("Pendulum-v1", max_episode_steps=5), agent, seed=0)
    space = gym.make("Pendulum-v1").action_space
    assert all(space.contains(step.action) for step in trajectory.steps)
    assert len(trajectory.steps) == 5


def test_a_policy_with_a_memory_keeps_it_for_the_episode(tmp_path):
    agent = make_agent(save(ppo("CartPole-v1", use_lstm=True, max_seq_len=4), tmp_path))
    env = gym.make("CartPole-v1")
    trajectories = [rollout(env, agent, seed=2) for _ in range(2)]
    first, second = ([int(step.action) for step in trajectory.steps] for trajectory in trajectories)
    assert first == second
    agent.reset(0)
    logits = []
    for _ in range(3):
        agent.act(np.zeros(4, np.float32), {})
        logits.append(agent._outputs["action_dist_inputs"][0])
    assert not np.allclose(logits[0], logits[2])


def test_other_spaces_are_refused_before_the_first_step(chess_policy):
    with pytest.raises(UnfitEnvironment, match=r"trained on Box\(0, 255, \(8, 8, 20\), uint8\) .* CartPole-v1 shows"):
        rollout(gym.make("CartPole-v1"), make_agent(chess_policy), seed=0)
    with pytest.raises(UnfitEnvironment, match=r"rsi/Chess-v0 shows Box\(0, 255, \(8, 8, 119\)"):
        rollout(gym.make("rsi_envs:rsi/Chess-v0"), make_agent(chess_policy), seed=0)


def test_what_is_no_checkpoint_is_named(tmp_path):
    with pytest.raises(AgentNotFound, match=r"none is no checkpoint of RLlib .* it lacks learner_group.*save_to_path"):
        make_agent("rllib:none")


@pytest.fixture
def hollow(tmp_path):
    for part in LAYOUT:
        (tmp_path / part).mkdir(parents=True)
    return tmp_path


def test_a_checkpoint_that_can_not_be_read_is_named(hollow):
    need("rl")
    with pytest.raises(AgentNotFound, match="default_policy holds no RLModule that can be loaded"):
        make_agent(f"rllib:{hollow}")


def test_missing_packages_name_their_extra(hollow, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    for name in [name for name in sys.modules if name.startswith("ray.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingExtra, match=r"pip install 'rsi-envs\[scale\]'"):
        make_agent(f"rllib:{Path(hollow)}")
