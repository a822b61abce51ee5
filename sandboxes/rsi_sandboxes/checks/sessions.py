# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Worlds that last."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from functools import partial

from rsi_sandboxes.checks.suite import Theme, expect, ok
from rsi_sandboxes.errors import SandboxFileError, SessionClosed
from rsi_sandboxes.limits import MIB, Limits
from rsi_sandboxes.protocol import Sandbox

check = Theme()


@check
def a_session_keeps_files_and_background_processes(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        session.write_file("notes/a.txt", b"one\0two")
        expect(session.read_file("notes/a.txt") == b"one\0two", "what was written", None)
        ok(session.exec(["python3", "-c", "open('b', 'w').write('x')"]))
        expect(session.read_file("/work/b") == b"x", "what a program wrote", None)
        ok(session.exec(["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $! > pid"]))
        result = ok(session.exec(["sh", "-c", "kill -0 $(cat pid) && echo alive"]))
        expect(result.stdout == b"alive\n", "a background process that lives on", result)
        slow = session.exec(["sleep", "60"], limits=Limits(wall_s=0.3))
        expect(slow.stopped_by == "wall_s", "a limit of one program's own", slow)
        ok(session.exec(["true"]))


@check
def session_files_are_read_with_care(sandbox: Sandbox) -> None:
    with sandbox.session(replace(Limits(), file_bytes=MIB)) as session:
        ok(session.exec(["sh", "-c", "mkfifo pipe; ln -s /etc/hostname link; mkdir folder"]))
        for path in ("pipe", "link", "folder", "missing", "/dev/zero"):
            try:
                content = session.read_file(path)
            except SandboxFileError:
                continue
            expect(False, f"SandboxFileError for {path}", content)
        ok(session.exec(["true"]))


@check
def session_paths_that_are_none_are_refused(sandbox: Sandbox) -> None:
    with sandbox.session(Limits(file_bytes=MIB)) as session:
        for path, data in (("", b""), ("a\0b", b""), ("a\ud800", b""), ("big", bytes(MIB + 1))):
            for call in (partial(session.write_file, path, data), partial(session.read_file, path)):
                try:
                    got = call()
                except SandboxFileError:
                    continue
                expect(False, f"SandboxFileError for {path!r}", got)
        ok(session.exec(["true"]))


_HOLD = """
import sys, time
for number in range(int(sys.argv[1])):
    held = bytearray(b'x' * 40_000_000)
    open(f'{sys.argv[2]}{number}', 'w').close()
    time.sleep(60)
"""


@check
def a_session_s_memory_is_bounded_as_a_whole(sandbox: Sandbox) -> None:
    background = 'for i in 1 2 3 4; do python3 -I -S -c "$0" 1 held$i >/dev/null 2>&1 & echo $! >> pids; done'
    count = "n=0; for pid in $(cat pids); do kill -0 $pid 2>/dev/null && n=$((n+1)); done; echo $n"
    with sandbox.session(Limits(memory_bytes=100 * MIB)) as session:
        ok(session.exec(["sh", "-c", background, _HOLD]))
        # Nothing runs that would be watched: the idle world has to be bounded too.
        time.sleep(4)
        result = ok(session.exec(["sh", "-c", count]))
        expect(int(result.stdout) <= 2, "at most two of four processes that hold 40 MB each", result)
        source = "held = bytearray(b'x' * 130_000_000); import time; time.sleep(5)"
        result = session.exec(["python3", "-I", "-S", "-c", source], limits=Limits(memory_bytes=1040 * MIB))
        expect(not result.ok, "the session's own bound, whatever a call asks for", result)
        ok(session.exec(["true"]))


@check
def closing_a_session_ends_its_call_at_once(sandbox: Sandbox) -> None:
    session = sandbox.session()
    timer = threading.Timer(0.5, session.close)
    timer.start()
    started = time.monotonic()
    try:
        result = session.exec(["sleep", "9"])
    except SessionClosed:
        result = None
    timer.join()
    expect(result is None and time.monotonic() - started < 7, "SessionClosed at once", result)


@check
def a_closed_session_refuses(sandbox: Sandbox) -> None:
    session = sandbox.session()
    session.close()
    session.close()
    try:
        result = session.exec(["true"])
    except SessionClosed:
        return
    expect(False, "SessionClosed", result)
