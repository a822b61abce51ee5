# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a contender is, how it is sampled, and the floor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

FLOOR = "python-chess, nothing observed"
_FIFTY_MOVES = 100

Random = Callable[[], float]
"""Draws from [0, 1)."""
Play = Iterator[int]
"""Plays for ever; gives the number of plies of each stretch, a game or a step of a vector."""


@dataclass(frozen=True, slots=True)
class Player:
    """A contender."""

    sees: str
    """What is made and handed over at every ply."""
    playing: Callable[[Random], Play]
    """Begins to play, with moves drawn by this generator."""
    module: str
    """What is imported."""
    requirement: str
    """What pip installs."""

    def problem(self) -> str | None:
        """Says why this contender can't be here, or None."""
        missing = find_spec(self.module.partition(".")[0]) is None
        return f"not installed; run: pip install {self.requirement}" if missing else None


@dataclass(frozen=True, slots=True)
class Sample:
    """What a contender did in one stretch of time."""

    plies: int
    cpu_s: float
    """Processor time of its process."""
    wall_s: float


def sampled(play: Play, at_least_s: float) -> Sample:
    """Plays on for at least so much processor time."""
    wall_s, cpu_s, plies = time.perf_counter(), time.process_time(), 0
    while True:
        plies += next(play)
        spent_s = time.process_time() - cpu_s
        if spent_s >= at_least_s:
            return Sample(plies, spent_s, time.perf_counter() - wall_s)


def floor(random: Random) -> Play:
    """The least that random play on python-chess takes: a list of legal moves, one of them, push.

    Nothing is observed and no mask is made. A game ends without a legal move, by insufficient material, or after fifty
    moves; repetition is not looked at.
    """
    import chess

    while True:
        board, plies = chess.Board(), 0
        while True:
            moves = list(board.legal_moves)
            if not moves or board.is_insufficient_material() or board.halfmove_clock >= _FIFTY_MOVES:
                break
            board.push(moves[int(random() * len(moves))])
            plies += 1
        yield plies


FLOORS = {FLOOR: Player("nothing", floor, "chess", "chess")}
