# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`random`: the baseline that knows nothing."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Discrete

# An environment often draws what is to be guessed from a generator seeded like the agent; without a salt of
# its own the agent would draw the same numbers.
_SALT = 0x5EED


class RandomAgent:
    """Samples the action space: what `info["legal_actions"]` lists or `info["action_mask"]` allows, where given."""

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Copies the action space, so that sampling here disturbs nobody's."""
        self._space = copy.deepcopy(env.action_space)

    def reset(self, seed: int | None) -> None:
        """Seeds the samples."""
        own = None if seed is None else int(np.random.SeedSequence([seed, _SALT]).generate_state(1)[0])
        self._space.seed(own)
        self._rng = np.random.default_rng(own)

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Draws one action, each with the same chance."""
        listed = info.get("legal_actions")
        if listed:
            return listed[int(self._rng.integers(len(listed)))]
        mask = info.get("action_mask")
        if isinstance(self._space, Discrete) and mask is not None:
            mask = np.asarray(mask, dtype=np.int8)
        return self._space.sample(mask)
