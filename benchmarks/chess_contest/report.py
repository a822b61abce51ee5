# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What was measured, as a table on the terminal, as Markdown for the documentation, and raw as JSON."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from rich.table import Table

from chess_contest.memory import PLIES_INTO_A_GAME, Held
from chess_contest.ours import CLAIMED, FORCED, MADE, OURS
from chess_contest.peers import PEERS
from chess_contest.players import FLOOR, FLOORS
from chess_contest.rounds import Measured, Seat
from contest.report import machine

_PLAYERS = {**FLOORS, **OURS, **PEERS}
_REPLAYS = (CLAIMED, FORCED)
_HEADER = ["environment", "made at every ply", "Python", "µs a ply", "plies/s", "ratio"]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how it was measured."""

    date: str
    machine: str
    pythons: tuple[str, ...]
    """The version of each, the benchmark's own first."""
    rounds: int
    at_least_s: float
    load: float
    """Processes that wanted a processor in the minute before: what else the machine was doing."""

    def __str__(self) -> str:
        return (
            f"{self.date}; {self.machine}; load {self.load:.1f} before; "
            f"rounds: {self.rounds} of at least {self.at_least_s:g} s each"
        )


def setting(pythons: tuple[str, ...], rounds: int, at_least_s: float) -> Setting:
    """Describes this machine, before anything is measured, and what was asked."""
    return Setting(f"{datetime.now(UTC):%Y-%m-%d}", machine(), pythons, rounds, at_least_s, os.getloadavg()[0])


def rows(measured: Measured, where: Setting) -> list[list[str]]:
    """Gives a row for each player, the fastest first below the floors."""
    seats = [seat for seat in measured.samples if seat.name not in _REPLAYS]
    seats.sort(key=lambda seat: (seat.name != FLOOR, -measured.floor_ratio(seat), seat.python))
    return [_row(seat, measured, where) for seat in seats]


def _row(seat: Seat, measured: Measured, where: Setting) -> list[str]:
    cpu_us = measured.cpu_us(seat)
    python = ".".join(where.pythons[seat.python].split(".")[:2])
    ratio = f"{measured.floor_ratio(seat):.2f}"
    return [seat.name, _PLAYERS[seat.name].sees, python, f"{cpu_us:.1f}", f"{1e6 / cpu_us:,.0f}", ratio]


def terminal_table(measured: Measured, where: Setting) -> Table:
    """Makes the table for the terminal."""
    table = Table()
    for number, title in enumerate(_HEADER):
        table.add_column(title, justify="left" if number < 3 else "right")
    for row in rows(measured, where):
        table.add_row(*row)
    return table


def remarks(measured: Measured, memory: dict[str, Held]) -> list[str]:
    """Says in a line each what the table does not show."""
    said = []
    claimed, forced = (Seat(name, 0) for name in _REPLAYS)
    if claimed in measured.samples and forced in measured.samples:
        dearer = 100 * (measured.ratio(forced, claimed) - 1)
        said.append(f"Draws by claim cost {dearer:+.1f}% over forced draws alone, in the same games")
    two = measured.two_processes_ratio()
    if two is not None:
        said.append(f"Two processes that play {MADE} make {two:.2f} times the plies a second of one")
    for kind, one in memory.items():
        said.append(
            f"A {kind} holds {one.at_start:,.0f} bytes at the start, {one.into_a_game:,.0f} "
            f"after {PLIES_INTO_A_GAME} plies"
        )
    return said


def markdown(measured: Measured, memory: dict[str, Held], where: Setting) -> str:
    """Writes all that the documentation shows."""
    rule = ["---" if number < 3 else "---:" for number in range(len(_HEADER))]
    lines = [f"| {' | '.join(row)} |" for row in (_HEADER, rule, *rows(measured, where))]
    lines += ["", *(f"- {remark}." for remark in remarks(measured, memory)), "", f"Measured {where}.", ""]
    if measured.left_out:
        lines += ["Left out:", ""] + [f"- {name}: {reason}" for name, reason in measured.left_out.items()] + [""]
    return "\n".join(lines)


def as_json(measured: Measured, memory: dict[str, Held], where: Setting) -> str:
    """Writes all raw figures."""
    whole = {
        "setting": asdict(where),
        "floor": FLOOR,
        "players": [
            asdict(seat) | {"samples": [asdict(sample) for sample in samples]}
            for seat, samples in measured.samples.items()
        ],
        "two_processes": {
            "alone": [asdict(sample) for sample in measured.alone],
            "together": [[asdict(sample) for sample in both] for both in measured.together],
        },
        "memory": {kind: asdict(one) for kind, one in memory.items()},
        "left_out": measured.left_out,
    }
    return json.dumps(whole, indent=1)
