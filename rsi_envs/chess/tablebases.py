# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endgame tablebases: the truth about positions of few men, and `tablebase:FOLDER`, which plays by it.

Syzygy's tables (`*.rtbw`, `*.rtbz`) know who wins under the fifty-move rule and how far the next capture or pawn move
is; Gaviota's (`*.gtb.cp4`) know how far mate is, without that rule. Either kind will do; both together are best.

Source: https://www.chessprogramming.org/Syzygy_Bases and https://www.chessprogramming.org/Gaviota_Tablebases
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import chess
import gymnasium as gym

from rsi_envs.chess.boards import board_env
from rsi_envs.chess.errors import InvalidPosition, TablebaseMissing

if TYPE_CHECKING:
    import chess.gaviota
    import chess.syzygy

_SYZYGY, _GAVIOTA = "*.rtbw", "*.gtb.cp4"
_REMEDY = (
    "tables of up to four men are in python-chess's source archive: "
    "`pip download --no-deps --no-binary chess chess==1.11.2`, unpack it and name its folder data"
)
_LAST_SAFE_PLY = 98
"""A win that needs its capture, pawn move or mate by this ply is one whoever may claim: at 99 a player who sees the
hundredth ply coming may claim a draw, and Syzygy's distances may be one ply too short."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What the tables say of a position, from the view of the side to move."""

    wdl: int
    """2 for a win, 0 for a draw, -2 for a loss; 1 and -1 for those that the fifty-move rule makes draws. It supposes
    that the count of that rule is 0. Gaviota alone knows no 1 and -1."""
    dtz_plies: int | None
    """Plies to the next capture, pawn move or mate that keeps the value, at times one too few; 0 for a draw or a game
    that is over, None without Syzygy's tables."""
    mate_plies: int | None
    """Plies to mate when one side hastens it and the other delays it, without the fifty-move rule; 0 when it is mate.
    None for a draw, and where there is no Gaviota table."""

    @property
    def value(self) -> int:
        """1 for a win, 0 for a draw, -1 for a loss, under the fifty-move rule."""
        return (self.wdl > 1) - (self.wdl < -1)


class Tablebases:
    """The tables of a folder. Any thread may probe.

    Args:
        folder: Holds tables, or folders that do, at any depth.

    Raises:
        TablebaseMissing: There are no tables; the message says how to get some.
    """

    def __init__(self, folder: str | Path) -> None:
        import chess.gaviota
        import chess.syzygy

        self.folder = Path(folder).expanduser()
        self._lock = threading.Lock()
        self._syzygy: chess.syzygy.Tablebase | None = None
        self._gaviota: chess.gaviota.PythonTablebase | None = None
        for place in self._folders(_SYZYGY):
            self._syzygy = self._syzygy or chess.syzygy.Tablebase()
            self._syzygy.add_directory(place)
        for place in self._folders(_GAVIOTA):
            self._gaviota = self._gaviota or chess.gaviota.PythonTablebase()
            self._gaviota.add_directory(place)
        if self._syzygy is None and self._gaviota is None:
            raise TablebaseMissing(f"{str(folder)!r} holds no {_SYZYGY} and no {_GAVIOTA}; {_REMEDY}")

    def _folders(self, pattern: str) -> list[str]:
        return sorted({str(path.parent) for path in self.folder.rglob(pattern)})

    def probe(self, board: chess.Board, *, distance_to_zeroing: bool = True) -> Probe:
        """Looks a position up.

        Args:
            board: The position; it is left as it is, and the moves that led there are not looked at.
            distance_to_zeroing: Whether `dtz_plies` is wanted, which takes far longer than the rest: 1.3 ms against
                0.03 for a lone king.

        Raises:
            TablebaseMissing: There is no table for it, among them every position with castling rights, or the table
                can't be read.
        """
        if board.is_checkmate():
            return Probe(-2, 0, 0)
        if board.is_stalemate() or board.is_insufficient_material():
            return Probe(0, 0, None)
        # Probing plays on the board that it is given.
        board = board.copy(stack=False)
        with self._lock:
            syzygy, gaviota = self._syzygy, self._gaviota
            wdl = self._found(lambda: syzygy.probe_wdl(board) if syzygy else None)
            dtz = self._found(lambda: syzygy.probe_dtz(board) if syzygy and distance_to_zeroing else None)
            dtm = self._found(lambda: gaviota.probe_dtm(board) if gaviota else None)
        if wdl is None:
            if dtm is None:
                raise TablebaseMissing(f"no table in {str(self.folder)!r} knows {board.fen()}; {_REMEDY}")
            wdl = 2 * ((dtm > 0) - (dtm < 0))
        return Probe(wdl, None if dtz is None else abs(dtz), abs(dtm) if dtm else None)

    def _found(self, look_up: Callable[[], int | None]) -> int | None:
        try:
            return look_up()
        except KeyError:
            return None
        except (OSError, ValueError, IndexError, EOFError) as error:
            raise TablebaseMissing(f"a table in {str(self.folder)!r} can't be read: {error}; fetch it again") from error

    def best_moves(self, board: chess.Board) -> tuple[chess.Move, ...]:
        """Returns the best moves, all as good as one another, in the order of their UCI names.

        A winning side keeps the win and mates as soon as it can; where the fifty-move rule presses, or Gaviota's tables
        don't know all its winning moves, it captures or moves a pawn as soon as it can instead. A losing side holds out
        as long as it can. In a draw every move that keeps it is best.

        Args:
            board: A position with a legal move; it is left as it is.

        Raises:
            InvalidPosition: There is no legal move.
            TablebaseMissing: There is no table for the position after one of the moves.
        """
        moves = sorted(board.legal_moves, key=chess.Move.uci)
        if not moves:
            raise InvalidPosition(f"there is no legal move in {board.fen()}")
        replies = [self._reply(board, move) for move in moves]
        rank = max(reply.rank for reply in replies)
        rivals = [reply for reply in replies if reply.rank == rank]
        by_mate = abs(rank) == _SURE and all(reply.probe.mate_plies is not None for reply in rivals)
        if rank and not by_mate:
            rivals = [replace(reply, probe=self.probe(reply.board)) for reply in rivals]
        distances = [reply.distance(by_mate) for reply in rivals]
        wanted = min(distances) if rank > 0 else max(distances)
        return tuple(reply.move for reply, far in zip(rivals, distances, strict=True) if far == wanted)

    def _reply(self, board: chess.Board, move: chess.Move) -> _Reply:
        after = board.copy(stack=False)
        after.push(move)
        probe = self.probe(after, distance_to_zeroing=False)
        in_time = probe.mate_plies is not None and after.halfmove_clock + probe.mate_plies <= _LAST_SAFE_PLY
        return _Reply(move, after, probe if in_time or probe.wdl == 0 else self.probe(after))

    def close(self) -> None:
        """Closes the files. Idempotent."""
        with self._lock:
            for tables in (self._syzygy, self._gaviota):
                if tables is not None:
                    tables.close()


