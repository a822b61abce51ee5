# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Faults: what broke an episode, attributed to the boundary where it crossed into the rollout."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from rsi_envs.core.errors import InvalidAction

Boundary = Literal["environment", "agent", "runner"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an episode has no result. It says nothing about the agent's worth."""

    kind: str
    """The exception's class name."""
    message: str
    """What the exception said."""
    where: Boundary
    """Whose call failed."""
    traceback: str
    """The whole traceback as Python prints it."""

    @classmethod
    def of(cls, error: BaseException) -> Fault:
        """Describes an exception."""
        return cls(
            type(error).__name__, _message(error), boundary_of(error), "".join(traceback.format_exception(error))
        )


@contextmanager
def crossing(boundary: Boundary) -> Iterator[None]:
    """Marks what is raised inside, so that `boundary_of` can tell; the exception itself goes on unchanged."""
    try:
        yield
    except BaseException as error:
        # The one thing an environment refuses for the agent's sake: text too long or unreadable is data.
        error.__rsi_boundary__ = "agent" if isinstance(error, InvalidAction) else boundary  # type: ignore[attr-defined]
        raise


def boundary_of(error: BaseException) -> Boundary:
    """Tells whose call raised this; "runner" when it was raised outside any `crossing`."""
    boundary: Boundary = getattr(error, "__rsi_boundary__", "runner")
    return boundary


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # foreign code; its fault is to be recorded all the same
        return "the exception could not be turned into text"
