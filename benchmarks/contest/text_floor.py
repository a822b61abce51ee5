# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The least a text environment can be: what there is to pay for Gymnasium alone."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

FLOOR = "bare gymnasium.Env, text"
FLOOR_ID = "contest/BareText-v0"


class BareTextEnv(gym.Env[str, str]):
    """Takes any text and ends at once."""

    observation_space = gym.spaces.Text(100)
    action_space = gym.spaces.Text(100)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begins an episode."""
        super().reset(seed=seed)
        return "Say anything.", {}

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Ends it."""
        return "Done.", 0.0, True, False, {}


gym.register(FLOOR_ID, BareTextEnv, disable_env_checker=True)
