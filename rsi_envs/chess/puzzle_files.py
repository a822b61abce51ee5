# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puzzles from files: EPD, and the CSV that Lichess publishes.

**EPD**, one puzzle a line: four fields of a FEN, then operations, each ending with a semicolon. These are read:

    dm N           mate in N moves
    bm MOVE …      the best moves
    pv MOVE …      a line, the agent's moves and the replies in turn
    id "…"         the puzzle's id; file name and line if left out
    goal "…"       "win" or "draw": what the best moves achieve
    rating N       how hard it is
    themes "…"     words
    split "…"      "train" or "test"; "test" if left out
    hmvc, fmvn     the FEN's last two fields

A mate in up to 3 moves is played out: any move is right that keeps it in time, whatever `bm` and `pv` say; without `pv`
the line is found by search. For a longer mate, `pv` is the only line that is right; without `pv`, `bm` is needed and
ends the puzzle. Without `dm`, `bm` makes a puzzle of one move, any of these, and `pv` is passed over; `pv` alone makes
a line to be found move by move. Other operations are passed over.

**Lichess**: the columns PuzzleId, FEN, Moves, Rating, RatingDeviation and Themes are read; one more, Split, may hold
"train" or "test" ("test" if there is none). FEN is the position before the first of Moves, which is the opponent's.

Source: Portable Game Notation specification (1994), section 16.2, for EPD; https://database.lichess.org/#puzzles.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import chess

from rsi_envs.chess.errors import InvalidPosition
from rsi_envs.chess.mates import MOST_MOVES, key_moves, main_line, mate_distance
from rsi_envs.chess.puzzles import Puzzle
from rsi_envs.chess.starts import read_fen
from rsi_envs.core.errors import TaskFileError
from rsi_envs.core.tasks import SPLITS, Split, read_text

Reader = Callable[[str | Path], Iterator[Puzzle]]
_GOALS = ("win", "draw")
_COLUMNS = ("PuzzleId", "FEN", "Moves", "Rating", "RatingDeviation", "Themes")
_OPERATION = re.compile(r'\s*([^\s;]+)((?:[^;"]|"(?:\\.|[^"\\])*"?)*);?')


def reader_of(path: str | Path) -> Reader:
    """Returns what reads a file of this name.

    Raises:
        TaskFileError: The name tells no format.
    """
    name = Path(path).name.lower().removesuffix(".gz")
    if name.endswith(".epd"):
        return read_epd
    if name.endswith(".csv"):
        return read_lichess
    raise TaskFileError(path, "expected a file whose name ends with .epd or .csv, or with .gz behind that")


def read_epd(path: str | Path) -> Iterator[Puzzle]:
    """Reads puzzles from an EPD file, plain or gzip-compressed; blank lines are passed over.

    Raises:
        TaskFileError: The file or a line can't be used; names path, line and, where it can, the operation.
    """
    lines: dict[str, int] = {}
    for line, text in enumerate(read_text(path).split("\n"), start=1):
        if text.strip():
            yield _parsed(path, line, partial(_of_epd, text.strip(), f"{Path(path).name}:{line}"), lines, "id")


def read_lichess(path: str | Path) -> Iterator[Puzzle]:
    """Reads puzzles from a CSV in Lichess's format, plain or gzip-compressed.

    Raises:
        TaskFileError: The file or a row can't be used; names path, line and column.
    """
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    lines: dict[str, int] = {}
    try:
        for column in _COLUMNS:
            if column not in (rows.fieldnames or ()):
                raise TaskFileError(path, "the first line must name this column", line=1, field=column)
        for row in rows:
            yield _parsed(path, rows.line_num, partial(_of_lichess, row), lines, "PuzzleId")
    except csv.Error as error:
        raise TaskFileError(path, f"not CSV: {error}", line=rows.line_num) from error


def _parsed(path: str | Path, line: int, parse: Callable[[], Puzzle], lines: dict[str, int], id_field: str) -> Puzzle:
    try:
        puzzle = parse()
    except TaskFileError as error:
        raise TaskFileError(path, error.problem, line=line, field=error.field) from error
    if puzzle.id in lines:
        problem = f"{puzzle.id!r} is the id in line {lines[puzzle.id]} too; make each unique"
        raise TaskFileError(path, problem, line=line, field=id_field)
    lines[puzzle.id] = line
    return puzzle


def _bad(field: str | None, problem: str) -> TaskFileError:
    """An error that is yet to learn its path and line."""
    return TaskFileError("", problem, field=field)


def _of_epd(text: str, default_id: str) -> Puzzle:
    fields = text.split(None, 4)
    if len(fields) < 4:
        raise _bad("position", f"expected the first four fields of a FEN, got {text!r}")
    position = " ".join(fields[:4])
    board = _board(f"{position} 0 1", "position")
    given = _operations(board, position, fields[4] if len(fields) > 4 else "")
    puzzle_id = given.get("id", default_id)
    if not isinstance(puzzle_id, str | int) or puzzle_id == "":
        raise _bad("id", "expected text in quotes")
    common: dict[str, Any] = {
        "id": str(puzzle_id),
        "split": _split(given.get("split"), "split"),
        "fen": board.fen(),
        "goal": _choice(given.get("goal"), "goal", _GOALS),
        "rating": _number(given.get("rating"), "rating"),
        "themes": tuple(str(given.get("themes") or "").split()),
    }
    best, line, mate_in = _moves(given, "bm", board), _moves(given, "pv", board), _mate_in(given)
    if mate_in is not None:
        return Puzzle(**common, mate_in=mate_in, **_mate(board, mate_in, best, line))
    if best:
        return Puzzle(**common, rule="best", line=best[:1], best=best)
    if line:
        return Puzzle(**common, rule="line", line=line[: len(line) - 1 + len(line) % 2])
    raise _bad("bm", "missing; give bm (the best moves), dm (mate in so many moves) or pv (a line)")


