# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`reference:LEVEL`: an honest baseline without a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym

from rsi_agents.errors import NoReferences


class ReferenceAgent:
    """Plays the current task's own reference of one level.

    Args:
        level: A rung of the task's ladder; the environment's card lists them.
    """

    def __init__(self, level: str, /) -> None:
        self._level = level

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Takes the environment that knows the references.

        Raises:
            NoReferences: The environment has none.
        """
        action = getattr(env.unwrapped, "reference_action", None)
        if action is None:
            raise NoReferences(f"{type(env.unwrapped).__name__} has no references to play; choose another agent")
        self._action = action

    def reset(self, seed: int | None) -> None:
        """Nothing to forget."""

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Returns the reference's action; what it raises for an unknown level lists the levels there are."""
        return self._action(self._level)