_SURE = 3


@dataclass(frozen=True, slots=True)
class _Reply:
    """A move, and the position after it, in which the opponent is to move."""

    move: chess.Move
    board: chess.Board
    probe: Probe

    @property
    def rank(self) -> int:
        """From a sure win of whoever moved, 3, by way of a draw, 0, to a sure loss, -3."""
        wdl, dtz = self.probe.wdl, self.probe.dtz_plies
        if abs(wdl) < 2:
            return -wdl
        in_time = self.probe.mate_plies == 0 or dtz is None or self.board.halfmove_clock + dtz <= _LAST_SAFE_PLY
        return -wdl // 2 * (_SURE if in_time else _SURE - 1)

    def distance(self, by_mate: bool) -> tuple[int, int]:
        """How far the end is; for moves of the same rank."""
        if self.probe.wdl == 0:
            return 0, 0
        if by_mate:
            return self.probe.mate_plies or 0, 0
        if self.probe.mate_plies == 0:
            return -1, 0
        dtz = self.probe.dtz_plies
        if dtz is None:
            raise TablebaseMissing(
                "the Syzygy tables lack *.rtbz files, without which nobody knows how to make progress"
            )
        return dtz if self.board.halfmove_clock else 0, dtz


class TablebaseAgent:
    """Plays perfectly where the tables reach; of equally good moves, the first in the order of their UCI names.

    Args:
        folder: See `Tablebases`.

    Raises:
        TablebaseMissing: There are no tables; the message says how to get some.
    """

    def __init__(self, folder: str, /) -> None:
        self._tables = Tablebases(folder)

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Takes the environment whose board it reads.

        Raises:
            InvalidOption: The environment has no chess board.
        """
        self._env = board_env(env)

    def reset(self, seed: int | None) -> None:
        """Nothing here is random."""

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Plays one move; what it knows of the position is the environment's board.

        Raises:
            InvalidPosition: There is no legal move.
            TablebaseMissing: The tables don't reach the position.
        """
        return self._env.action_of(self._tables.best_moves(self._env.board())[0])

    def close(self) -> None:
        """Closes the files. Idempotent."""
        self._tables.close()
