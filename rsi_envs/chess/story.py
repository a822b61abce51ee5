# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Games and puzzles told as boards, from what the last info dict records of the game."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import chess

from rsi_envs.chess.actions import move_of
from rsi_envs.core.story import Board, Played, Section
from rsi_envs.core.storytelling import last_info, put_together, talk

_USUAL_START = chess.Board()


def score_sheet(
    start: chess.Board, moves: Sequence[str] | Sequence[int], color: chess.Color | None, chances: Mapping[int, float]
) -> dict[str, Any]:
    """Records a game as an info dict's `game`.

    Args:
        start: Where it began.
        moves: Those of both sides, in UCI or as actions (see `rsi_envs.chess.actions`).
        color: The agent's; None where it plays both.
        chances: What White could expect, 0 to 1, by the number of moves before; may be empty.

    Returns:
        A JSON-serialisable dict: `start` in FEN, `moves`, and, where there is any, `color` and as `evaluations` what
        White could expect in each position, None where that is not known.
    """
    # Writing a FEN takes as long as some plies.
    fen = chess.STARTING_FEN if start == _USUAL_START else start.fen()
    sheet: dict[str, Any] = {"start": fen, "moves": list(moves)}
    if color is not None:
        sheet["color"] = chess.COLOR_NAMES[color]
    if chances:
        sheet["evaluations"] = [chances.get(ply) for ply in range(len(moves) + 1)]
    return sheet


def game_story(episode: Played) -> tuple[Section, ...]:
    """Tells a game, and what was said in it."""
    return put_together(episode, _game, talk)


def puzzle_story(episode: Played) -> tuple[Section, ...]:
    """Tells what was tried in a puzzle, what would have been right, and what was said."""
    return put_together(episode, _tried, talk)


def _game(episode: Played) -> Iterator[Section]:
    game = last_info(episode)["game"]
    yield _replayed("Game", game, game["moves"])


def _tried(episode: Played) -> Iterator[Section]:
    game = last_info(episode)["game"]
    yield _replayed("What was tried", game, game["moves"])
    if "right" in game:
        yield _replayed("What would have been right", game, [*game["moves"][:-1], game["right"]])


def _replayed(title: str, game: Mapping[str, Any], moves: Iterable[str | int]) -> Board:
    """Plays a game again.

    Raises:
        ValueError: A position that is none, or a move that is not legal there.
        TypeError: A move that is none.
    """
    board = chess.Board(game["start"])
    positions, written = [board.fen()], []
    for given in moves:
        move = chess.Move.from_uci(given) if isinstance(given, str) else move_of(given, board)
        if not board.is_legal(move):
            raise ValueError(f"{given!r} is not legal in {board.fen()}")
        written.append(board.san(move))
        board.push(move)
        positions.append(board.fen())
    chances = _chances(game, board, len(positions))
    return Board(title, tuple(positions), tuple(written), chances, flipped=game.get("color") == "black")


def _chances(game: Mapping[str, Any], last: chess.Board, count: int) -> tuple[float | None, ...]:
    """Reads what White could expect in each position; a game that the board has decided ends with its result."""
    given = game.get("evaluations")
    if not isinstance(given, list) or len(given) != count:
        return ()
    chances = [float(chance) if isinstance(chance, int | float) and 0 <= chance <= 1 else None for chance in given]
    outcome = last.outcome(claim_draw=True)
    if outcome is not None:
        chances[-1] = 0.5 if outcome.winner is None else float(outcome.winner)
    return tuple(chances)
