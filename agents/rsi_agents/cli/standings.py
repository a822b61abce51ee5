# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The leaderboard as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rsi_agents.leaderboard import Interval, Standing
from rsi_agents.suite_leaderboard import SuiteStanding

_NARROWEST_INTERVAL = len("[0.000,1.000]")
_NARROWEST_TABLE = 110
_PIPE_WIDTH = 1_000

_COLUMNS: tuple[tuple[str, Callable[[Standing], str]], ...] = (
    ("score [95%]", lambda row: with_interval(row.score, row.score_interval, "{:.3f}")),
    ("passed [95%]", lambda row: with_interval(row.pass_rate, row.pass_interval, "{:.1%}")),
    ("beaten", lambda row: _number(row.references_beaten, "{:.2f}")),
    ("reward", lambda row: _number(row.reward if row.score is None else None, "{:.3f}")),
    ("episodes", lambda row: str(row.episodes)),
    ("unscored", lambda row: str(row.unscored or "")),
    ("faults", lambda row: str(row.faults or "")),
    (
        "malformed [95%]",
        lambda row: with_interval(row.malformed, row.malformed_interval, "{:.1%}") if row.malformed else "",
    ),
    ("diversity", lambda row: _number(row.diversity, "{:.2f}")),
    ("tokens", lambda row: _tokens(row.tokens)),
    ("cost", lambda row: _cost(row.cost_usd)),
    ("time", lambda row: f"{row.wall_s:.1f} s"),
)

_SUITE_COLUMNS: tuple[tuple[str, Callable[[SuiteStanding], str]], ...] = (
    ("mean", lambda row: _number(row.mean, "{:.3f}") or "-"),
    ("tokens", lambda row: _tokens(row.tokens)),
    ("cost", lambda row: _cost(row.cost_usd)),
    ("time", lambda row: f"{row.wall_s:.1f} s"),
)


def print_leaderboard(standings: Sequence[Standing]) -> None:
    """Prints the standings on stdout, without the columns in which no agent has anything.

    "beaten" is the mean number of references done better than; the reward stands for agents without scores.
    """
    names = sorted({name for row in standings for name in row.metrics})
    columns = [*_COLUMNS[:-3], *(_metric_column(name) for name in names), *_COLUMNS[-3:]]
    shown = [(title, cell) for title, cell in columns if any(cell(row) for row in standings)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("agent", overflow="fold", min_width=16)
    for title, _ in shown:
        interval = "[" in title
        table.add_column(
            escape(title),
            justify="right",
            no_wrap=not interval,
            min_width=_NARROWEST_INTERVAL if interval else len(title),
        )
    for row in standings:
        table.add_row(escape(row.agent), *(escape(cell(row)) for _, cell in shown))
    print_wide(table)


def print_suite(rows: Sequence[SuiteStanding], runs: Sequence[str]) -> None:
    """Prints a suite's leaderboard on stdout: agents by runs.

    A cell is empty where the agent does not play the run, and "-" where it has no score there.

    Args:
        rows: The agents'.
        runs: The runs' names in order.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("agent", overflow="fold", min_width=16)
    for run in runs:
        table.add_column(escape(f"{run} [95%]"), justify="right", min_width=_NARROWEST_INTERVAL)
    shown = [(title, cell) for title, cell in _SUITE_COLUMNS if any(cell(row) for row in rows)]
    for title, _ in shown:
        table.add_column(title, justify="right", no_wrap=True, min_width=len(title))
    for row in rows:
        scores = (_score(row.runs[run]) if run in row.runs else "" for run in runs)
        table.add_row(escape(row.agent), *map(escape, scores), *(cell(row) for _, cell in shown))
    print_wide(table)


def _score(row: Standing) -> str:
    return with_interval(row.score, row.score_interval, "{:.3f}") or "-"


def print_wide(table: Table) -> None:
    """Prints a table on stdout, at a width at which its rows can be read, or as long as they are where it is piped."""
    console = Console()
    Console(width=max(console.width, _NARROWEST_TABLE) if console.is_terminal else _PIPE_WIDTH).print(table)


def _metric_column(name: str) -> tuple[str, Callable[[Standing], str]]:
    def cell(row: Standing) -> str:
        mean = row.metrics.get(name)
        return with_interval(mean.value, mean.interval, "{:.3g}") if mean else ""

    return f"{name} [95%]", cell


def _tokens(number: int) -> str:
    return f"{number:,}" if number else ""


def _cost(usd: float) -> str:
    return f"${usd:.4f}" if usd else ""


def _number(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def with_interval(value: float | None, interval: Interval | None, form: str) -> str:
    """Writes a value and its interval; nothing for None."""
    if value is None:
        return ""
    if interval is None:
        return form.format(value)
    return f"{form.format(value)} [{form.format(interval.low)},{form.format(interval.high)}]"
