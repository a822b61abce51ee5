# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi info`: an environment's card."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from rsi_agents.cli.output import Json, print_json
from rsi_agents.environments import creator_of, in_short, open_environment, spec_of, taken_arguments
from rsi_envs.core.tasks import SPLITS


def info(
    env: Annotated[str, typer.Argument(metavar="ENV", help="An id that `rsi list` shows.")],
    json: Json = False,
) -> None:
    """Show an environment's card, spaces, limits, tasks and arguments."""
    facts = _facts(env)
    if json:
        print_json(facts)
        return
    typer.echo(f"{facts['id']}\n\n{facts['card']}\n")
    typer.echo(f"Observation space  {facts['observation_space']}")
    typer.echo(f"Action space       {facts['action_space']}")
    typer.echo(f"Most turns         {facts['max_turns'] or 'not stated'}")
    tasks = ", ".join(f"{count} in {split}" for split, count in facts["tasks"].items())
    typer.echo(f"Tasks              {tasks or 'no list: seeds choose'}")
    typer.echo(f"Tools              {', '.join(facts['tools']) or 'none'}")
    typer.echo(f"Arguments          {', '.join(facts['arguments'] or ['any'])}")


def _facts(env_id: str) -> dict[str, Any]:
    spec = spec_of(env_id)
    taken = taken_arguments(spec)
    env = open_environment(env_id)
    try:
        bare: Any = env.unwrapped
        task_ids = getattr(bare, "task_ids", lambda _: ())
        return {
            "id": spec.id,
            "card": inspect.getdoc(creator_of(spec)) or "",
            "observation_space": in_short(env.observation_space),
            "action_space": in_short(env.action_space),
            "max_turns": getattr(bare, "max_turns", None) or spec.max_episode_steps,
            "tasks": {split: len(ids) for split in SPLITS if (ids := task_ids(split))},
            "tools": [tool.name for tool in getattr(bare, "tools", ())],
            "arguments": None if taken is None else sorted(taken),
        }
    finally:
        env.close()
