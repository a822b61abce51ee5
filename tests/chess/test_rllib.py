# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""RLlib's own checks pass, and its runners collect episodes, with one agent and with two."""

from __future__ import annotations

import gymnasium as gym
import pytest
from gymnasium.wrappers import FlattenObservation

from rsi_envs.chess import aec_env
from tests.components import problem_with

pytestmark = pytest.mark.skipif(bool(problem_with("rl")), reason=str(problem_with("rl")))


def test_rllibs_check_of_environments_for_several_agents_passes() -> None:
    from ray.rllib.env.wrappers.pettingzoo_env import PettingZooEnv
    from ray.rllib.utils.pre_checks.env import check_multiagent_environments

    env = PettingZooEnv(aec_env(max_plies=20))
    check_multiagent_environments(env)
    env.close()


def test_an_rllib_runner_collects_games() -> None:
    from ray.rllib.algorithms.ppo import PPOConfig
    from ray.rllib.env.single_agent_env_runner import SingleAgentEnvRunner
    from ray.tune.registry import register_env

    # Flat, because RLlib has no default network for planes of this size.
    register_env("rsi_chess", lambda config: FlattenObservation(gym.make("rsi_envs:rsi/Chess-v0", **config)))
    config = (
        PPOConfig()
        .environment("rsi_chess", env_config={"observation": "light", "max_plies": 4})
        .env_runners(num_env_runners=0, num_envs_per_env_runner=2)
    )
    runner = SingleAgentEnvRunner(config=config)
    episodes = runner.sample(num_episodes=3, random_actions=True)
    assert len(episodes) >= 3
    assert all(episode.is_done and -1.0 <= episode.get_return() <= 1.0 for episode in episodes)
    runner.stop()
