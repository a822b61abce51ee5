# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a chess puzzle is, and where puzzles come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal

from rsi_envs.core.tasks import SPLITS, Split, TaskSet

Rule = Literal["mate", "best", "line"]
"""What is right: a move that keeps the mate in time; one of the best moves; the moves of a line."""
Goal = Literal["win", "draw"]


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A position, and the line to find in it. Moves are in UCI's notation and legal where they stand."""

    id: str
    """Stable for ever."""
    split: Split
    """The one split that it belongs to."""
    fen: str
    """The position; with a `lead`, the one before it."""
    rule: Rule
    """What counts as right; see `rsi_envs.chess.puzzle_rules`."""
    line: tuple[str, ...]
    """A solution: the agent's moves and the replies in turn, beginning and ending with the agent's."""
    best: tuple[str, ...] = ()
    """First moves that are right, whatever the line says; empty when only the line's is known to be."""
    lead: str | None = None
    """The opponent's move that leads to the position; None when the agent moves in `fen` itself."""
    mate_in: int | None = None
    """Moves in which the agent mates; None when that is not the goal."""
    goal: Goal | None = None
    """What the best moves achieve, where it is known to be more than "best"; None elsewhere."""
    rating: int | None = None
    """How hard it is, as the rating of an equal opponent; None when unrated."""
    rating_deviation: int | None = None
    """How uncertain that rating is; None when untold."""
    themes: tuple[str, ...] = ()
    """What it is about. Agents are not shown them."""

    @property
    def moves(self) -> int:
        """How many moves the agent has to find."""
        return (len(self.line) + 1) // 2


def load_puzzles(source: str | None = None) -> TaskSet[Puzzle]:
    """Loads a set of puzzles.

    Args:
        source: None for the 200 shipped puzzles; or the path of an EPD file (`.epd`) or of a Lichess puzzle CSV
            (`.csv`), plain or gzip-compressed (`.gz`). See `rsi_envs.chess.puzzle_files`.

    Raises:
        TaskFileError: The file can't be used; names path, line and field.
        TaskError: The file holds no puzzle.
    """
    return _shipped() if source is None else TaskSet(Path(source).name, read_puzzles(source))


def read_puzzles(source: str | Path) -> Iterator[Puzzle]:
    """Reads a file of puzzles by the format that its name tells; see `load_puzzles`."""
    from rsi_envs.chess.puzzle_files import reader_of

    return reader_of(source)(source)


@lru_cache(maxsize=1)
def _shipped() -> TaskSet[Puzzle]:
    return TaskSet("the shipped set", _read_shipped())


def _read_shipped() -> Iterator[Puzzle]:
    for split in SPLITS:
        with as_file(files("rsi_envs.chess").joinpath("puzzle_sets", f"{split}.epd")) as path:
            yield from read_puzzles(path)
