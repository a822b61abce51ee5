# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the shipped puzzles: `python -m rsi_envs.chess.puzzle_generation --tablebases DIR --into DIR`.

The same program on the same version of python-chess and NumPy writes the same files.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from rsi_envs.chess.endgame_generation import Endgame, random_endgames
from rsi_envs.chess.mate_generation import Mate, random_mates
from rsi_envs.chess.puzzles import Goal
from rsi_envs.chess.tablebases import Tablebases
from rsi_envs.core.tasks import SPLITS, Split

_SEED = 2026
_MATES_A_SPLIT = 20
_ENDGAMES_A_SPLIT = 4
_ENDGAMES: tuple[tuple[str, Goal], ...] = (
    ("KPvK", "win"),
    ("KPvK", "draw"),
    ("KPvKP", "win"),
    ("KPvKP", "draw"),
    ("KRvKP", "win"),
    ("KRvKP", "draw"),
    ("KQvKP", "win"),
    ("KQvKR", "win"),
    ("KRvKN", "draw"),
    ("KBPvK", "draw"),
)
"""Material, and what the side to move can just achieve."""


def write_sets(tablebases: Path, folder: Path) -> None:
    """Writes `train.epd` and `test.epd`.

    Args:
        tablebases: A folder with tables of three and four men; see `rsi_envs.chess.tablebases`.
        folder: Where to write; it must exist.

    Raises:
        TablebaseMissing: A table is not there.
        OSError: A file can't be written.
    """
    lines: dict[Split, list[str]] = {"train": [], "test": []}
    for moves in (1, 2, 3):
        mates = random_mates(np.random.default_rng([_SEED, moves]), moves)
        _share_out(lines, f"mate-in-{moves}", mates, _MATES_A_SPLIT)
    tables = Tablebases(tablebases)
    try:
        for number, (material, goal) in enumerate(_ENDGAMES):
            endgames = random_endgames(np.random.default_rng([_SEED, 100 + number]), tables, material, goal)
            _share_out(lines, f"endgame-{material}-{goal}", endgames, _ENDGAMES_A_SPLIT)
    finally:
        tables.close()
    for split in SPLITS:
        (folder / f"{split}.epd").write_text("".join(f"{line}\n" for line in lines[split]), "utf-8")


def _share_out(lines: dict[Split, list[str]], name: str, puzzles: Iterator[Mate | Endgame], a_split: int) -> None:
    """Gives each split its number of puzzles, no two of which are the same but for the colours."""
    seen: set[str] = set()
    distinct = (puzzle for puzzle in puzzles if _is_new(puzzle, seen))
    number = 0
    for split in SPLITS:
        for puzzle in islice(distinct, a_split):
            number += 1
            lines[split].append(puzzle.board.epd(**puzzle.operations(), id=f"{name}-{number}", split=split))


def _is_new(puzzle: Mate | Endgame, seen: set[str]) -> bool:
    if puzzle.board.epd() in seen:
        return False
    seen |= {puzzle.board.epd(), puzzle.board.mirror().epd()}
    return True


def main() -> None:
    """Writes the sets where the command line says."""
    parser = argparse.ArgumentParser(description="Write the shipped puzzles.")
    parser.add_argument("--tablebases", type=Path, required=True, help="a folder with tables of up to four men")
    parser.add_argument("--into", type=Path, default=Path(__file__).with_name("puzzle_sets"), help="where to write")
    arguments = parser.parse_args()
    write_sets(arguments.tablebases, arguments.into)


if __name__ == "__main__":
    main()
