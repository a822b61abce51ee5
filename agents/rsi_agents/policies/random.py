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
    """Samples the action space, among the actions that `info["action_mask"]` allows where there is one."""

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Copies the action space, so that sampling here disturbs nobody's."""
        self._space = copy.deepcopy(env.action_space)

    def reset(self, seed: int | None) -> None:
        """Seeds the samples."""
        if seed is None:
            self._space.seed(None)
        else:
            self._space.seed(int(np.random.SeedSequence([seed, _SALT]).generate_state(1)[0]))

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Draws one action."""
        mask = info.get("action_mask")
        if isinstance(self._space, Discrete) and mask is not None:
            mask = np.asarray(mask, dtype=np.int8)
        return self._space.sample(mask)
