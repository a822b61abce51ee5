# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi report`: runs and loops as one HTML page."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from rsi_agents.cli.output import Json, print_json
from rsi_agents.cli.progress import progress_bar
from rsi_agents.report import MAX_BYTES, Written, write_report
from rsi_agents.report.sources import open_sources


def report(
    runs: Annotated[list[Path], typer.Argument(metavar="DIR…", help="Folders of runs and of loops.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where to write; report.html in the folder, or here for several, if left out."
        ),
    ] = None,
    max_bytes: Annotated[
        int, typer.Option(min=1, help="What the file may take; where it would take more, the longest texts are cut.")
    ] = MAX_BYTES,
    json: Json = False,
) -> None:
    """Write one HTML page about runs and loops: curves, leaderboards, comparisons, every episode. It loads nothing."""
    written = written_report(runs, out, max_bytes=max_bytes, shown=not json)
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


def written_report(
    folders: Sequence[Path], out: Path | None = None, *, max_bytes: int = MAX_BYTES, shown: bool
) -> Written:
    """Writes a report beside a progress bar, if that is to be shown; raises what `write_report` raises."""
    with progress_bar(open_sources(folders).planned, 0, shown=shown) as advance:
        return write_report(folders, out, max_bytes=max_bytes, on_record=advance)
