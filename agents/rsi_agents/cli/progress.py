# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The progress bar, on stderr and on terminals alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from rsi_agents.records import EpisodeRecord


@contextmanager
def progress_bar(total: int, done: int, *, shown: bool, unit: str = "episodes") -> Iterator[Callable[..., None]]:
    """Shows how far a run is; yields what to call with every record, or with nothing where there are none.

    Args:
        total: Episodes in the plan, or whatever is counted.
        done: Those recorded already.
        shown: False shows nothing, and neither does a stderr that is no terminal.
        unit: What is counted.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn(unit),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as progress:
        task = progress.add_task("", total=total, completed=done)
        faults = 0

        def advance(record: EpisodeRecord | None = None) -> None:
            nonlocal faults
            faults += record is not None and record.fault is not None
            progress.update(task, advance=1, description=f"{faults} faults" if faults else "")

        yield advance
