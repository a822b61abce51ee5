# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Engines that fail on purpose, in the ways real ones do; and what an agent is attached to in tests of agents alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chess

PROGRAM = """#!{python} -IS
import os, signal, sys, time

FAULT = {fault!r}

def say(text):
    print(text, flush=True)

def for_ever():
    while True:
        time.sleep(60)

with open({log!r}, "a") as log:
    log.write(f"{{os.getpid()}}\\n")
if FAULT == "dies at the start":
    sys.exit("a library is missing")
if FAULT == "ignores every goodbye":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
searches = 0
for line in sys.stdin:
    command = line.split()[0] if line.split() else ""
    if command == "uci":
        if FAULT == "hangs at the handshake":
            for_ever()
        say("id name Fake")
        say("option name Hash type spin default 16 min 1 max 64")
        say("option name Contempt type spin default 0 min -10 max 10")
        say("uciok")
    elif command == "isready":
        say("readyok")
    elif command == "go":
        if FAULT == "dies while it searches":
            os._exit(7)
        if FAULT in ("hangs while it searches", "ignores every goodbye"):
            for_ever()
        searches += 1
        if FAULT != "scores nothing":
            say("info depth 1 score cp " + str(30 * searches))
        if FAULT == "plays an illegal move":
            say("bestmove e2e5")
        elif FAULT == "plays no move":
            say("bestmove (none)")
        elif FAULT == "talks nonsense":
            say("bestmove " + chr(0) + " castle")
        elif FAULT == "moves twice":
            say("bestmove e2e4")
            say("bestmove d2d4")
        else:
            say("bestmove e2e4")
        if FAULT == "dies after its move":
            time.sleep(0.3)  # long enough for the move to be read
            sys.exit(0)
    elif command == "quit":
        break
if FAULT == "ignores every goodbye":
    for_ever()
"""


def fake_engine(folder: Path, fault: str = "") -> str:
    """Writes an engine that fails like this, and plays e2e4 otherwise; returns its path."""
    path = folder / f"fake-{fault.replace(' ', '-') or 'engine'}"
    path.write_text(PROGRAM.format(python=sys.executable, fault=fault, log=str(log_of(folder))))
    path.chmod(0o755)
    return str(path)


def log_of(folder: Path) -> Path:
    """Where the engines of this folder have written their process ids, a line each."""
    return folder / "started"


def started(folder: Path) -> list[int]:
    """The process ids of all engines of this folder that have ever started."""
    log = log_of(folder)
    return [int(line) for line in log.read_text().splitlines()] if log.exists() else []


def left(pids: list[int]) -> list[int]:
    """Those whose processes are there still, as zombies too."""
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def running(pids: list[int]) -> list[int]:
    """Those whose processes run still."""
    return [pid for pid in left(pids) if "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()]


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class BoardOnlyEnv:
    """A game on a board; an action is a move's UCI name."""

    def __init__(self, fen: str = chess.STARTING_FEN) -> None:
        self._board = chess.Board(fen)

    @property
    def unwrapped(self) -> BoardOnlyEnv:
        return self

    def board(self) -> chess.Board:
        return self._board

    def action_of(self, move: chess.Move) -> str:
        return move.uci()

    def play(self, *agents: Any, most_plies: int = 400) -> list[str]:
        """Lets the agents move in turn until the game is over; returns all actions."""
        for agent in agents:
            agent.attach(self)
        while not self._board.is_game_over(claim_draw=True) and len(self._board.move_stack) < most_plies:
            action = agents[len(self._board.move_stack) % len(agents)].act("", {})
            self._board.push_uci(action)
        return [move.uci() for move in self._board.move_stack]
