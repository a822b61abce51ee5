# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an engine thinks of positions and moves, for dense rewards and for analysis."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import chess

from rsi_envs.chess.engines import engine as find_engine
from rsi_envs.chess.tablebases import Tablebases
from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.options import check_count

if TYPE_CHECKING:
    import chess.engine

_PER_CENTIPAWN = 0.00368208
_MOST_CENTIPAWNS = 1000
_MOST_REMEMBERED = 100_000
_KEPT_A_PLY = 0.97
_TABLEBASE = "tablebase:"
_MATE = 1_000_000
"""What python-chess counts down from for a mate in some moves."""


def win_probability(score: chess.engine.Score) -> float:
    """Says how likely a side wins, half a draw included.

    Args:
        score: The engine's, from that side's view.

    Returns:
        1 / (1 + exp(-0.00368208 * centipawns)), in [0, 1]; 1 for a mate to give, 0 for one to suffer.

    Source: https://lichess.org/page/accuracy, "Win%", fitted to games of people; that mates count in full is this
    module's.
    """
    centipawns = score.score(mate_score=_MATE)
    if score.is_mate():
        return 1.0 if centipawns > 0 else 0.0
    # By tanh, which does not overflow.
    return 0.5 + 0.5 * math.tanh(_PER_CENTIPAWN * centipawns / 2)


class Evaluator:
    """Evaluates positions by a node-limited engine and remembers what it found.

    A position is known by its pieces, the side to move, castling, en passant and the fifty-move count, and it is
    put to the engine as just that: the same position has the same value whatever came before. So the engine does not
    see that a position is about to be repeated. Any thread may call.

    Args:
        engine: A program's name, looked for on PATH and in /usr/games, or its path.
        nodes: Positions that the engine may search for one evaluation, at least 1.
        cache_size: Evaluations remembered, those least recently used forgotten first; 0 remembers none.
        timeout_s: Seconds that one evaluation may take before the engine is killed.

    Raises:
        EngineNotFound: There is no such program; the message says how to install it.
        InvalidOption: A number outside its range.
    """

    def __init__(
        self,
        engine: str = "stockfish",
        *,
        nodes: int = 10_000,
        cache_size: int = _MOST_REMEMBERED,
        timeout_s: float = 30.0,
    ) -> None:
        check_count("nodes", nodes)
        check_count("cache_size", cache_size, least=0)
        self._engine = find_engine(engine, timeout_s=timeout_s)
        self._nodes = nodes
        self._ask = lru_cache(cache_size)(self._analyse)

    def white_win_probability(self, board: chess.Board) -> float:
        """Says how likely White wins, half a draw included.

        Args:
            board: The position. A game that is over without anybody's claim needs no engine.

        Returns:
            In [0, 1]; 1 for a win, 0.5 for a draw, 0 for a loss. Black's is what is left of 1.

        Raises:
            EngineError: The engine can't be started, crashed or hung.
        """
        outcome = board.outcome()
        if outcome is None:
            return win_probability(self._ask(_key(board)).white())
        return 0.5 if outcome.winner is None else float(outcome.winner)

    def white_centipawns(self, board: chess.Board) -> int:
        """Returns the engine's evaluation for White, cut off at -1000 and 1000; a mate or a lost game counts as these.

        For the argument and errors see `white_win_probability`.
        """
        outcome = board.outcome()
        if outcome is None:
            score = self._ask(_key(board)).white().score(mate_score=_MATE)
            return max(-_MOST_CENTIPAWNS, min(score, _MOST_CENTIPAWNS))
        if outcome.winner is None:
            return 0
        return _MOST_CENTIPAWNS if outcome.winner else -_MOST_CENTIPAWNS

    def centipawn_loss(self, board: chess.Board, move: chess.Move) -> int:
        """Says how much worse a move made things for the side that played it.

        Args:
            board: The position before the move; it is left as it is.
            move: A legal move.

        Returns:
            0 to 2000: the evaluation before, less that after, never below 0. Their mean over a player's moves is the
            average centipawn loss.

        Raises:
            InvalidOption: The move is not legal.
            EngineError: The engine can't be started, crashed or hung.

        Source: evaluations are cut off at 1000 as on Lichess, `Eval.Cp.CEILING` in scalachess,
        https://github.com/lichess-org/scalachess, core/src/main/scala/eval.scala.
        """
        if not board.is_legal(move):
            raise InvalidOption(f"{move.uci()} is not legal in {board.fen()}")
        after = board.copy()
        after.push(move)
        gain = self.white_centipawns(after) - self.white_centipawns(board)
        return max(0, -gain if board.turn else gain)

    def _analyse(self, key: str) -> chess.engine.PovScore:
        return self._engine.analyse(chess.Board(key), nodes=self._nodes)


class TablebaseEvaluator:
    """Evaluates endgames by what tablebases know for certain, and wins the higher the nearer their end is.

    Args:
        folder: See `Tablebases`.

    Raises:
        TablebaseMissing: There are no tables; the message says how to get some.
    """

    def __init__(self, folder: str) -> None:
        self._tables = Tablebases(folder)
        self._ask = lru_cache(_MOST_REMEMBERED)(self._look_up)

    def white_win_probability(self, board: chess.Board) -> float:
        """Says how sure White's win is.

        Args:
            board: The position.

        Returns:
            0.5 for a draw; for a win of White in d plies 0.5 + 0.5 * 0.97**d, as if a win were worth 3% less for each
            ply it takes; for a loss what is left of 1. d counts to mate where Gaviota's tables reach, else to the next
            capture or pawn move.

        Raises:
            TablebaseMissing: No table knows the position.
        """
        value = self._ask(_key(board))
        return value if board.turn else 1.0 - value

    def _look_up(self, key: str) -> float:
        board = chess.Board(key)
        probe = self._tables.probe(board, distance_to_zeroing=False)
        plies = probe.mate_plies
        if plies is None and probe.value:
            plies = self._tables.probe(board).dtz_plies
        return 0.5 + probe.value * 0.5 * _KEPT_A_PLY ** (plies or 0)


def make_evaluator(name: str, *, nodes: int) -> Evaluator | TablebaseEvaluator:
    """Makes what says how likely White wins.

    Args:
        name: A UCI engine's program, or "tablebase:FOLDER".
        nodes: Positions that an engine may search for one evaluation.

    Raises:
        EngineNotFound: There is no such program.
        TablebaseMissing: There are no tables in the folder.
    """
    if name.startswith(_TABLEBASE):
        return TablebaseEvaluator(name.removeprefix(_TABLEBASE))
    return Evaluator(name, nodes=nodes)


def _key(board: chess.Board) -> str:
    """The position as a FEN with the count of moves left out."""
    return f"{board.epd()} {board.halfmove_clock} 1"
