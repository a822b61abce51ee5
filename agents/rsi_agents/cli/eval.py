# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi eval`: let agents play an environment, record it, and rank them."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path
from typing import Annotated

import typer

from rsi_agents.cli.failure import CommandFailed, CommandMisused
from rsi_agents.cli.options import environment_arguments, given, refuse
from rsi_agents.cli.output import Json, print_json
from rsi_agents.cli.progress import progress_bar
from rsi_agents.cli.runs import new_run
from rsi_agents.cli.standings import print_leaderboard
from rsi_agents.leaderboard import Standing, leaderboard
from rsi_agents.plan import Plan, check_agents, make_plan
from rsi_agents.records import RunFolder
from rsi_agents.runner import RunOutcome, run_plan
from rsi_envs.core.budget import Budget

_TASKS, _LIMITS, _RUNNING, _RECORDS = "What is played", "Budget", "How it runs", "Records"


def evaluate(
    env: Annotated[str | None, typer.Argument(metavar="[ENV]", help="An id that `rsi list` shows.")] = None,
    agent: Annotated[
        list[str] | None,
        typer.Option(
            help="random, reference:LEVEL, llm:MODEL?temperature=0&api_base=…, uci:ENGINE, tablebase:FOLDER, sb3:FILE, "
            "rllib:FOLDER, script:FILE, human, python:module:Class. Repeatable.",
            rich_help_panel=_TASKS,
        ),
    ] = None,
    episodes: Annotated[
        int | None, typer.Option(help="Episodes an agent plays; every task once if left out.", rich_help_panel=_TASKS)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Episode i gets seed + i; 0 if left out.", rich_help_panel=_TASKS)
    ] = None,
    split: Annotated[str | None, typer.Option(help="train or test; test if left out.", rich_help_panel=_TASKS)] = None,
    tasks: Annotated[
        str | None,
        typer.Option(help="A JSONL file of tasks, or hf:NAME.", metavar="FILE|hf:NAME", rich_help_panel=_TASKS),
    ] = None,
    max_turns: Annotated[int | None, typer.Option(help="Turns an episode may take.", rich_help_panel=_TASKS)] = None,
    env_arg: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="A constructor argument of the environment, as JSON or else as text. Repeatable.",
            rich_help_panel=_TASKS,
        ),
    ] = None,
    sandbox: Annotated[str | None, typer.Option(help="auto, bubblewrap or docker.", rich_help_panel=_RUNNING)] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Episodes played at the same time; 4 if left out.", rich_help_panel=_RUNNING)
    ] = None,
    episode_timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="What an episode may take.", rich_help_panel=_RUNNING)
    ] = None,
    max_tokens_total: Annotated[
        int | None, typer.Option(help="Tokens of the whole run, resumed parts too.", rich_help_panel=_LIMITS)
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option(help="US dollars of the whole run, resumed parts too.", rich_help_panel=_LIMITS)
    ] = None,
    max_wall: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Seconds from now.", rich_help_panel=_LIMITS)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="A folder without a run; runs/<time>-<ENV> if left out.", rich_help_panel=_RECORDS),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Play the episodes that this run's folder lacks.", rich_help_panel=_RECORDS)
    ] = None,
    retry_faults: Annotated[
        bool,
        typer.Option("--retry-faults", help="With --resume: faulted and unscored ones too.", rich_help_panel=_RECORDS),
    ] = False,
    json: Json = False,
) -> None:
    """Let agents play an environment, record every episode, and rank the agents."""
    running = given(concurrency=concurrency, episode_timeout_s=episode_timeout)
    asked = given(
        env=env,
        agent=agent,
        episodes=episodes,
        seed=seed,
        split=split,
        tasks=tasks,
        out=out,
        max_turns=max_turns,
        env_arg=env_arg,
        sandbox=sandbox,
    )
    if resume is not None:
        refuse(asked, "a resumed run keeps what it was asked")
        folder = RunFolder.open(resume)
        plan = dataclasses.replace(folder.plan, **running)
    else:
        if env is None or not agent or retry_faults:
            raise CommandMisused("name an environment and an --agent, or a run to --resume; see `rsi eval --help`")
        kwargs = environment_arguments(env_arg or [], tasks=tasks, sandbox=sandbox, max_turns=max_turns)
        plan = make_plan(env, agent, env_kwargs=kwargs, split=split, episodes=episodes, **given(seed=seed), **running)
        check_agents(plan)
        folder = new_run(plan, out)
    with folder:
        if retry_faults:
            folder.forget_faults()
        budget = Budget(max_tokens=max_tokens_total, max_cost_usd=max_cost, max_wall_s=max_wall)
        outcome = _play(folder, plan, budget, shown=not json)
        standings = leaderboard(folder.records())
        _show(folder, outcome, standings, json)
        _judge(folder, outcome, standings)


def _play(folder: RunFolder, plan: Plan, budget: Budget, *, shown: bool) -> RunOutcome:
    for record in folder.records():
        budget.charge(record.usage)
    missing = len(folder.missing(plan))
    total = plan.episodes * len(plan.agents)
    try:
        with progress_bar(total, total - missing, shown=shown) as advance:
            return run_plan(folder, plan=plan, budget=budget, on_record=advance)
    except KeyboardInterrupt as error:
        left = len(folder.missing(plan))
        raise CommandFailed(
            f"interrupted; {total - left} of {total} episodes are recorded, play the rest with `{_resume(folder)}`"
        ) from error


def _show(folder: RunFolder, outcome: RunOutcome, standings: list[Standing], json: bool) -> None:
    if json:
        rows = [dataclasses.asdict(row) for row in standings]
        print_json({"run": str(folder.path), **dataclasses.asdict(outcome), "leaderboard": rows})
        return
    print_leaderboard(standings)
    typer.echo(f"records: {folder.path}")


def _judge(folder: RunFolder, outcome: RunOutcome, standings: list[Standing]) -> None:
    """Says what is wrong with a run; raises when it leaves the question unanswered."""
    retry = f"`{_resume(folder)} --retry-faults`"
    for row in standings:
        broken = row.faults + row.unscored
        if broken:
            typer.echo(f"{row.agent}: {broken} of {row.episodes} episodes have no result; try {retry}", err=True)
    if outcome.exhausted:
        raise CommandFailed(
            f"{outcome.exhausted}; {outcome.missing} episodes are missing, play them with `{_resume(folder)}` "
            "and a larger budget"
        )
    for row in standings:
        if row.faults + row.unscored == row.episodes:
            raise CommandFailed(f"no episode of {row.agent} has a result{_first_cause(folder, row.agent)}")


def _first_cause(folder: RunFolder, agent: str) -> str:
    for record in folder.records():
        if record.agent == agent and record.fault:
            return f"; the first broke in the {record.fault.where} with {record.fault.kind}: {record.fault.message}"
        if record.agent == agent and record.verdict:
            return f"; the first could not be judged: {record.verdict.unscored}"
    return ""


def _resume(folder: RunFolder) -> str:
    return f"rsi eval --resume {shlex.quote(str(folder.path))}"
