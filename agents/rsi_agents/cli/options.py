# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What commands do with their options: which were given, and what they say of an environment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rsi_agents.cli.failure import CommandMisused


def given(**options: Any) -> dict[str, Any]:
    """Keeps the options that were given."""
    return {name: value for name, value in options.items() if value is not None and value != []}


def refuse(options: Iterable[str], why: str) -> None:
    """Refuses options by their parameters' names.

    Raises:
        CommandMisused: There is one.
    """
    shown = ", ".join("ENV" if name == "env" else f"--{name.replace('_', '-')}" for name in options)
    if shown:
        raise CommandMisused(f"{why}; leave out {shown}")


def environment_arguments(pairs: Sequence[str], *, tasks: str | None = None, **named: Any) -> dict[str, Any]:
    """Makes what an environment's constructor gets.

    Args:
        pairs: What `--env-arg` was given: each KEY=VALUE, the value as JSON or else as text.
        tasks: A file, which is made absolute, so that the run can be resumed from elsewhere; or hf:NAME.
        **named: Further arguments; what is None is left out.

    Raises:
        CommandMisused: A pair has no key or no equals sign.
    """
    arguments = given(**named)
    if tasks is not None:
        arguments["tasks"] = tasks if tasks.startswith("hf:") else str(Path(tasks).resolve())
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not key or not equals:
            raise CommandMisused(f"--env-arg {pair!r} is not KEY=VALUE")
        try:
            arguments[key] = json.loads(text)
        except ValueError:
            arguments[key] = text
    return arguments
