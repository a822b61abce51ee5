# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi list`: the environments there are."""

from __future__ import annotations

import inspect

import typer

from rsi_agents.cli.output import Json, print_json
from rsi_agents.environments import creator_of, registered_ids, spec_of


def list_environments(json: Json = False) -> None:
    """List the environments, each with its one-line summary."""
    rows = [{"id": env_id, "summary": _summary(env_id)} for env_id in registered_ids()]
    if json:
        print_json(rows)
        return
    width = max((len(row["id"]) for row in rows), default=0)
    for row in rows:
        typer.echo(f"{row['id']:<{width}}  {row['summary']}")


def _summary(env_id: str) -> str:
    card = inspect.getdoc(creator_of(spec_of(env_id))) or ""
    return card.partition("\n")[0]
