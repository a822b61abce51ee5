# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""UCI engines, started once and shared by everything in this process.

    fish = engine("stockfish")
    move = fish.play(board, nodes=1000)

Every call is a new game to the engine and has a fixed number of nodes, one thread and a small hash, so the same call
has the same answer, whatever was asked before and whoever asks beside.

The processes end with this one, also when it is killed, or with `close_engines()`.
"""

from __future__ import annotations

import atexit
import os
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import chess

from rsi_envs.chess.errors import EngineCrashed, EngineIllegalMove, EngineNotFound, InvalidPosition
from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.options import check_count

if TYPE_CHECKING:
    import chess.engine

    from rsi_envs.chess.processes import Pool

_FOLDERS_BESIDE_PATH = ("/usr/games",)
"""Where Debian puts games, which is on the PATH of no service."""
_INSTALLS = {"stockfish": "apt-get install stockfish"}


@dataclass(frozen=True, slots=True)
class Line:
    """How an engine would go on."""

    score: chess.engine.PovScore
    """What it gives for the position."""
    moves: tuple[chess.Move, ...]
    """What it expects both sides to play; empty where the engine said nothing of it."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A UCI engine that any thread may ask. It holds no process: equal engines share what is running.

    A call that fails has ended its process; the next call starts another.
    """

    path: str
    """The program."""
    options: tuple[tuple[str, str | int], ...] = ()
    """UCI options, by name and value."""
    timeout_s: float = 30.0
    """Seconds that one answer may take before the engine is killed; waiting for a free process does not count."""

    def play(self, board: chess.Board, *, nodes: int) -> chess.Move:
        """Returns the move that the engine plays.

        Args:
            board: The position; the moves that led there are told too, as far as the board knows them.
            nodes: Positions that it may search, at least 1.

        Raises:
            InvalidPosition: There is no legal move.
            InvalidOption: `nodes` is below 1, or the engine does not take an option.
            EngineTimeout: It did not answer in time.
            EngineCrashed: It could not be started, ended, or broke the protocol.
            EngineIllegalMove: Its move is not legal, or it gave none.
        """
        from chess.engine import INFO_NONE, Limit

        check_count("nodes", nodes)
        asked, limit = _asked(board), Limit(nodes=nodes)
        result = _pool().call(
            self.path,
            self.options,
            self.timeout_s,
            lambda protocol: protocol.play(asked, limit, game=object(), info=INFO_NONE),
        )
        if result.move is None or result.resigned:
            raise EngineIllegalMove(f"{self.path} gave no move in {board.fen()}")
        return result.move

    def analyse(self, board: chess.Board, *, nodes: int) -> chess.engine.PovScore:
        """Returns what the engine gives for a position; for arguments and errors see `play`."""
        return self.lines(board, nodes=nodes, count=1)[0].score

    def lines(self, board: chess.Board, *, nodes: int, count: int) -> tuple[Line, ...]:
        """Returns the engine's best lines, in its own order: best first as far as it has searched.

        Args:
            board: See `play`.
            nodes: Positions that it may search for all lines together, at least 1.
            count: Lines wanted, at least 1; there are fewer where there are fewer legal moves.

        Raises:
            InvalidOption: `nodes` or `count` is below 1, or the engine does not take an option.
            Exception: See `play`.
        """
        from chess.engine import INFO_PV, INFO_SCORE, Limit

        check_count("nodes", nodes)
        check_count("count", count)
        asked, limit = _asked(board), Limit(nodes=nodes)
        infos = _pool().call(
            self.path,
            self.options,
            self.timeout_s,
            lambda protocol: protocol.analyse(asked, limit, multipv=count, game=object(), info=INFO_SCORE | INFO_PV),
        )
        lines = tuple(Line(info["score"], tuple(info.get("pv", ()))) for info in infos if "score" in info)
        if not lines:
            raise EngineCrashed(f"{self.path} gave no score for {board.fen()}")
        return lines


def engine(command: str, options: Mapping[str, str | int] | None = None, *, timeout_s: float = 30.0) -> Engine:
    """Finds an engine. It is started by the first call to it.

    Args:
        command: A program's name, looked for on PATH and in /usr/games, or its path.
        options: UCI options that it gets. `Threads` is 1 and `Hash` is 4 (MiB) if they are not among them.
        timeout_s: See `Engine.timeout_s`.

    Raises:
        EngineNotFound: There is no such program; the message says how to install it.
        InvalidOption: `timeout_s` is not above 0.
    """
    if not timeout_s > 0:
        raise InvalidOption(f"timeout_s is {timeout_s!r}; it must be above 0")
    return Engine(_find(command), tuple(sorted((options or {}).items())), timeout_s)


def close_engines() -> None:
    """Ends every engine of this process; calls under way raise EngineCrashed, later ones start engines afresh."""
    global _current
    with _lock:
        pool, _current = _current, None
    if pool is not None:
        pool.close()


def _find(command: str) -> str:
    folders = os.pathsep.join([os.environ.get("PATH", os.defpath), *_FOLDERS_BESIDE_PATH])
    path = shutil.which(Path(command).expanduser() if os.sep in command else command, path=folders)
    if path is not None:
        return str(Path(path).absolute())
    if os.sep in command:
        raise EngineNotFound(f"engine {command!r}: there is no program of this path that may be run")
    install = _INSTALLS.get(command)
    remedy = f"install it with: {install}" if install else "put its folder on PATH, or give its full path"
    raise EngineNotFound(f"no engine {command!r} on PATH or in {', '.join(_FOLDERS_BESIDE_PATH)}; {remedy}")


def _asked(board: chess.Board) -> chess.Board:
    if not any(board.generate_legal_moves()):
        raise InvalidPosition(f"there is no legal move in {board.fen()}, so no engine can be asked about it")
    # A copy, because the engine reads it in another thread.
    return board.copy()


_lock = threading.Lock()
_current: Pool | None = None
_inherited: list[Pool] = []
"""A forked child keeps its parent's pools, because collecting them would close what they share."""


def _pool() -> Pool:
    global _current
    with _lock:
        if _current is None:
            from rsi_envs.chess.processes import Pool

            _current = Pool()
            atexit.register(_close_at_exit)
        return _current


def _close_at_exit() -> None:
    """Unlike `close_engines` leaves the closed pool in place, so that no thread starts an engine behind it."""
    if _current is not None:
        _current.close()


def _start_afresh() -> None:
    """In a forked child, which has neither the thread of the pool nor a right to its engines."""
    global _lock, _current
    _lock = threading.Lock()
    if _current is not None:
        _current.disown()
        _inherited.append(_current)
        _current = None


os.register_at_fork(after_in_child=_start_afresh)
