# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Whether an agent fits an environment, told before the first step by what the agent plays and what is played there."""

from __future__ import annotations

import re
from typing import Any

import gymnasium as gym
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Text

from rsi_agents.environments import in_short, registered_ids
from rsi_agents.errors import UnfitEnvironment

_VERSION = re.compile(r"-v\d+\Z")


def check_text(agent: str, env: gym.Env[Any, Any]) -> None:
    """Checks that an environment is played in text.

    Args:
        agent: Whom to name.
        env: Where it is to play.

    Raises:
        UnfitEnvironment: Observations or actions are something else; the message names an environment of text.
    """
    if not (isinstance(env.observation_space, Text) and isinstance(env.action_space, Text)):
        raise UnfitEnvironment(f"{agent} reads and writes text, but {_offer(env)}; choose {_in_text(name_of(env))}")


def check_numbered(agent: str, env: gym.Env[Any, Any]) -> None:
    """Checks that an environment shows numbers, and takes the number of an action.

    Args:
        agent: Whom to name.
        env: Where it is to play.

    Raises:
        UnfitEnvironment: Observations or actions are something else.
    """
    shown = env.observation_space
    spaces = shown.values() if isinstance(shown, Dict) else (shown,)
    numeric = all(isinstance(space, Box | Discrete | MultiBinary | MultiDiscrete) for space in spaces)
    if not (numeric and isinstance(env.action_space, Discrete)):
        raise UnfitEnvironment(
            f"{agent} looks at numbers and chooses among numbered actions, but {_offer(env)}; choose an environment of "
            "numbers, such as rsi/Chess-v0"
        )


def check_spaces(
    agent: str,
    env: gym.Env[Any, Any],
    observation: Space[Any],
    action: Space[Any],
    *,
    channels_first: bool = False,
) -> None:
    """Checks that an environment shows and takes what a policy was trained with.

    Actions must have the same space. Of observations the bounds may differ, which no policy minds.

    Args:
        agent: Whom to name.
        env: Where it is to play.
        observation: What the policy observes.
        action: What it plays.
        channels_first: Whether it may have been shown pictures of shape (height, width, channels) with the channels
            first.

    Raises:
        UnfitEnvironment: Something else is played there.
    """
    if action == env.action_space and _alike(observation, env.observation_space, channels_first):
        return
    raise UnfitEnvironment(
        f"{agent} was trained on {in_short(observation)} and plays {in_short(action)}, but {_offer(env)}; choose the "
        "environment that it was trained in, with the same arguments"
    )


def _alike(known: Space[Any], shown: Space[Any], channels_first: bool) -> bool:
    if isinstance(known, Box) and isinstance(shown, Box):
        shapes = {shown.shape}
        if channels_first and len(shown.shape) == 3:
            height, width, channels = shown.shape
            shapes.add((channels, height, width))
        return known.dtype == shown.dtype and known.shape in shapes
    if isinstance(known, Dict) and isinstance(shown, Dict):
        return known.keys() == shown.keys() and all(
            _alike(space, shown[key], channels_first) for key, space in known.items()
        )
    return known == shown


def _offer(env: gym.Env[Any, Any]) -> str:
    return f"{name_of(env)} shows {in_short(env.observation_space)} and takes {in_short(env.action_space)}"


def name_of(env: gym.Env[Any, Any]) -> str:
    """Says what to call an environment: its id, or its class where it has none."""
    spec = getattr(env.unwrapped, "spec", None)
    return spec.id if spec else type(env.unwrapped).__name__


def _in_text(env_id: str) -> str:
    """Names what is played in text: rsi/ChessText-v0 for rsi/Chess-v0, any where there is no such one."""
    stem = _VERSION.sub("", env_id)
    twins = [name for name in registered_ids() if _VERSION.sub("", name) == f"{stem}Text"]
    return twins[-1] if twins else "an environment of text, such as rsi/ChessText-v0"
