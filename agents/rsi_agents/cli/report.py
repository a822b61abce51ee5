# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi report`: one page about runs."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from rsi_agents.cli.output import Json, print_json
from rsi_agents.cli.progress import progress_bar
from rsi_agents.records import read_plan
from rsi_agents.report import MAX_BYTES, write_report


def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN…", help="Folders of runs.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where to write; report.html in the run's folder, or here for several, if left out."
        ),
    ] = None,
    max_bytes: Annotated[
        int, typer.Option(min=1, help="What the file may take; where it would take more, the longest texts are cut.")
    ] = MAX_BYTES,
    json: Json = False,
) -> None:
    """Write one HTML page about runs: leaderboards, comparisons, and every episode to open. It loads nothing else."""
    plans = [read_plan(folder) for folder in runs]
    total = sum(plan.episodes * len(plan.agents) for plan in plans)
    with progress_bar(total, 0, shown=not json) as advance:
        written = write_report(runs, out, max_bytes=max_bytes, on_record=advance)
    if json:
        print_json(dataclasses.asdict(written))
        return
    typer.echo(f"report: {written.path} ({written.bytes / 1e6:.1f} MB, {written.episodes:,} episodes)")
    if written.cut_texts or written.episodes_left_out:
        typer.echo(
            f"{written.cut_texts:,} texts are cut and {written.episodes_left_out:,} episodes left out so that it stays "
            f"below {max_bytes:,} bytes; the page says where, and --max-bytes allows more",
            err=True,
        )
