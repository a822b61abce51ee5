# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What commands print: tables for people, JSON for machines."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]


def print_json(value: Any) -> None:
    """Prints one JSON document on stdout."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
