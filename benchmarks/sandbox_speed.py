# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How fast a job runs in each sandbox, ours and others', as a ratio to the same job without any isolation.

    python benchmarks/sandbox_speed.py [--rounds 9] [--in-flight 2 8 64 512] [--peers-python PATH]
    python benchmarks/sandbox_speed.py --soak 100000 --backends bubblewrap

The job is a grading job: a 30-line solution and 20 tests. Every contender runs it in turn within each round, so that
a machine whose speed drifts treats all alike; shown are medians over the rounds. The floor is a bare
`subprocess.run`. Peers are found where they are installed: in this Python's environment, or in another's.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from contest.command import count, progress, read
from contest.contenders import Contender
from contest.jobs import WrongOutput
from contest.ours import our_contenders
from contest.plain import FLOOR, plain_contenders
from contest.processes import Idle, idle
from contest.remote import PeerWorker
from contest.report import as_json, markdown, put_into_page, setting, terminal_table
from contest.rounds import Measured, measure, steps
from contest.soak import soak
from contest.workers import WorkerFailed
from rsi_sandboxes import SandboxError, backend_names

SYSTEM_PYTHON = Path("/usr/bin/python3")
OURS = ("bubblewrap", "docker")
IDLE_AFTER = 8
"""At most so many jobs are in flight before a look at what a backend holds while it waits."""
WIDTH = 160
"""Columns where there is no terminal."""


def arguments_of(words: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Jobs a second in each sandbox, against a bare subprocess.")
    add = parser.add_argument
    add("--rounds", type=count, default=9, help="interleaved rounds (default 9)")
    add("--in-flight", type=count, nargs="+", default=[2, 8], help="jobs at a time (default 2 8)")
    add("--seconds", type=float, default=0.5, help="at least, for each contender in each round (default 0.5)")
    add("--longest", type=float, default=60, help="leave out what would need more seconds a round (default 60)")
    add("--backends", nargs="+", default=list(OURS), choices=backend_names(), help=f"ours (default {' '.join(OURS)})")
    add("--only", nargs="+", default=[""], help="contenders whose name contains one of these; the floor stays")
    add("--python", default=None, help="runs the job outside containers (default /usr/bin/python3, else this one)")
    add("--peers-python", default=sys.executable, help="a Python with peers installed (default this one)")
    add("--json", type=Path, help="write all raw figures to this file")
    add("--markdown", nargs="?", const="-", help="print Markdown, or put it between the marks of this page")
    add("--soak", type=count, help="run so many jobs through the first backend and look for growth instead")
    arguments = read(parser, words, rounds=2, seconds=0.1, in_flight=[8])
    if arguments.python is None:
        arguments.python = str(SYSTEM_PYTHON) if SYSTEM_PYTHON.exists() else sys.executable
    for option in ("python", "peers_python"):
        found = shutil.which(getattr(arguments, option))
        if found is None:
            parser.error(f"there is no program {getattr(arguments, option)}")
        setattr(arguments, option, os.path.abspath(found))
    arguments.in_flight = sorted(set(arguments.in_flight))
    return arguments


def compete(arguments: argparse.Namespace, console: Console) -> int:
    """Measures everybody and prints the table."""
    where = setting(arguments.python, arguments.in_flight, arguments.rounds, arguments.seconds)
    measured = Measured()
    worker = PeerWorker(arguments.peers_python, arguments.python)
    try:
        memory = held_while_waiting(arguments, measured)
        contenders = gathered(arguments, worker, measured)
        with progress(console, "rounds", steps(len(contenders), arguments.rounds, arguments.in_flight)) as step:
            measure(
                contenders,
                measured,
                rounds=arguments.rounds,
                in_flight=arguments.in_flight,
                at_least_s=arguments.seconds,
                longest_s=arguments.longest,
                step=step,
            )
    finally:
        worker.close()
    for name, reason in measured.left_out.items():
        console.print(f"left out {name}: {reason}", markup=False, soft_wrap=True)
    if arguments.markdown == "-":
        print(markdown(measured, memory, where))
    else:
        console.print(terminal_table(measured, arguments.in_flight))
        for backend, held in memory.items():
            console.print(f"rsi {backend} holds while it waits: {held}")
        console.print(str(where), soft_wrap=True)
        if arguments.markdown:
            put_into_page(Path(arguments.markdown), markdown(measured, memory, where))
    if arguments.json:
        arguments.json.write_text(as_json(measured, memory, where), "utf-8")
    return 0


def held_while_waiting(arguments: argparse.Namespace, measured: Measured) -> dict[str, Idle]:
    """Looks at what each backend holds between jobs, before anything else is started."""
    found = {}
    for backend in arguments.backends:
        try:
            found[backend] = idle(backend, min(IDLE_AFTER, max(arguments.in_flight)))
        except (SandboxError, WrongOutput) as error:
            measured.left_out[f"rsi {backend}, memory"] = str(error)
    return found


def gathered(arguments: argparse.Namespace, worker: PeerWorker, measured: Measured) -> list[Contender]:
    """Gives the floor, which comes first, and all others that work here and were chosen."""
    found = plain_contenders(arguments.python, measured.left_out)
    for backend in arguments.backends:
        found += our_contenders(backend, measured.left_out)
    try:
        found += worker.contenders(measured.left_out)
    except WorkerFailed as error:
        measured.left_out["peers"] = str(error)
    return [one for one in found if one.name == FLOOR or any(word in one.name for word in arguments.only)]


def soak_one(arguments: argparse.Namespace, console: Console) -> int:
    """Runs very many jobs through one backend; returns 1 when one failed or something grew."""
    backend, in_flight = arguments.backends[0], arguments.in_flight[-1]
    where = setting(arguments.python, [in_flight], 1, 0)
    with progress(console, f"jobs in {backend}", arguments.soak) as step:
        done = soak(backend, arguments.soak, in_flight, step)
    console.print(done.table())
    rates = ", ".join(f"{rate:.0f}" for rate in done.jobs_per_s)
    console.print(f"{arguments.soak} jobs in {backend}, {in_flight} in flight; jobs/s in each tenth: {rates}")
    for failure in done.failures[:10]:
        console.print(failure, markup=False, soft_wrap=True)
    console.print(f"{len(done.failures)} failed; grown: {', '.join(done.grown()) or 'nothing'}")
    average = len(done.jobs_per_s) / math.fsum(1 / rate for rate in done.jobs_per_s)
    console.print(f"{average:.1f} jobs/s; {where.date}; {where.machine}", soft_wrap=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"setting": asdict(where), "soak": asdict(done)}, indent=1), "utf-8")
    return 1 if done.failures or done.grown() else 0


def main() -> int:
    """Does what the command line asks."""
    arguments = arguments_of()
    console = Console(stderr=arguments.markdown == "-")
    if not console.is_terminal:
        console.width = WIDTH
    return soak_one(arguments, console) if arguments.soak else compete(arguments, console)


if __name__ == "__main__":
    sys.exit(main())
