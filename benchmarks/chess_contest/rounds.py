# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Takes all players through interleaved rounds, so that a machine whose speed drifts treats all alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chess_contest.players import FLOOR, Sample
from contest.workers import Worker, WorkerFailed


@dataclass(frozen=True, slots=True)
class Seat:
    """A player in a Python; each Python has its own floor, to which its players are compared."""

    name: str
    python: int
    """Which of the Pythons; 0 is the benchmark's own."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything measured, raw; a list has an entry a round."""

    samples: dict[Seat, list[Sample]] = field(default_factory=dict)
    alone: list[Sample] = field(default_factory=list)
    """One process, beside which no other plays."""
    together: list[tuple[Sample, Sample]] = field(default_factory=list)
    """Two processes at once."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Why a player is not there."""

    def cpu_us(self, seat: Seat) -> float:
        """The median of the microseconds of processor time that a ply takes."""
        return statistics.median(1e6 * sample.cpu_s / sample.plies for sample in self.samples[seat])

    def ratio(self, seat: Seat, other: Seat) -> float:
        """The median over the rounds of how many plies a seat makes while another makes one."""
        return statistics.median(
            (mine.plies / mine.cpu_s) / (theirs.plies / theirs.cpu_s)
            for mine, theirs in zip(self.samples[seat], self.samples[other], strict=True)
        )

    def floor_ratio(self, seat: Seat) -> float:
        """The ratio to the floor of the same Python in the same round."""
        return self.ratio(seat, Seat(FLOOR, seat.python))

    def two_processes_ratio(self) -> float | None:
        """The median of the plies a second of two processes at once over those of one; None when not measured."""
        ratios = [
            sum(sample.plies / sample.wall_s for sample in both) / (one.plies / one.wall_s)
            for one, both in zip(self.alone, self.together, strict=True)
        ]
        return statistics.median(ratios) if ratios else None


def measure(
    seats: Mapping[Seat, Worker],
    measured: Measured,
    *,
    rounds: int,
    at_least_s: float,
    warm_up_s: float,
    step: Callable[[], None],
) -> None:
    """Runs the rounds, every other one in reverse order. A player that raises is left out.

    Args:
        seats: Whoever takes part, with the process that it has for itself.
        measured: Filled.
        rounds: At least one.
        at_least_s: Processor time for each player in each round.
        warm_up_s: Processor time for each player before the rounds.
        step: Called once for each seat and round, the first time for the warm-up.
    """
    taking_part = []
    for seat, worker in seats.items():
        try:
            played(worker, seat.name, warm_up_s)
            taking_part.append(seat)
        except WorkerFailed as error:
            measured.left_out[seat.name] = str(error)
        step()
    for number in range(rounds):
        for seat in taking_part if number % 2 == 0 else reversed(taking_part):
            measured.samples.setdefault(seat, []).append(played(seats[seat], seat.name, at_least_s))
            step()


def measure_two(
    pair: tuple[Worker, Worker], name: str, measured: Measured, *, rounds: int, at_least_s: float, warm_up_s: float
) -> None:
    """Plays in one process, then in both at once, round by round."""
    for worker in pair:
        played(worker, name, warm_up_s)
    for _ in range(rounds):
        measured.alone.append(played(pair[0], name, at_least_s))
        for worker in pair:
            worker.tell(do="play", player=name, at_least_s=at_least_s)
        measured.together.append((Sample(**pair[0].answer()), Sample(**pair[1].answer())))


def played(worker: Worker, name: str, at_least_s: float) -> Sample:
    """Lets a player play on.

    Raises:
        WorkerFailed: It can't.
    """
    return Sample(**worker.ask(do="play", player=name, at_least_s=at_least_s))
