# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi view`: a run's page, live."""

from __future__ import annotations

import socket
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from rsi_agents.cli.failure import CommandFailed
from rsi_agents.cli.output import Json, print_json
from rsi_agents.records import read_plan


def view(
    run: Annotated[Path, typer.Argument(metavar="DIR", help="A run's folder.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port on this machine; 0 takes a free one.")] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Don't open a browser.")] = False,
    json: Json = False,
) -> None:
    """Show a run while it goes on: its page, on this machine alone, with new episodes as they end. Ctrl-C ends it."""
    read_plan(run)
    from rsi_agents.report.live import LOOPBACK, serve

    try:
        listening = socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise CommandFailed(
            f"port {port} can't be had ({error.strerror}); leave --port out to take a free one"
        ) from error
    with listening:
        url = f"http://{LOOPBACK}:{listening.getsockname()[1]}/"
        if json:
            print_json({"url": url})
        else:
            typer.echo(f"{run} is shown at {url}, until Ctrl-C")
        if not no_open:
            webbrowser.open(url)
        try:
            serve(run, listening)
        except KeyboardInterrupt:
            return
