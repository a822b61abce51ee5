# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How fast rsi/Chess-v0 and others' chess environments play, as a ratio to python-chess observing nothing.

    python benchmarks/chess_speed.py [--rounds 9] [--peers-python PATH …]

Everybody does the same: random legal moves for both sides, the observation and the mask of legal actions made at every
ply, in one process. What counts is that process's own time on the processor. Players take turns within each round, so
that a machine whose speed drifts treats all alike; a ratio is to the floor of the same process in the same round, and
medians over the rounds are shown. Peers are found where they are installed: in this Python's environment, or in
others'.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from chess_contest.memory import ALONE, SLOT, Held
from chess_contest.ours import MADE, OURS
from chess_contest.peers import PEERS
from chess_contest.players import FLOOR
from chess_contest.report import as_json, markdown, remarks, setting, terminal_table
from chess_contest.rounds import Measured, Seat, measure, measure_two, played
from contest.command import count, progress
from contest.report import put_into_page
from contest.workers import Worker, WorkerFailed

_MODULE = "chess_contest.worker"
WIDTH = 140
"""Columns where there is no terminal."""


def arguments_of(words: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Plies a second of chess environments, against bare python-chess.")
    add = parser.add_argument
    add("--rounds", type=count, default=9, help="interleaved rounds (default 9)")
    add("--seconds", type=float, default=0.5, help="at least, for each player in each round (default 0.5)")
    add("--boards", type=count, default=2000, help="boards whose memory is measured (default 2000)")
    add("--only", nargs="+", default=[""], help="players whose name contains one of these; the floor stays")
    add("--peers-python", nargs="+", default=[sys.executable], help="Pythons with peers installed (default this one)")
    add("--json", type=Path, help="write all raw figures to this file")
    add("--markdown", nargs="?", const="-", help="print Markdown, or put it between the marks of this page")
    arguments = parser.parse_args(words)
    for python in arguments.peers_python:
        if shutil.which(python) is None:
            parser.error(f"there is no program {python}")
    arguments.peers_python = [os.path.abspath(shutil.which(python)) for python in arguments.peers_python]
    return arguments


def memory_of_boards(boards: int) -> dict[str, Held]:
    """Measures what boards hold, each kind in a fresh process."""
    found = {}
    for kind in (ALONE, SLOT):
        worker = Worker(sys.executable, _MODULE, {})
        try:
            found[kind] = Held(**worker.ask(do="hold", kind=kind, boards=boards))
        finally:
            worker.close()
    return found


def seated(workers: Sequence[Worker], measured: Measured, chosen: Callable[[str], bool]) -> list[Seat]:
    """Gives ours a seat in the first process, and each peer one in the first of the others where it plays.

    Processes in which somebody sits have the floor, too.
    """
    seats = [Seat(name, 0) for name in OURS if chosen(name)]
    for name in filter(chosen, PEERS):
        for process, worker in enumerate(workers[1:], 1):
            try:
                problem = worker.ask(do="list")["problems"][name]
                if problem is None:
                    played(worker, name, 0.0)
            except WorkerFailed as error:
                problem = str(error)
            if problem is None:
                measured.left_out.pop(name, None)
                seats.append(Seat(name, process))
                break
            measured.left_out[name] = problem
    return [Seat(FLOOR, process) for process in sorted({0, *(seat.process for seat in seats)})] + seats


def main() -> int:
    """Measures everybody and prints the table."""
    arguments = arguments_of()
    console = Console(stderr=arguments.markdown == "-")
    if not console.is_terminal:
        console.width = WIDTH
    measured = Measured()

    def chosen(name: str) -> bool:
        return any(word in name for word in arguments.only)

    with ExitStack() as closing:
        places = [(sys.executable, {}), *((python, {"PYTHONPATH": ""}) for python in arguments.peers_python)]
        workers = [Worker(python, _MODULE, environment) for python, environment in places]
        for worker in workers:
            closing.callback(worker.close)
        where = setting(
            tuple(worker.ask(do="list")["python"] for worker in workers), arguments.rounds, arguments.seconds
        )
        memory = memory_of_boards(arguments.boards)
        seats = seated(workers, measured, chosen)
        how = {"rounds": arguments.rounds, "at_least_s": arguments.seconds}
        with progress(console, "rounds", len(seats) * (1 + arguments.rounds)) as step:
            measure(workers, seats, measured, **how, step=step)
        if chosen(MADE):
            second = Worker(sys.executable, _MODULE, {})
            closing.callback(second.close)
            measure_two((workers[0], second), MADE, measured, **how)
    for name, reason in measured.left_out.items():
        console.print(f"left out {name}: {reason}", markup=False, soft_wrap=True)
    if arguments.markdown == "-":
        print(markdown(measured, memory, where))
    else:
        console.print(terminal_table(measured, where))
        for remark in [*remarks(measured, memory), str(where)]:
            console.print(remark, markup=False, soft_wrap=True)
        if arguments.markdown:
            put_into_page(Path(arguments.markdown), markdown(measured, memory, where))
    if arguments.json:
        arguments.json.write_text(as_json(measured, memory, where), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
