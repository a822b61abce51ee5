# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How a command fails: one sentence on stderr and an exit code."""

from __future__ import annotations

from typing import Any

import typer
from gymnasium.error import Error as GymnasiumError
from typer.core import TyperGroup

from rsi_agents.errors import AgentsError
from rsi_envs.core.errors import RsiError

FAILED = 1
MISUSED = 2


class CommandFailed(AgentsError):
    """A command could not do all it was asked; the message says why and what to do."""


class CommandMisused(AgentsError, ValueError):
    """Options that do not go together, or one that can't be read."""


class SentenceGroup(TyperGroup):
    """Commands whose errors end as one sentence, unless `--debug` asks for the traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; exit code 1 when it failed, 2 when it was misused."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            typers_own = isinstance(error, typer.Abort) or hasattr(error, "exit_code")
            if typers_own or ctx.params.get("debug"):
                raise
            typer.echo(f"error: {sentence(error)}", err=True)
            raise typer.Exit(exit_code(error)) from error


def sentence(error: Exception) -> str:
    """What to tell the user: the message alone where it was written for users."""
    message = " ".join(str(error).split())
    return message if _is_ours(error) else f"{type(error).__name__}: {message}; `rsi --debug …` shows where"


def exit_code(error: Exception) -> int:
    """2 when what the user named or wrote makes no sense, else 1."""
    return MISUSED if _is_ours(error) and isinstance(error, LookupError | ValueError | FileExistsError) else FAILED


def _is_ours(error: Exception) -> bool:
    # The sandboxes' errors are known by where they come from, because most commands never import them.
    from_sandboxes = type(error).__module__.partition(".")[0] == "rsi_sandboxes"
    return from_sandboxes or isinstance(error, AgentsError | RsiError | GymnasiumError)
