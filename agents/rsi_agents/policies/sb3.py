# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`sb3:FILE`: a policy trained with Stable-Baselines3 or sb3-contrib."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from rsi_agents.errors import AgentNameError, AgentNotFound
from rsi_agents.policies.fitting import check_spaces
from rsi_envs.core.errors import MissingExtra

_PACKAGES = ("sb3_contrib", "stable_baselines3")


class Sb3Agent:
    """Plays the likeliest action of a saved policy, among the legal ones where the algorithm knows masks.

    Args:
        file: What the model's `save` wrote, ending in ".zip".
        algorithm: The class that wrote it, in sb3-contrib or Stable-Baselines3.
        device: What torch computes on, such as "cpu" or "cuda".

    Raises:
        MissingExtra: Neither package is installed.
        AgentNotFound: There is no such file, or it holds no model of this algorithm.
        AgentNameError: Neither package has this algorithm.
    """

    def __init__(self, file: str, /, *, algorithm: str = "MaskablePPO", device: str = "cpu") -> None:
        if not Path(file).is_file():
            raise AgentNotFound(f"there is no model {file!r}; give the path of what the model's save() wrote")
        load = _load_of(algorithm)
        try:
            self._model = load(file, device=device)
        except (ValueError, KeyError, AttributeError, RuntimeError) as error:
            raise AgentNotFound(f"{file} holds no model of {algorithm} that can be loaded: {error}") from error
        self._name = f"sb3:{file}"
        self._knows_masks = "Maskable" in algorithm

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Checks that the policy was trained on what is played here.

        Raises:
            UnfitEnvironment: It was not.
        """
        # Stable-Baselines3 turns pictures so that their channels come first, and does so again when it predicts.
        known = self._model.observation_space, self._model.action_space
        check_spaces(self._name, env, *known, channels_first=True)

    def reset(self, seed: int | None) -> None:
        """Nothing to forget: the policy sees one observation at a time."""

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Returns the policy's likeliest action."""
        mask = info.get("action_mask") if self._knows_masks else None
        known = {} if mask is None else {"action_masks": np.asarray(mask, bool)}
        action, _ = self._model.predict(observation, deterministic=True, **known)
        return action


def _load_of(algorithm: str) -> Any:
    """Finds the algorithm's `load`."""
    missing: ImportError | None = None
    for package in _PACKAGES:
        try:
            module = importlib.import_module(package)
        except ImportError as error:
            missing = error
            continue
        if hasattr(module, algorithm):
            return getattr(module, algorithm).load
    if missing is not None:
        raise MissingExtra("policies of Stable-Baselines3 need more packages: pip install 'rsi-envs[rl]'") from missing
    raise AgentNameError(f"neither {' nor '.join(_PACKAGES)} has an algorithm {algorithm!r}; try MaskablePPO or PPO")
