# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rllib:CHECKPOINT`: a policy trained with RLlib."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Discrete

from rsi_agents.errors import AgentNotFound
from rsi_agents.loading import load_extra
from rsi_agents.policies.fitting import check_spaces

# As RLlib lays out what `Algorithm.save_to_path` writes.
_TO_MODULE = Path("env_runner", "env_to_module_connector")
_MODULE = Path("learner_group", "learner", "rl_module", "default_policy")
_TO_ENV = Path("env_runner", "module_to_env_connector")


class RllibAgent:
    """Plays the likeliest action of a saved policy, among the legal ones where `info["action_mask"]` says which.

    Observations and actions pass through the connectors that the policy was trained with, and a policy with a memory
    keeps it for the episode. Ray is not started. A checkpoint is code: load none that you would not run.

    Args:
        checkpoint: The folder that `Algorithm.save_to_path` wrote, of one agent's policy in RLlib's new API stack.

    Raises:
        MissingExtra: RLlib or torch is not installed.
        AgentNotFound: There is no such folder, or it holds no such checkpoint.
    """

    def __init__(self, checkpoint: str, /) -> None:
        folder = Path(checkpoint).absolute()
        lacking = [str(part) for part in (_MODULE, _TO_MODULE, _TO_ENV) if not (folder / part).is_dir()]
        if lacking:
            raise AgentNotFound(
                f"{checkpoint} is no checkpoint of RLlib that can be played: it lacks {lacking[0]}; give the folder "
                "that algorithm.save_to_path() wrote, of a policy for one agent"
            )
        self._name = f"rllib:{checkpoint}"
        self._module = _load(folder / _MODULE, "core.rl_module.rl_module", "RLModule")
        self._to_module = _load(folder / _TO_MODULE, "connectors.env_to_module", "EnvToModulePipeline")
        self._to_env = _load(folder / _TO_ENV, "connectors.module_to_env", "ModuleToEnvPipeline")
        self.reset(None)

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Checks that the policy was trained on what is played here.

        Raises:
            UnfitEnvironment: It was not.
        """
        check_spaces(self._name, env, self._to_module.input_observation_space, self._to_module.input_action_space)

    def reset(self, seed: int | None) -> None:
        """Forgets the last episode."""
        self._episode = _rllib("env.single_agent_episode").SingleAgentEpisode(
            observation_space=self._to_module.input_observation_space,
            action_space=self._to_module.input_action_space,
        )
        self._outputs: dict[str, Any] = {}
        self._reward = 0.0

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Returns the policy's likeliest action."""
        self._remember(observation)
        seen = {"episodes": [self._episode], "rl_module": self._module, "explore": False, "shared_data": {}}
        outputs = self._module.forward_inference(self._to_module(batch={}, **seen))
        mask = info.get("action_mask")
        if mask is not None and isinstance(self._module.action_space, Discrete):
            _forbid(outputs, np.asarray(mask, bool))
        self._outputs = self._to_env(batch=outputs, **seen)
        return self._outputs.get("actions_for_env", self._outputs["actions"])[0]

    def observe(
        self, observation: Any, reward: float, terminated: bool, truncated: bool, info: Mapping[str, Any]
    ) -> None:
        """Keeps the reward, for policies that are shown the last one; in an opponent's seat it is not told, and 0."""
        self._reward = reward

    def _remember(self, observation: Any) -> None:
        if not self._outputs:
            self._episode.add_env_reset(observation)
            return
        action = self._outputs.pop("actions")[0]
        self._outputs.pop("actions_for_env", None)
        outputs = {key: value[0] for key, value in self._outputs.items()}
        self._episode.add_env_step(observation, action, self._reward, extra_model_outputs=outputs)


def _forbid(outputs: dict[str, Any], legal: Any) -> None:
    """Takes their chance from the actions that are not legal."""
    logits = outputs["action_dist_inputs"]
    illegal = importlib.import_module("torch").as_tensor(~legal, device=logits.device)
    outputs["action_dist_inputs"] = logits.masked_fill(illegal, float("-inf"))


def _load(folder: Path, module: str, name: str) -> Any:
    try:
        return getattr(_rllib(module), name).from_checkpoint(folder)
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RuntimeError, EOFError) as error:
        raise AgentNotFound(f"{folder} holds no {name} that can be loaded: {error}") from error


def _rllib(module: str) -> Any:
    return load_extra(f"ray.rllib.{module}", "scale", "policies of RLlib")
