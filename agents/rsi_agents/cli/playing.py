# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Playing what folders of records lack, and saying what came of it: of one run, or of all runs of a suite."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from rsi_agents.cli.failure import CommandFailed
from rsi_agents.cli.progress import progress_bar
from rsi_agents.errors import RecordsDiskFull
from rsi_agents.leaderboard import Standing, leaderboard
from rsi_agents.plan import check_agents
from rsi_agents.records import RunFolder
from rsi_agents.runner import RunOutcome, run_plan
from rsi_envs.core.budget import Budget


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a run."""

    folder: RunFolder
    outcome: RunOutcome
    standings: list[Standing]


def play(
    folders: Sequence[RunFolder], budget: Budget, *, resume: str, running: Mapping[str, Any], shown: bool
) -> list[Played]:
    """Plays every episode that the runs lack, one run after the other.

    Args:
        folders: The runs'.
        budget: Of all together; what is recorded already is charged to it first.
        resume: The command that goes on with them.
        running: Fields of `Plan` that differ from what the runs were asked.
        shown: Whether a progress bar may be shown.

    Raises:
        CommandFailed: It was interrupted, or the disk is full.
        Exception: What `run_plan` raises besides.
    """
    plans = [dataclasses.replace(folder.plan, **running) for folder in folders]
    total = sum(plan.episodes * len(plan.agents) for plan in plans)
    outcomes: list[RunOutcome] = []
    with _saying_how_to_go_on(folders, total, resume):
        for folder in folders:
            for record in folder.records():
                budget.charge(record.usage)
        with progress_bar(total, total - _missing(folders), shown=shown) as advance:
            for folder, plan in zip(folders, plans, strict=True):
                spent = outcomes[-1].exhausted if outcomes else None
                outcomes.append(
                    RunOutcome(0, len(folder.missing()), spent)
                    if spent
                    else run_plan(folder, plan=plan, budget=budget, on_record=advance)
                )
    return [
        Played(folder, outcome, leaderboard(folder.records()))
        for folder, outcome in zip(folders, outcomes, strict=True)
    ]


def check_missing(folders: Sequence[RunFolder]) -> None:
    """Checks, before runs are gone on with, the agents that still have episodes to play.

    Raises:
        Exception: What `check_agents` raises.
    """
    for folder in folders:
        names = dict.fromkeys(spec.agent for spec in folder.missing())
        if names:
            check_agents(folder.plan, names)


def judge(runs: Mapping[str, Played], labels: Mapping[str, str], resume: str) -> None:
    """Says what is wrong with runs; raises where they leave the question unanswered.

    Args:
        runs: By what to call each; a single run may be called "".
        labels: What to call agents, by their full name.
        resume: The command that goes on with them.

    Raises:
        CommandFailed: The budget is spent, or some agent has no result at all in some run.
    """
    titled = [
        (f"{labels.get(row.agent, row.agent)} in {name}" if name else row.agent, played, row)
        for name, played in runs.items()
        for row in played.standings
    ]
    for title, _, row in titled:
        broken = row.faults + row.unscored
        if broken:
            retry = f"`{resume} --retry-faults`"
            typer.echo(f"{title}: {broken} of {row.episodes} episodes have no result; try {retry}", err=True)
    exhausted = next((played.outcome.exhausted for played in runs.values() if played.outcome.exhausted), None)
    if exhausted:
        missing = sum(played.outcome.missing for played in runs.values())
        raise CommandFailed(
            f"{exhausted}; {missing} episodes are missing, play them with `{resume}` and a larger budget"
        )
    for title, played, row in titled:
        if row.faults + row.unscored == row.episodes:
            raise CommandFailed(f"no episode of {title} has a result{_first_cause(played.folder, row.agent)}")


def resume_command(folder: Path) -> str:
    """The command that goes on with a run or a suite."""
    return f"rsi eval --resume {shlex.quote(str(folder))}"


@contextmanager
def _saying_how_to_go_on(folders: Sequence[RunFolder], total: int, resume: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        recorded = total - _missing(folders)
        raise CommandFailed(
            f"interrupted; {recorded} of {total} episodes are recorded, play the rest with `{resume}`"
        ) from error
    except RecordsDiskFull as error:
        recorded = total - _missing(folders)
        raise CommandFailed(
            f"{error}; {recorded} of {total} episodes are recorded, play the rest with `{resume}`"
        ) from error


def _missing(folders: Sequence[RunFolder]) -> int:
    return sum(len(folder.missing()) for folder in folders)


def _first_cause(folder: RunFolder, agent: str) -> str:
    for record in folder.records():
        if record.agent == agent and record.fault:
            return f"; the first broke in the {record.fault.where} with {record.fault.kind}: {record.fault.message}"
        if record.agent == agent and record.verdict:
            return f"; the first could not be judged: {record.verdict.unscored}"
    return ""
