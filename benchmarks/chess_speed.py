# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How fast rsi/Chess-v0 and others' chess environments play, as a ratio to python-chess observing nothing.

    python benchmarks/chess_speed.py [--rounds 9] [--peers-python PATH …]

Everybody does the same: random legal moves for both sides, the observation and the mask of legal actions made at every
ply. Each player has a process for itself, and what counts is that process's time on the processor. Players take turns
within each round, so that a machine whose speed drifts treats all alike; a ratio is to the floor of the same Python in
the same round, and medians over the rounds are shown. Peers are found where they are installed: in this Python's
environment, or in others'.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console

from chess_contest.memory import KINDS, Held
from chess_contest.ours import MADE, OURS
from chess_contest.peers import PEERS
from chess_contest.players import FLOOR
from chess_contest.report import as_json, markdown, remarks, setting, terminal_table
from chess_contest.rounds import Measured, Seat, measure, measure_two, played
from contest.command import count, progress, read
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
    add("--warm-up", type=float, default=2.0, help="seconds that each player plays before the rounds (default 2)")
    add("--boards", type=count, default=2000, help="boards whose memory is measured (default 2000)")
    add("--only", nargs="+", default=[""], help="players whose name contains one of these; the floor stays")
    add("--peers-python", nargs="+", default=[sys.executable], help="Pythons with peers installed (default this one)")
    add("--json", type=Path, help="write all raw figures to this file")
    add("--markdown", nargs="?", const="-", help="print Markdown, or put it between the marks of this page")
    arguments = read(parser, words, rounds=3, seconds=0.1, warm_up=0.5, boards=200)
    for python in arguments.peers_python:
        if shutil.which(python) is None:
            parser.error(f"there is no program {python}")
    arguments.peers_python = [os.path.abspath(shutil.which(python)) for python in arguments.peers_python]
    return arguments


class Hall:
    """The processes of all players; leaving it ends them.

    Args:
        pythons: Interpreters: this one, then those in which peers may be.
    """

    def __init__(self, pythons: Sequence[str]) -> None:
        self._pythons = pythons
        self._closing = ExitStack()

    def __enter__(self) -> Hall:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def process(self, python: int = 0) -> Worker:
        """Starts a process."""
        worker = Worker(self._pythons[python], _MODULE, {"PYTHONPATH": ""} if python else {})
        self._closing.callback(worker.close)
        return worker

    def ask_once(self, python: int = 0, **order: Any) -> dict[str, Any]:
        """Has one order answered by a process of its own, which ends then."""
        worker = self.process(python)
        try:
            return worker.ask(**order)
        finally:
            worker.close()

    def versions(self) -> tuple[str, ...]:
        """Asks each Python for its version."""
        return tuple(str(self.ask_once(python, do="list")["python"]) for python in range(len(self._pythons)))

    def seats(self, measured: Measured, chosen: Callable[[str], bool]) -> dict[Seat, Worker]:
        """Gives ours a process of this Python, each peer one of the first Python where it plays, and each a floor."""
        seats = {Seat(name, 0): self.process() for name in OURS if chosen(name)}
        for name in filter(chosen, PEERS):
            for python in range(1, len(self._pythons)):
                worker = self.process(python)
                problem = _problem(worker, name)
                if problem is None:
                    measured.left_out.pop(name, None)
                    seats[Seat(name, python)] = worker
                    break
                measured.left_out[name] = problem
                worker.close()
        floors = sorted({0, *(seat.python for seat in seats)})
        return {Seat(FLOOR, python): self.process(python) for python in floors} | seats


def _problem(worker: Worker, name: str) -> str | None:
    try:
        problem = worker.ask(do="list")["problems"][name]
        if problem is None:
            played(worker, name, 0.0)
    except WorkerFailed as error:
        return str(error)
    return str(problem) if problem else None


def main() -> int:
    """Measures everybody and prints the table."""
    arguments = arguments_of()
    console = Console(stderr=arguments.markdown == "-")
    if not console.is_terminal:
        console.width = WIDTH
    measured = Measured()

    def chosen(name: str) -> bool:
        return any(word in name for word in arguments.only)

    with Hall([sys.executable, *arguments.peers_python]) as hall:
        where = setting(hall.versions(), arguments.rounds, arguments.seconds)
        memory = {kind: Held(**hall.ask_once(do="hold", kind=kind, boards=arguments.boards)) for kind in KINDS}
        seats = hall.seats(measured, chosen)
        how = {"rounds": arguments.rounds, "at_least_s": arguments.seconds, "warm_up_s": arguments.warm_up}
        with progress(console, "rounds", len(seats) * (1 + arguments.rounds)) as step:
            measure(seats, measured, **how, step=step)
        if chosen(MADE):
            measure_two((hall.process(), hall.process()), MADE, measured, **how)
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