def _mate(board: chess.Board, moves: int, best: tuple[str, ...], line: tuple[str, ...]) -> dict[str, Any]:
    """What makes a mate's puzzle of its operations."""
    if line:
        after = board.copy()
        for move in line:
            after.push_uci(move)
        if len(line) != 2 * moves - 1 or not after.is_checkmate():
            raise _bad("pv", f"expected {2 * moves - 1} moves, the last one mate, because dm is {moves}")
        return {"rule": "mate" if moves <= MOST_MOVES else "line", "line": line, "best": best}
    if moves > MOST_MOVES:
        if not best:
            raise _bad("dm", f"mates in more than {MOST_MOVES} moves are not searched for; give pv or bm, too")
        return {"rule": "best", "line": best[:1], "best": best}
    distance = mate_distance(board, moves)
    if distance != moves:
        found = "there is none" if distance is None else f"there is a mate in {distance}"
        raise _bad("dm", f"expected a position with a mate in {moves} and in no fewer; {found}")
    keys = {move.uci() for move in key_moves(board, moves)}
    for move in best:
        if move not in keys:
            raise _bad("bm", f"{move} does not mate in {moves}; the moves that do: {', '.join(sorted(keys))}")
    return {"rule": "mate", "line": tuple(move.uci() for move in main_line(board, moves)), "best": best}


def _operations(board: chess.Board, position: str, text: str) -> dict[str, Any]:
    """Reads the operations of an EPD, and into the board what they say of its clocks."""
    try:
        return board.set_epd(f"{position} {text}")
    except ValueError as error:
        for match in _OPERATION.finditer(text):
            try:
                chess.Board().set_epd(f"{position} {match[0]}")
            except ValueError as cause:
                raise _bad(match[1], str(cause)) from cause
        raise _bad("operations", str(error)) from error


def _moves(given: Mapping[str, Any], opcode: str, board: chess.Board) -> tuple[str, ...]:
    moves = given.get(opcode)
    if moves is None:
        return ()
    if not isinstance(moves, list) or not moves or not all(moves):
        raise _bad(opcode, "expected moves in algebraic notation, without quotes")
    return tuple(dict.fromkeys(move.uci() for move in moves)) if opcode == "bm" else tuple(move.uci() for move in moves)


def _mate_in(given: Mapping[str, Any]) -> int | None:
    if "dm" not in given:
        return None
    moves = given["dm"]
    if not isinstance(moves, int) or moves < 1:
        raise _bad("dm", f"expected a number of moves of at least 1, got {moves!r}")
    return moves


def _of_lichess(row: Mapping[str | None, Any]) -> Puzzle:
    for column in (*_COLUMNS, "Split"):
        if row.get(column) is None and column != "Split":
            raise _bad(column, "the row ends before this column")
    if None in row:
        raise _bad(None, "the row has more values than there are columns")
    if not row["PuzzleId"]:
        raise _bad("PuzzleId", "expected an id, got nothing")
    board = _board(row["FEN"], "FEN")
    moves = tuple(row["Moves"].split())
    if len(moves) < 2 or len(moves) % 2:
        raise _bad("Moves", f"expected an even number of moves, the opponent's first, got {len(moves)}")
    for move in moves:
        try:
            board.push_uci(move)
        except ValueError as error:
            raise _bad("Moves", str(error)) from error
    return Puzzle(
        id=row["PuzzleId"],
        split=_split(row.get("Split"), "Split"),
        fen=row["FEN"],
        rule="line",
        line=moves[1:],
        lead=moves[0],
        rating=_number(row["Rating"], "Rating"),
        rating_deviation=_number(row["RatingDeviation"], "RatingDeviation"),
        themes=tuple(row["Themes"].split()),
    )


def _board(fen: str, field: str) -> chess.Board:
    try:
        board = read_fen(fen)
    except InvalidPosition as error:
        raise _bad(field, str(error)) from error
    if not any(board.legal_moves):
        raise _bad(field, f"there is no legal move in {fen!r}")
    return board


def _split(value: object, field: str) -> Split:
    return cast("Split", _choice(value or None, field, SPLITS) or "test")


def _choice(value: object, field: str, choices: tuple[str, ...]) -> Any:
    if value is not None and value not in choices:
        raise _bad(field, f"expected {' or '.join(map(repr, choices))}, got {value!r}")
    return value


def _number(value: object, field: str) -> int | None:
    if value is None or value == "":
        return None
    try:
        return round(float(str(value)))
    except (ValueError, OverflowError) as error:
        raise _bad(field, f"expected a number, got {value!r}") from error
