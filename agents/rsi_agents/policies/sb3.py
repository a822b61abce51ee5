# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`sb3:FILE`: a policy trained with Stable-Baselines3 or sb3-contrib."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import gymnasium as gym
import numpy as np

from rsi_agents.errors import AgentNameError, AgentNotFound
from rsi_agents.loading import load_extra
from rsi_agents.policies.fitting import check_spaces
from rsi_envs.core.errors import MissingExtra

_PACKAGES = ("sb3_contrib", "stable_baselines3")


# Kept apart from the environment's own draws, which come from the same seed.
_SALT = 0x5B3


class Sb3Agent:
    """Plays the likeliest action of a saved policy, among the legal ones where the algorithm knows masks.

    Args:
        file: What the model's `save` wrote, ending in ".zip".
        algorithm: The class that wrote it, in sb3-contrib or Stable-Baselines3.
        device: What torch computes on, such as "cpu" or "cuda".
        deterministic: False draws actions by their probabilities instead, from the episode's seed.

    Raises:
        MissingExtra: Neither package is installed.
        AgentNotFound: There is no such file, or it holds no model of this algorithm.
        AgentNameError: Neither package has this algorithm, or it has no probabilities to draw by.
    """

    def __init__(
        self, file: str, /, *, algorithm: str = "MaskablePPO", device: str = "cpu", deterministic: bool = True
    ) -> None:
        if not Path(file).is_file():
            raise AgentNotFound(f"there is no model {file!r}; give the path of what the model's save() wrote")
        load = _load_of(algorithm)
        try:
            self._model = load(file, device=device)
        except (ValueError, KeyError, AttributeError, RuntimeError) as error:
            raise AgentNotFound(f"{file} holds no model of {algorithm} that can be loaded: {error}") from error
        if not deterministic and not hasattr(self._model.policy, "get_distribution"):
            raise AgentNameError(f"{algorithm} has no probabilities to draw actions by; leave deterministic=false out")
        self._deterministic = deterministic
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
        """Seeds what is drawn; there is nothing to forget, because the policy sees one observation at a time."""
        self._rng = np.random.default_rng(None if seed is None else [seed, _SALT])

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Returns the policy's likeliest action, or one that is drawn."""
        mask = info.get("action_mask") if self._knows_masks else None
        known = {} if mask is None else {"action_masks": np.asarray(mask, bool)}
        with nullcontext() if self._deterministic else self._drawing():
            action, _ = self._model.predict(observation, deterministic=self._deterministic, **known)
        return action

    @contextmanager
    def _drawing(self) -> Iterator[None]:
        """Seeds torch's generators, which distributions draw from, and leaves them as they were."""
        torch = importlib.import_module("torch")
        here = self._model.device.type == "cpu"
        # torch.manual_seed would do for both, but writes out the stack for every kind of device, which takes longer
        # than a small policy does.
        seed = torch.default_generator.manual_seed if here else torch.manual_seed
        with torch.random.fork_rng(devices=[] if here else None):
            seed(int(self._rng.integers(2**63)))
            yield


def rl_extra(package: str) -> ModuleType:
    """Imports a package of the extra `rl`.

    Raises:
        MissingExtra: It is not installed.
    """
    return load_extra(package, "rl", "policies of Stable-Baselines3")


def _load_of(algorithm: str) -> Any:
    """Finds the algorithm's `load`."""
    missing: MissingExtra | None = None
    for package in _PACKAGES:
        try:
            module = rl_extra(package)
        except MissingExtra as error:
            missing = error
            continue
        if hasattr(module, algorithm):
            return getattr(module, algorithm).load
    if missing is not None:
        raise missing
    raise AgentNameError(f"neither {' nor '.join(_PACKAGES)} has an algorithm {algorithm!r}; try MaskablePPO or PPO")
