# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Whether judges order the reference texts of rsi/Writing-v0 as they were written, by genre.

    python benchmarks/writing_ladder.py --judge constraints --judge llm:openai/gpt-4o-mini [--below poor] [--above good]

Each judge compares two rungs of every assignment's ladder in both orders, and all of them together are a panel. Below
the table stands on how many pairs `constraints` could decide, and how often it would be right.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from scipy.stats import binomtest

from contest.command import count, is_quick, progress, read
from contest.report import machine
from rsi_agents.skill import KnownTask, Skill, heard, skill_of
from rsi_envs.core.constraints import share_met
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judging import Ranking
from rsi_envs.core.panel import Panel, Seat
from rsi_envs.writing.loading import load_assignments
from rsi_envs.writing.reward import to_be_judged

PANEL = "panel"
ALL = "all genres"


def main() -> int:
    """Measures and prints the table."""
    options = read_options()
    console = Console(width=160)
    tasks = ladder(options.split, options.below, options.above)[: options.count]
    seats = [Seat(AgentJudge(name)) for name in options.judge]
    everyone = Panel(seats, concurrency=options.concurrency)
    with progress(console, "pairs", len(tasks)) as step:
        votes = heard(everyone, tasks, concurrency=options.concurrency, on_task=step)
    panels = {seat.judge.name: Panel([seat]) for seat in seats}
    if len(seats) > 1:
        panels[PANEL] = everyone
    skills = [skill_of(name, panel, tasks, votes) for name, panel in panels.items()]
    table = Table("genre", "pairs", *(re.sub(r"\?\S*", "", name) for name in panels))
    genres = sorted({known.category for known in tasks})
    for genre in genres:
        pairs = sum(known.category == genre for known in tasks)
        table.add_row(genre, str(pairs), *(of_genre(skill, genre) for skill in skills))
    table.add_row(ALL, str(len(tasks)), *map(shown, skills))
    console.print(table)
    console.print(f"{options.below} against {options.above}, split {options.split}; {checkable(tasks)}", soft_wrap=True)
    console.print(f"{datetime.now(UTC):%Y-%m-%d}; {machine()}", soft_wrap=True)
    return 0


def read_options() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Whether judges order texts of known quality.")
    parser.add_argument("--judge", action="append", required=not is_quick(), help="an agent's name; repeatable")
    parser.add_argument("--below", default="poor", help="the lower rung (default: %(default)s)")
    parser.add_argument("--above", default="good", help="the higher rung (default: %(default)s)")
    parser.add_argument("--split", default="test", choices=("train", "test"), help="default: %(default)s")
    parser.add_argument("--count", type=count, help="assignments, the first ones (default: all of the split)")
    parser.add_argument("--concurrency", type=count, default=2, help="questions at once (default: %(default)s)")
    options = read(parser)
    options.judge = options.judge or ["constraints"]
    return options


def ladder(split: str, below: str, above: str) -> list[KnownTask]:
    """Makes a judging task of two rungs of every assignment's ladder; which comes first alternates."""
    assignments = load_assignments(None)
    tasks = []
    for number, task_id in enumerate(assignments.ids(split)):  # type: ignore[arg-type]
        task = assignments.get(task_id)
        shown, truth = (below, above), Ranking(((1,), (0,)))
        if number % 2:
            shown, truth = (above, below), Ranking(((0,), (1,)))
        judging = to_be_judged(task, [task.reference(level) for level in shown])
        tasks.append(KnownTask(task_id, judging, truth, task.genre))
    return tasks


def of_genre(skill: Skill, genre: str) -> str:
    """Writes the share of a genre's pairs ordered rightly."""
    mean = skill.categories.get(genre)
    return f"{mean.value:.2f}" if mean else "-"


def shown(skill: Skill) -> str:
    """Writes the share of pairs ordered rightly, its interval, and how likely chance would do as well."""
    if skill.accuracy is None or skill.accuracy.interval is None:
        return "-"
    mean, interval = skill.accuracy.value, skill.accuracy.interval
    judged = skill.tasks - skill.unscored
    chance = binomtest(int(mean * judged + 1e-9), judged, alternative="greater").pvalue
    return f"{mean:.2f} [{interval.low:.2f}, {interval.high:.2f}], p = {chance:.2g}"


def checkable(tasks: list[KnownTask]) -> str:
    """Says how many pairs differ in the share of constraints met, and how often the better text meets more."""
    right = differ = 0
    for known in tasks:
        (better,), (worse,) = known.truth.order
        met = [share_met(known.task.constraints, text) for text in known.task.candidates]
        differ += met[better] != met[worse]
        right += met[better] > met[worse]
    return f"of {len(tasks)} pairs {differ} differ in constraints met, and in {right} the better text meets more"


if __name__ == "__main__":
    sys.exit(main())
