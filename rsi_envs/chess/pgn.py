# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Games to and from PGN, so that any chess program opens them.

Source: Portable Game Notation Specification and Implementation Guide, 1994; python-chess reads and writes it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import chess
import chess.pgn

from rsi_envs.chess.errors import InvalidPosition, PgnError
from rsi_envs.chess.starts import read_fen

RESULTS = ("1-0", "0-1", "1/2-1/2", "*")


def to_pgn(board: chess.Board, result: str, headers: Mapping[str, str]) -> str:
    """Writes a game.

    Args:
        board: The game with its moves.
        result: "1-0", "0-1", "1/2-1/2", or "*" for a game that is not over.
        headers: Tags such as "White" and "Black". "Result", "SetUp" and "FEN" are filled in.

    Returns:
        The game in PGN, its newline included.

    Raises:
        ValueError: The result is none of these.
    """
    if result not in RESULTS:
        raise ValueError(f"result is {result!r}; it must be one of {', '.join(map(repr, RESULTS))}")
    game = chess.pgn.Game.from_board(board)
    game.headers.update(headers)
    game.headers["Result"] = result
    return f"{game}\n"


def read_pgn(source: str | Path) -> Iterator[chess.pgn.Game]:
    """Reads the games of a PGN file one after the other.

    Args:
        source: The file, in UTF-8.

    Yields:
        Each game with its headers and all its moves legal; `game.end().board()` is its last position.

    Raises:
        PgnError: The file can't be read, breaks off within a game, or holds a move that is not legal; the message names
            the game by its number from 1.
    """
    try:
        text = Path(source).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PgnError(f"{source} can't be read: {error}") from error
    yield from parse_pgn(text, str(source))


def parse_pgn(text: str, name: str = "the PGN") -> Iterator[chess.pgn.Game]:
    """Reads the games of a PGN text; see `read_pgn`.

    Args:
        text: The games.
        name: What to call the text in messages.
    """
    file = io.StringIO(text)
    number = begun = 0
    while (game := chess.pgn.read_game(file)) is not None:
        number += 1
        begun, movetext = file.tell(), text[begun : file.tell()]
        where = f"{name}, game {number}"
        if game.errors:
            raise PgnError(f"{where}: {game.errors[0]}")
        try:
            read_fen(game.board().fen())
        except InvalidPosition as error:
            raise PgnError(f"{where}: {error}") from error
        if not _is_whole(game, movetext):
            raise PgnError(f"{where} breaks off after {game.end().ply()} plies: its movetext ends without a result")
        yield game


def _is_whole(game: chess.pgn.Game, text: str) -> bool:
    """Whether the movetext ends with a result, as the specification wants it: python-chess does without."""
    return text.rstrip().endswith(RESULTS) and game.headers.get("Result", "*") in RESULTS
