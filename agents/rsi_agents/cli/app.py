# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The commands of `rsi`, put together."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from rsi_agents.cli.arena import arena
from rsi_agents.cli.doctor import doctor
from rsi_agents.cli.eval import evaluate
from rsi_agents.cli.failure import SentenceGroup
from rsi_agents.cli.improve import improve_agent
from rsi_agents.cli.info import info
from rsi_agents.cli.judge import judge
from rsi_agents.cli.list import list_environments
from rsi_agents.cli.play import play
from rsi_agents.cli.report import report
from rsi_agents.cli.sandbox import sandbox
from rsi_agents.cli.view import view

app = typer.Typer(
    name="rsi",
    cls=SentenceGroup,
    help="Open-ended tasks for agents, with verdicts from isolated runs.",
    epilog="Example: rsi eval rsi/Code-v0 --agent reference:fast --agent random --episodes 10",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks. Stands before the command.")] = False,
) -> None:
    """Open-ended tasks for agents, with verdicts from isolated runs."""


app.command("list", epilog="Example: rsi list --json")(list_environments)
app.command("info", epilog="Example: rsi info rsi/Code-v0")(info)
app.command("doctor", epilog="Example: rsi doctor")(doctor)
app.command(
    "eval",
    epilog="Example: rsi eval rsi/Code-v0 --agent 'llm:openai/gpt-4o?temperature=0' --agent reference:slow",
)(evaluate)
app.command(
    "arena",
    epilog="Example: rsi arena rsi/Chess-v0 --agent random --agent 'uci:stockfish?nodes=1&epsilon=0.5' --games 10",
)(arena)
app.command("play", epilog="Example: rsi play rsi/ChessText-v0 --opponent 'uci:stockfish?nodes=100'")(play)
app.command("judge", epilog="Example: rsi judge --judge longest --judge constraints --pairs constraints --count 100")(
    judge
)
app.command("improve", epilog="Example: rsi improve rest_em --config benchmarks/loops/rest_em.toml")(improve_agent)
app.command("report", epilog="Example: rsi report runs/20261122T223031Z-Code-v0 --out report.html")(report)
app.command("view", epilog="Example: rsi view runs/20261122T223031Z-Code-v0")(view)
app.add_typer(sandbox, name="sandbox")


def main() -> None:
    """Runs the command line and exits: 0 done, 1 failed, 2 misused.

    What asks a process to end, ends a command as Ctrl-C does, unless it is ignored as `nohup` has it.
    """
    for asks_to_end in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(asks_to_end) is signal.SIG_DFL:
            signal.signal(asks_to_end, signal.default_int_handler)
    # A console script does not see the user's own modules, which `python:module:Class` names.
    sys.path.append(str(Path.cwd()))
    app()
