# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi play`: a person plays an environment at the terminal."""

from __future__ import annotations

import dataclasses
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from rsi_agents.cli.failure import CommandFailed
from rsi_agents.cli.options import given, key_values
from rsi_agents.cli.output import Json, print_json
from rsi_agents.cli.runs import new_run
from rsi_agents.environments import open_environment
from rsi_agents.errors import NobodyAnswers
from rsi_agents.plan import Plan, check_agents, make_plan
from rsi_agents.records import EpisodeRecord, RunFolder
from rsi_agents.registry import make_agent
from rsi_agents.rollout import rollout
from rsi_envs.core.untrusted import spelled_out

_PLAYER = "human"
_SEEDS = 1 << 31


def play(
    env: Annotated[str, typer.Argument(metavar="ENV", help="An id that `rsi list` shows, of an environment in text.")],
    opponent: Annotated[
        str | None, typer.Option(help="Who plays against you: an agent's name; the environment's own if left out.")
    ] = None,
    task: Annotated[str | None, typer.Option(metavar="ID", help="A task; the seed draws one if left out.")] = None,
    seed: Annotated[int | None, typer.Option(help="The episode's seed; another one each time if left out.")] = None,
    split: Annotated[str | None, typer.Option(help="train or test; test if left out.")] = None,
    env_arg: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="A constructor argument of the environment, as JSON or else as text. Repeatable.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A folder without a run; runs/<time>-<ENV> if left out.")] = None,
    json: Json = False,
) -> None:
    """Play an environment yourself, at the terminal; the episode is recorded like any agent's."""
    kwargs = given(opponent=opponent) | key_values(env_arg or [])
    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    plan = make_plan(env, (_PLAYER,), env_kwargs=kwargs, split=split, episodes=1, seed=seed, concurrency=1)
    plan = dataclasses.replace(plan, task_ids=() if task is None else (task,))
    check_agents(plan)
    folder = new_run(plan, out)
    with folder:
        try:
            record = _played(plan)
        except BaseException:
            folder.discard()
            raise
        folder.append(record)
    _show(record, folder, json)


def _played(plan: Plan) -> EpisodeRecord:
    """Plays the plan's one episode in this thread, where Ctrl-C reaches whoever waits for the person."""
    (spec,) = plan.specs()
    options = None if spec.task_id is None else {"task_id": spec.task_id}
    started = datetime.now(UTC)
    env = open_environment(plan.env_id, plan.env_kwargs)
    try:
        return EpisodeRecord.of(spec, rollout(env, make_agent(spec.agent), seed=spec.seed, options=options), started)
    except (KeyboardInterrupt, NobodyAnswers) as error:
        how = "interrupted" if isinstance(error, KeyboardInterrupt) else "the input ended before the episode"
        typer.echo(err=True)
        raise CommandFailed(f"{how}; nothing is recorded") from error
    finally:
        env.close()


def _show(record: EpisodeRecord, folder: RunFolder, json: bool) -> None:
    verdict = record.verdict
    if json:
        print_json(
            {
                "run": str(folder.path),
                "seed": record.seed,
                "task_id": (record.info or {}).get("task_id"),
                "reward": record.reward,
                "verdict": verdict.as_dict() if verdict else None,
            }
        )
        return
    rows = {"reward": f"{record.reward:.3f}"}
    if verdict is not None:
        rows = {"score": "none" if verdict.score is None else f"{verdict.score:.3f}"}
        rows |= {f"  {name}": f"{value:.3f}" for name, value in verdict.parts.items()}
        if verdict.references is not None:
            rows["beaten"] = f"{verdict.references_beaten} of {verdict.references} references"
        rows["reason"] = verdict.unscored or verdict.reason
    rows |= {"seed": str(record.seed), "records": str(folder.path)}
    width = max(map(len, rows)) + 2
    for name, value in rows.items():
        if value:
            typer.echo(spelled_out(f"{name:<{width}}{value}"))
