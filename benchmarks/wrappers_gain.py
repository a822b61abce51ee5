# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What wrappers of an agent gain on rsi/Code-v0, and what they cost, beside the bare agent.

    python benchmarks/wrappers_gain.py --agent llm:openai/gpt-4o-mini?temperature=0.8 --wrapper "best_of?n=4" \
        --wrapper self_refine --wrapper "majority?n=5" [--episodes 20] [--tasks 10] [--cache replies.sqlite]

All play the same tasks with the same seeds, in turn. A gain is the mean over tasks of a task's mean difference, with a
percentile bootstrap over tasks. With more episodes than tasks, tasks come again with other seeds, as `reflexion` needs.
With a cache, tokens are those that the replies once consumed, but seconds leave out what was not asked again.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contest.command import count, is_quick, progress, read
from contest.report import machine
from rsi_agents import (
    AgentsError,
    EpisodeRecord,
    Plan,
    RunFolder,
    Standing,
    agent_factory,
    leaderboard,
    make_plan,
    run_plan,
)
from rsi_agents.leaderboard import bootstrap_interval

ENV = "rsi/Code-v0"
BARE = "bare"


def main() -> int:
    """Measures and prints the table."""
    options = read_options()
    console = Console(width=160)
    bare = cached(options.agent, options.cache)
    players = {bare: BARE} | {f"{wrapper} of {bare}": wrapper for wrapper in options.wrapper}
    try:
        for name in players:
            agent_factory(name)
    except AgentsError as error:
        sys.exit(f"error: {error}")
    plan = planned(list(players), options)
    with tempfile.TemporaryDirectory() as scratch:
        records = played(plan, options.out or Path(scratch) / "run", console)
    standings = {row.agent: row for row in leaderboard(records)}
    table = Table("agent", "score", "passed", "gain [95%]", "passed more [95%]", "unscored", "faults", "tokens", "s")
    for name, shown in players.items():
        gained, passed_more = (gain(records, name, bare, what) for what in ("score", "passed"))
        table.add_row(escape(shown), *cells(standings[name], gained, passed_more))
    console.print(table)
    console.print(
        f"{options.agent}; {ENV}, split {options.split}, {len(plan.task_ids)} tasks, {plan.episodes} episodes each",
        soft_wrap=True,
        markup=False,
    )
    console.print(f"{datetime.now(UTC):%Y-%m-%d}; {machine()}", soft_wrap=True)
    return 0


def read_options() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="What wrappers of an agent gain, and what they cost.")
    parser.add_argument("--agent", required=not is_quick(), help="the bare agent's name")
    parser.add_argument("--wrapper", action="append", required=not is_quick(), help="such as 'best_of?n=4'; repeatable")
    parser.add_argument("--episodes", type=count, help="episodes that each plays (default: every task once)")
    parser.add_argument("--tasks", type=count, help="tasks, the first ones (default: all of the split)")
    parser.add_argument("--split", default="test", choices=("train", "test"), help="default: %(default)s")
    parser.add_argument("--max-turns", type=count, default=1, help="programs in an episode (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the first episode (default: %(default)s)")
    parser.add_argument("--cache", type=Path, help="a file that keeps an llm: agent's replies")
    parser.add_argument("--concurrency", type=count, default=1, help="episodes at once (default: %(default)s)")
    parser.add_argument("--out", type=Path, help="a folder for the records (default: none are kept)")
    options = read(parser, agent="reference:partial", episodes=2, tasks=2)
    options.wrapper = options.wrapper or ["best_of?n=2"]
    return options


def cached(agent: str, cache: Path | None) -> str:
    """Adds the cache to an agent's settings."""
    if cache is None:
        return agent
    return f"{agent}{'&' if '?' in agent else '?'}cache={quote(str(cache.absolute()))}"


def planned(agents: Sequence[str], options: argparse.Namespace) -> Plan:
    """Settles who plays what."""
    plan = make_plan(
        ENV,
        agents,
        env_kwargs={"max_turns": options.max_turns},
        split=options.split,
        seed=options.seed,
        concurrency=options.concurrency,
    )
    task_ids = plan.task_ids[: options.tasks]
    return dataclasses.replace(plan, task_ids=task_ids, episodes=options.episodes or len(task_ids))


def played(plan: Plan, path: Path, console: Console) -> list[EpisodeRecord]:
    """Plays the plan and returns all records."""
    with (
        RunFolder.create(path, plan) as folder,
        progress(console, "episodes", plan.episodes * len(plan.agents)) as step,
    ):
        run_plan(folder, on_record=lambda record: step())
        return list(folder.records())


def gain(records: Iterable[EpisodeRecord], agent: str, bare: str, what: str) -> list[float]:
    """Lists by how much an agent did better than the bare one: a mean difference for each task.

    Args:
        records: Of both; episodes that either has no verdict on are left out.
        agent: The wrapped agent's name.
        bare: The bare agent's name.
        what: "score" or "passed".
    """
    values: dict[str, dict[tuple[str | None, int], float]] = {agent: {}, bare: {}}
    for record in records:
        value = getattr(record.verdict, what, None)
        if record.agent in values and value is not None:
            values[record.agent][record.task_id, record.seed] = float(value)
    by_task: defaultdict[str | None, list[float]] = defaultdict(list)
    for (task_id, seed), value in values[agent].items():
        if (task_id, seed) in values[bare]:
            by_task[task_id].append(value - values[bare][task_id, seed])
    return [statistics.fmean(differences) for differences in by_task.values()]


def cells(row: Standing, gained: list[float], passed_more: list[float]) -> list[str]:
    """Writes a row of the table."""
    return [
        "-" if row.score is None else f"{row.score:.3f}",
        "-" if row.pass_rate is None else f"{row.pass_rate:.1%}",
        with_interval(gained, "{:+.3f}"),
        with_interval(passed_more, "{:+.1%}"),
        str(row.unscored),
        str(row.faults),
        f"{row.tokens:,}",
        f"{row.wall_s:.0f}",
    ]


def with_interval(values: list[float], form: str) -> str:
    """Writes a mean and its interval."""
    interval = bootstrap_interval(values)
    if interval is None:
        return form.format(values[0]) if values else "-"
    return f"{form} [{form}, {form}]".format(statistics.fmean(values), interval.low, interval.high)


if __name__ == "__main__":
    sys.exit(main())
