# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi eval`: let agents play an environment, record it, and rank them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from rsi_agents.cli.failure import CommandMisused
from rsi_agents.cli.options import given, key_values, refuse
from rsi_agents.cli.output import Json, print_json
from rsi_agents.cli.playing import Played, check_missing, judge, play, resume_command
from rsi_agents.cli.runs import new_run
from rsi_agents.cli.standings import print_leaderboard
from rsi_agents.cli.suites import begin_suite, evaluate_suite
from rsi_agents.plan import check_agents, environment_arguments, make_plan
from rsi_agents.records import RunFolder, SuiteFolder, holds_suite
from rsi_agents.suite import Limits

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
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A suite: a TOML file that asks for several runs with one budget and one leaderboard.",
            rich_help_panel=_TASKS,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="A folder without a run; runs/<time>-<ENV> if left out.", rich_help_panel=_RECORDS),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(help="Play the episodes that this run's or suite's folder lacks.", rich_help_panel=_RECORDS),
    ] = None,
    retry_faults: Annotated[
        bool,
        typer.Option("--retry-faults", help="With --resume: faulted and unscored ones too.", rich_help_panel=_RECORDS),
    ] = False,
    json: Json = False,
) -> None:
    """Let agents play an environment, or several, record every episode, and rank the agents."""
    running = given(concurrency=concurrency, episode_timeout_s=episode_timeout)
    limits = given(max_tokens_total=max_tokens_total, max_cost=max_cost, max_wall=max_wall)
    asked = given(
        env=env,
        agent=agent,
        episodes=episodes,
        seed=seed,
        split=split,
        tasks=tasks,
        max_turns=max_turns,
        env_arg=env_arg,
        sandbox=sandbox,
    )
    _check_what_goes_together(asked, config=config, resume=resume, out=out, retry_faults=retry_faults)
    if config is not None or (resume is not None and holds_suite(resume)):
        suite = begin_suite(config, out) if config is not None else SuiteFolder.open(cast("Path", resume))
        evaluate_suite(
            suite, resumed=config is None, limits=limits, running=running, retry_faults=retry_faults, json=json
        )
        return
    if resume is not None:
        folder = RunFolder.open(resume)
    else:
        kwargs = environment_arguments(key_values(env_arg or []), tasks=tasks, sandbox=sandbox, max_turns=max_turns)
        settings = given(seed=seed) | running
        plan = make_plan(env or "", agent or [], env_kwargs=kwargs, split=split, episodes=episodes, **settings)
        check_agents(plan)
        folder = new_run(plan, out)
    with folder:
        if retry_faults:
            folder.forget_faults()
        if resume is not None:
            check_missing([folder])
        command = resume_command(folder.path)
        (played,) = play([folder], Limits(**limits).budget(), resume=command, running=running, shown=not json)
        _show(played, json)
        judge({"": played}, {}, command)


def _check_what_goes_together(
    asked: Mapping[str, Any], *, config: Path | None, resume: Path | None, out: Path | None, retry_faults: bool
) -> None:
    if resume is not None:
        refuse({**asked, **given(config=config, out=out)}, "a resumed run keeps what it was asked")
    elif config is not None:
        refuse({**asked, **given(retry_faults=retry_faults or None)}, "a suite is asked for in its file")
    elif "env" not in asked or "agent" not in asked or retry_faults:
        raise CommandMisused(
            "name an environment and an --agent, or a run to --resume, or a suite's --config; see `rsi eval --help`"
        )


def _show(played: Played, json: bool) -> None:
    if json:
        rows = [dataclasses.asdict(row) for row in played.standings]
        print_json({"run": str(played.folder.path), **dataclasses.asdict(played.outcome), "leaderboard": rows})
        return
    print_leaderboard(played.standings)
    typer.echo(f"records: {played.folder.path}")
