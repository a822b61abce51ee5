# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""However the owner of engines ends, they end with it; and a forked child has engines of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chess.fake_engines import fake_engine, running, started, wait_for
from tests.components import need

BEGINNING = """
import os, sys, threading
import chess
from rsi_envs.chess.engines import engine

def play(path):
    return engine(path, timeout_s=300).play(chess.Board(), nodes=1).uci()

idle, *busy = sys.argv[1:]
print(play(idle), flush=True)
for path in busy:
    threading.Thread(target=play, args=(path,), daemon=True).start()
"""
WAITS = "threading.Event().wait()"
ASKS = """
try:
    play(busy[0])
except KeyboardInterrupt:
    print("interrupted", flush=True)
    raise
"""
FORKS = """
child = os.fork()
if child == 0:
    print("child", play(idle), flush=True)
    sys.exit(5)
print("status", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
print("parent", play(idle), flush=True)
"""
FORKS_AND_IS_KILLED = (
    """
if os.fork() == 0:
    os.setpgid(0, 0)
    threading.Event().wait(300)
"""
    + WAITS
)


def start_owner(ending: str, *engines: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", BEGINNING + ending, *engines],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": ":".join(entry for entry in sys.path if entry)},
    )  # fmt: skip


def says(owner: subprocess.Popen[str]) -> str:
    assert owner.stdout is not None
    return owner.stdout.readline().strip()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_an_owner_that_is_killed_leaves_no_engine(tmp_path: Path, how: signal.Signals) -> None:
    with start_owner(WAITS, fake_engine(tmp_path), fake_engine(tmp_path, "ignores every goodbye")) as owner:
        try:
            assert says(owner) == "e2e4"
            assert wait_for(lambda: len(started(tmp_path)) == 2)
            owner.send_signal(how)
            owner.wait(20)
        finally:
            owner.kill()
    assert wait_for(lambda: running(started(tmp_path)) == [])


def test_a_killed_owner_leaves_no_stockfish() -> None:
    need("stockfish")
    with start_owner("print(*[line.split()[0] for line in os.popen(f'ps --ppid {os.getpid()} -o pid,comm') "
                     "if 'stockfish' in line], flush=True);" + WAITS, "stockfish") as owner:  # fmt: skip
        try:
            assert len(says(owner)) >= 4
            pids = [int(pid) for pid in says(owner).split()]
            assert len(running(pids)) == 1
        finally:
            owner.kill()
    assert wait_for(lambda: running(pids) == [])


def test_ctrl_c_comes_out_of_a_call_and_ends_the_engines(tmp_path: Path) -> None:
    with start_owner(ASKS, fake_engine(tmp_path), fake_engine(tmp_path, "ignores every goodbye")) as owner:
        try:
            assert says(owner) == "e2e4"
            assert wait_for(lambda: len(started(tmp_path)) == 3)
            owner.send_signal(signal.SIGINT)
            assert says(owner) == "interrupted"
            assert owner.wait(20) == -signal.SIGINT
        finally:
            owner.kill()
    assert wait_for(lambda: running(started(tmp_path)) == [])


@pytest.mark.parametrize("busy", [(), ("hangs while it searches",), ("hangs at the handshake",)], ids=str)
def test_an_owner_that_just_ends_does_not_hang_and_leaves_no_engine(tmp_path: Path, busy: tuple[str, ...]) -> None:
    with start_owner(
        f"while not os.path.exists({str(tmp_path / 'go')!r}): threading.Event().wait(0.05)",
        *[fake_engine(tmp_path, fault) for fault in ("", *busy)],
    ) as owner:
        try:
            assert says(owner) == "e2e4"
            assert wait_for(lambda: len(started(tmp_path)) == 1 + len(busy))
            (tmp_path / "go").touch()
            assert owner.wait(20) == 0
            assert owner.stderr is not None
            said = owner.stderr.read()
            assert busy or said == ""
            assert "Unknown child" not in said
        finally:
            owner.kill()
    assert wait_for(lambda: running(started(tmp_path)) == [])


def test_a_forked_child_has_engines_of_its_own(tmp_path: Path) -> None:
    with start_owner(FORKS, fake_engine(tmp_path)) as owner:
        try:
            assert [says(owner) for _ in range(4)] == ["e2e4", "child e2e4", "status 5", "parent e2e4"]
            assert owner.wait(20) == 0
        finally:
            owner.kill()
    assert len(started(tmp_path)) == 2
    assert wait_for(lambda: running(started(tmp_path)) == [])


def test_a_forked_child_does_not_keep_its_parents_engines(tmp_path: Path) -> None:
    with start_owner(FORKS_AND_IS_KILLED, fake_engine(tmp_path)) as owner:
        try:
            assert says(owner) == "e2e4"
            children = wait_for(lambda: len(_children(owner.pid)) == 2) and _children(owner.pid)
        finally:
            owner.kill()
        assert wait_for(lambda: running(started(tmp_path)) == [])
        for child in children or []:
            if child not in started(tmp_path):
                os.kill(child, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
