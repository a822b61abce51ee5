# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi improve`: run a loop that turns verdicts into a better agent."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from rsi_agents.cli.failure import CommandFailed, CommandMisused, sentence
from rsi_agents.cli.options import given, refuse
from rsi_agents.cli.output import Json, print_json
from rsi_agents.cli.progress import progress_bar
from rsi_agents.cli.report import written_report
from rsi_agents.cli.runs import begin
from rsi_agents.cli.standings import print_wide, with_interval
from rsi_agents.errors import LoopPaused, NothingToReport, RecordsDiskFull
from rsi_agents.loops.config import Limits, read_config
from rsi_agents.loops.drive import LoopOutcome, improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.rounds import RoundRecord
from rsi_agents.loops.table import make_loop
from rsi_agents.paired import Paired
from rsi_envs.core.budget import Budget


def improve_agent(
    loop: Annotated[str | None, typer.Argument(metavar="[LOOP]", help="The loop, where the file names none.")] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the loop does, as TOML; see the documentation of loops.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A folder without a loop; runs/<time>-<LOOP> if left out.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the loop in this folder.")] = None,
    max_tokens_total: Annotated[int | None, typer.Option(help="Tokens of the whole loop, resumed parts too.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="US dollars of the whole loop, resumed parts too.")] = None,
    max_wall: Annotated[float | None, typer.Option(metavar="SECONDS", help="Seconds from now.")] = None,
    json: Json = False,
) -> None:
    """Improve an agent round by round, measured on tasks that it does not learn from."""
    if resume is not None:
        refuse(given(loop=loop, config=config, out=out), "a resumed loop keeps what it was asked")
        folder = LoopFolder.open(resume)
    else:
        if config is None:
            raise CommandMisused("give a loop's --config, or a folder to --resume; see `rsi improve --help`")
        asked = read_config(config, loop=loop)
        make_loop(asked)
        folder = begin(lambda path: LoopFolder.create(path, asked), asked.loop, out)
    with folder:
        limits = folder.config.budget.model_copy(
            update=given(max_tokens_total=max_tokens_total, max_cost=max_cost, max_wall=max_wall)
        )
        try:
            outcome = _run(folder, limits, shown=not json)
        except LoopPaused as error:
            if page := _report(folder, shown=not json):
                typer.echo(f"report: {page}", err=True)
            raise CommandFailed(f"{error}; go on with `{_command(folder)}` and a larger budget") from error
        _show(folder, outcome, _report(folder, shown=not json), json)


def _run(folder: LoopFolder, limits: Limits, *, shown: bool) -> LoopOutcome:
    budget = Budget(max_tokens=limits.max_tokens_total, max_cost_usd=limits.max_cost, max_wall_s=limits.max_wall)
    total, done = folder.config.rounds + 1, len(folder.rounds())
    with _saying_how_to_go_on(folder), progress_bar(total, done, shown=shown, unit="rounds") as advance:
        return improve(folder, budget=budget, on_round=lambda record: advance())


@contextmanager
def _saying_how_to_go_on(folder: LoopFolder) -> Iterator[None]:
    command = _command(folder)
    try:
        yield
    except KeyboardInterrupt as error:
        raise CommandFailed(f"interrupted after {len(folder.rounds())} rounds; go on with `{command}`") from error
    except RecordsDiskFull as error:
        raise CommandFailed(f"{error}; go on with `{command}`") from error


def _command(folder: LoopFolder) -> str:
    return f"rsi improve --resume {shlex.quote(str(folder.path))}"


def _report(folder: LoopFolder, *, shown: bool) -> str | None:
    """Writes the loop's page; gives where it is, None where it could not be written, which never makes a loop fail."""
    try:
        return written_report([folder.path], shown=shown).path
    except NothingToReport:
        return None
    except Exception as error:  # whatever comes of telling others' episodes: the loop's records are there
        again = f"rsi report {shlex.quote(str(folder.path))}"
        typer.echo(f"no report was written: {sentence(error)}; `{again}` tries again", err=True)
        return None


def _show(folder: LoopFolder, outcome: LoopOutcome, page: str | None, json: bool) -> None:
    if json:
        rounds = [dataclasses.asdict(record) for record in outcome.rounds]
        print_json({"loop": str(folder.path), "agent": outcome.agent, "report": page, "rounds": rounds})
        return
    _print(outcome.rounds)
    for record in outcome.rounds:
        for said in (*record.brakes, *([record.note] if record.note else [])):
            typer.echo(f"round {record.number}: {said}")
    typer.echo(f"agent: {outcome.agent}")
    typer.echo(f"records: {folder.path}")
    if page:
        typer.echo(f"report: {page}")


def _print(rounds: Sequence[RoundRecord]) -> None:
    columns = ("round", "held-out score [95%]", "against parent [95%]", "against base [95%]", "p", "pass@1", "pass@k")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for title in (*columns, "diversity", "kept", "tokens", "time"):
        table.add_column(escape(title), justify="right", overflow="fold")
    for record in rounds:
        held = record.held_out
        row = (
            str(record.number),
            with_interval(held.score, held.interval, "{:.3f}") if held else "",
            _difference(record.against_parent),
            _difference(record.against_base),
            f"{record.against_base.p:.3g}" if record.against_base else "",
            _number(held.pass_rate if held else None, "{:.1%}"),
            _number(held.pass_at_k if held else None, "{:.1%}"),
            _number(held.diversity if held else None, "{:.2f}"),
            "yes" if record.kept else "no",
            f"{record.usage.total_tokens:,}" if record.usage.calls else "",
            f"{record.wall_s:.1f} s",
        )
        table.add_row(*map(escape, row))
    print_wide(table)


def _difference(found: Paired | None) -> str:
    return with_interval(found.difference, found.interval, "{:+.3f}") if found else ""


def _number(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)
