# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every error `rsi_envs` raises on purpose.

    RsiError
    ├── InvalidAction (TypeError)           the action is not of the action space's type
    ├── InvalidOption (ValueError)          a constructor argument or reset option that makes no sense
    ├── InvalidTool (ValueError)            a tool's declaration can't be published to an agent
    ├── TaskError
    │   ├── TaskFileError (ValueError)      a task file can't be read; names path, line and field
    │   ├── TaskNotFound (LookupError)      no such task id or split
    │   └── ReferenceFailed                 a task's own reference does not do what the task says
    ├── Abstained                           a judge said nothing that a ranking could be read from
    ├── EnvironmentFault (RuntimeError)     the environment broke; says nothing about the agent
    ├── MissingExtra (ImportError)          an optional dependency is not installed
    └── ChatError
        ├── MissingKey                      the provider wants an API key that is not there
        ├── ModelUnreachable (ConnectionError)   no answer after every retry
        ├── ModelRefused                    the provider understood and said no
        ├── PromptTooLong                   the conversation is longer than the model's window
        └── BudgetExhausted                 the shared budget is spent; nothing was sent

What the sandboxes raise has a tree of its own, `rsi_sandboxes.errors`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rsi_envs.core.budget import Usage


class RsiError(Exception):
    """The root: `except RsiError` catches everything `rsi_envs` raises on purpose."""


class InvalidAction(RsiError, TypeError):
    """An action of the wrong type was given to `step`; a programmer's mistake, never an agent's."""


class InvalidOption(RsiError, ValueError):
    """A constructor argument or a reset option has a value that makes no sense."""


class InvalidTool(RsiError, ValueError):
    """A tool lacks a type, a docstring or a permitted name."""


class TaskError(RsiError):
    """Something is wrong with a task."""


class TaskFileError(TaskError, ValueError):
    """A task file can't be used.

    Attributes:
        path: The file (or data set) that was read.
        problem: What is wrong, and what was expected.
        line: One-based line or row at fault; None where the file as a whole is.
        field: Dotted name of the field at fault; None where no single field is.
    """

    def __init__(self, path: str | Path, problem: str, *, line: int | None = None, field: str | None = None) -> None:
        self.path = str(path)
        self.problem = problem
        self.line = line
        self.field = field
        where = self.path if line is None else f"{self.path}, line {line}"
        super().__init__(f"{where}: {f'field {field!r}: ' if field else ''}{problem}")

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.path, self.problem, self.line, self.field))


def _rebuild(path: str, problem: str, line: int | None, field: str | None) -> TaskFileError:
    return TaskFileError(path, problem, line=line, field=field)


class TaskNotFound(TaskError, LookupError):
    """No task has this id, or no task is in this split."""


class ReferenceFailed(TaskError):
    """A reference of a task does not earn what the task says it earns, so no verdict can be trusted."""


class Abstained(RsiError):
    """A judge said nothing that a ranking could be read from; it counts as an abstention, never as a vote.

    Args:
        message: What was wrong with what it said.
        usage: What asking has consumed; None where that is not known.
    """

    def __init__(self, message: str, usage: Usage | None = None) -> None:
        super().__init__(message)
        self.usage = usage


class EnvironmentFault(RsiError, RuntimeError):
    """The environment itself broke (sandbox gone, judge unreachable); the agent is not to blame."""


class MissingExtra(RsiError, ImportError):
    """An optional dependency is not installed; the message holds the command that installs it."""


class ChatError(RsiError):
    """A chat model gave no reply."""


class MissingKey(ChatError):
    """The provider wants an API key that the environment does not hold."""


class ModelUnreachable(ChatError, ConnectionError):
    """The provider did not answer, or answered with passing errors until the retries ran out."""


class ModelRefused(ChatError):
    """The provider refused the request for good: unknown model, unknown setting, content policy."""


class PromptTooLong(ChatError):
    """The conversation is longer than the model's window; an agent has left out whatever it may."""


class BudgetExhausted(ChatError):
    """The budget shared by every model of the run is spent."""
