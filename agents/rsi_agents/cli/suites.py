# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi eval` of a suite: several runs with one budget and one leaderboard."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import typer

from rsi_agents.cli.output import print_json
from rsi_agents.cli.playing import Played, check_missing, judge, play, resume_command
from rsi_agents.cli.runs import begin
from rsi_agents.cli.standings import print_suite
from rsi_agents.records import SuiteFolder
from rsi_agents.suite_file import check_suite, read_suite
from rsi_agents.suite_leaderboard import SuiteStanding, suite_leaderboard


def begin_suite(config: Path, out: Path | None) -> SuiteFolder:
    """Makes the folder of a new suite, when its agents have been checked; see `begin` for where."""
    suite = read_suite(config)
    check_suite(config, suite)
    return begin(lambda path: SuiteFolder.create(path, suite), config.stem, out)


def evaluate_suite(
    suite: SuiteFolder,
    *,
    resumed: bool,
    limits: Mapping[str, Any],
    running: Mapping[str, Any],
    retry_faults: bool,
    json: bool,
) -> None:
    """Plays what a suite lacks and shows its leaderboard.

    Args:
        suite: Its folder; closed at the end.
        resumed: Whether it was begun by another command, so that its agents are to be checked again.
        limits: Fields of `Limits` that differ from what the suite was asked.
        running: Fields of `Plan` likewise.
        retry_faults: Whether faulted and unscored episodes are played again.
        json: Whether to print JSON instead.

    Raises:
        CommandFailed: See `play` and `judge`.
        Exception: See `check_missing`.
    """
    asked, resume = suite.suite, resume_command(suite.path)
    with ExitStack() as held:
        held.enter_context(suite)
        folders = [held.enter_context(folder) for folder in suite.open_runs()]
        for folder in folders if retry_faults else ():
            folder.forget_faults()
        if resumed:
            check_missing(folders)
        budget = dataclasses.replace(asked.limits, **limits).budget()
        played = play(folders, budget, resume=resume, running=running, shown=not json)
        runs = {run.name: one for run, one in zip(asked.runs, played, strict=True)}
        rows = suite_leaderboard(asked, [one.standings for one in played])
        if json:
            print_json(_as_json(suite, runs, rows))
        else:
            print_suite(rows, list(runs))
            typer.echo(f"records: {suite.path}")
        judge(runs, {name: label for label, name in asked.labels.items()}, resume)


def _as_json(suite: SuiteFolder, runs: Mapping[str, Played], rows: list[SuiteStanding]) -> dict[str, Any]:
    return {
        "suite": str(suite.path),
        "recorded": sum(one.outcome.recorded for one in runs.values()),
        "missing": sum(one.outcome.missing for one in runs.values()),
        "exhausted": next((one.outcome.exhausted for one in runs.values() if one.outcome.exhausted), None),
        "leaderboard": [_row_as_json(row) for row in rows],
        "runs": [
            {
                "name": name,
                "env": one.folder.plan.env_id,
                "run": str(one.folder.path),
                **dataclasses.asdict(one.outcome),
                "leaderboard": [dataclasses.asdict(row) for row in one.standings],
            }
            for name, one in runs.items()
        ],
    }


def _row_as_json(row: SuiteStanding) -> dict[str, Any]:
    """The row, of its runs the scores alone: the runs' own leaderboards have the rest."""
    scores = {
        name: {"score": standing.score, "score_interval": dataclasses.asdict(standing)["score_interval"]}
        for name, standing in row.runs.items()
    }
    return {
        "agent": row.agent,
        "name": row.name,
        "mean": row.mean,
        "scores": scores,
        "tokens": row.tokens,
        "cost_usd": row.cost_usd,
        "wall_s": row.wall_s,
    }
