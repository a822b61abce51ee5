# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What commands do with their options: which were given, and what KEY=VALUE says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
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


def key_values(pairs: Sequence[str]) -> dict[str, Any]:
    """Reads what `--env-arg` was given: each KEY=VALUE, the value as JSON or else as text.

    Raises:
        CommandMisused: There is no key or no equals sign.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not key or not equals:
            raise CommandMisused(f"--env-arg {pair!r} is not KEY=VALUE")
        try:
            values[key] = json.loads(text)
        except ValueError:
            values[key] = text
    return values
