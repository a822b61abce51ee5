# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Environments by id: what is registered, how it is opened, what its constructor takes."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import gymnasium as gym
from gymnasium.envs.registration import EnvSpec, load_env_creator

import rsi_envs  # noqa: F401  registers the rsi/ ids
from rsi_agents.errors import EnvironmentNotFound, InvalidPlan

NAMESPACE = "rsi"


def registered_ids() -> tuple[str, ...]:
    """Lists the ids of this suite's environments in alphabetical order."""
    return tuple(sorted(id_ for id_, spec in gym.registry.items() if spec.namespace == NAMESPACE))


def spec_of(env_id: str) -> EnvSpec:
    """Looks an environment up.

    Args:
        env_id: A registered id such as "rsi/Code-v0", or "module:id" to import the module that registers it.

    Raises:
        EnvironmentNotFound: There is none; the message names the nearest.
    """
    module, _, name = env_id.rpartition(":")
    if module:
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise EnvironmentNotFound(f"environment {env_id!r}: can't import {module!r}: {error}") from error
    spec = gym.registry.get(name)
    if spec is None:
        known = registered_ids() or tuple(gym.registry)
        near = get_close_matches(name, known, n=1, cutoff=0.0)
        raise EnvironmentNotFound(
            f"no environment is called {env_id!r}; the nearest is {near[0]!r}, and `rsi list` shows all"
        )
    return spec


def creator_of(spec: EnvSpec) -> Any:
    """Loads the class or function that makes the environment."""
    if isinstance(spec.entry_point, str):
        return load_env_creator(spec.entry_point)
    return spec.entry_point


def taken_arguments(spec: EnvSpec) -> frozenset[str] | None:
    """Names what the environment's constructor takes; None when it takes any name."""
    creator = creator_of(spec)
    names: set[str] = set()
    # A class that takes **kwargs passes them on to the next class in line.
    for maker in creator.__mro__ if inspect.isclass(creator) else (creator,):
        if inspect.isclass(maker) and "__init__" not in vars(maker):
            continue
        parameters = inspect.signature(maker).parameters.values()
        names |= {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            return frozenset(names)
    return None


def open_environment(env_id: str, kwargs: Mapping[str, Any] | None = None) -> gym.Env[Any, Any]:
    """Makes an environment, without Gymnasium's checker: that belongs to tests.

    Raises:
        EnvironmentNotFound: There is none of this id; the message names the nearest.
        InvalidPlan: The environment takes no argument of this name.
        Exception: Whatever the environment's constructor raises.
    """
    spec, given = spec_of(env_id), dict(kwargs or {})
    taken = taken_arguments(spec)
    unknown = sorted(set(given) - taken) if taken is not None else []
    if taken is not None and unknown:
        raise InvalidPlan(f"{env_id} takes no argument {unknown[0]!r}; it takes {', '.join(sorted(taken))}")
    return gym.make(spec, disable_env_checker=True, **given)


def in_short(space: gym.Space[Any]) -> str:
    """Writes a space in a line: Gymnasium writes out a box's bounds where they differ from place to place."""
    if isinstance(space, gym.spaces.Box):
        return f"Box({space.low.min()}, {space.high.max()}, {space.shape}, {space.dtype})"
    return str(space)
