# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An arena's standings as a table."""

from __future__ import annotations

from rich import box
from rich.markup import escape
from rich.table import Table

from rsi_agents.arena import ArenaStanding, ArenaTable
from rsi_agents.cli.standings import print_wide, with_interval


def print_arena(table: ArenaTable, *, sequential: bool) -> None:
    """Prints the standings on stdout.

    Args:
        table: What is shown.
        sequential: Whether Elo's own sequence of updates has a column.
    """
    columns = ["rank", "agent", "Elo [95%]", "score", "games", "faults", "better than next"]
    if sequential:
        columns.insert(3, "Elo by updates")
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for title in columns:
        shown.add_column(escape(title), justify="left" if title == "agent" else "right", overflow="fold")
    for row in table.rows:
        cells = _cells(row)
        shown.add_row(*(escape(cells[title]) for title in columns))
    print_wide(shown)


def _cells(row: ArenaStanding) -> dict[str, str]:
    return {
        "rank": _shown(row.rank, "{}"),
        "agent": row.agent,
        "Elo [95%]": with_interval(row.elo, row.interval, "{:+.0f}"),
        "Elo by updates": _shown(row.sequential_elo, "{:+.0f}"),
        "score": _shown(row.score, "{:.3f}"),
        "games": str(row.games),
        "faults": str(row.faults or ""),
        "better than next": _shown(row.better_than_next, "{:.1%}"),
    }


def _shown(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)
