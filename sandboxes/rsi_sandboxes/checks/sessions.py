# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Worlds that last."""

from __future__ import annotations

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
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


@check
def a_program_starts_in_the_folder_that_it_is_given(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        session.write_file("a/b/file", b"")
        for folder, path in (("a/b", b"/work/a/b"), ("/tmp", b"/tmp"), (None, b"/work")):  # noqa: S108 - in the world
            result = ok(session.exec(["sh", "-c", "pwd; echo $HOME"], cwd=folder))
            expect(result.stdout == path + b"\n/work\n", f"a start in {path!r}, at home in /work", result)
        for folder in ("missing", "a/b/file", "", "a\0b"):
            try:
                result = session.exec(["true"], cwd=folder)
            except SandboxFileError:
                continue
            expect(False, f"SandboxFileError for the folder {folder!r}", result)


@check
def streams_carry_files_whole(sandbox: Sandbox) -> None:
    chunks = [bytes([number % 251]) * (number * 977 % 70_000) for number in range(100)]
    data = b"".join(chunks)
    with sandbox.session() as session:
        for source in (chunks, iter(chunks), io.BytesIO(data)):
            session.write_stream("folder/streamed", source)
            parts = list(session.read_stream("folder/streamed"))
            expect(b"".join(parts) == data, f"{len(data)} bytes unharmed", [len(part) for part in parts])
            expect(max(map(len, parts)) <= 256 * 1024, "parts of at most 256 KiB", [len(part) for part in parts])
        session.write_stream("empty", [])
        expect(list(session.read_stream("empty")) == [], "no parts of an empty file", None)
        session.write_file("shorter", data)
        session.write_stream("shorter", [b"ab", b"", b"c"])
        expect(session.read_file("shorter") == b"abc", "what the stream held alone", None)
        ok(session.exec(["ln", "-s", "/etc/passwd", "link"]))
        for path in ("missing", "link", "folder", "", "/dev/zero"):
            try:
                got = session.read_stream(path)
            except SandboxFileError:
                continue
            expect(False, f"SandboxFileError at once for {path!r}", got)


@check
def streams_keep_to_file_bytes_and_disk_bytes(sandbox: Sandbox) -> None:
    with sandbox.session(Limits(file_bytes=MIB, disk_bytes=2 * MIB)) as session:
        session.write_stream("fits", [bytes(MIB)])
        for path, chunks in (("big", (bytes(1000) for _ in range(2000))), ("/", [b""]), ("a\0b", [b""])):
            try:
                session.write_stream(path, chunks)
            except SandboxFileError:
                continue
            expect(False, f"SandboxFileError for {path!r}", None)
        try:
            session.write_stream("no room", [bytes(MIB)])
        except SandboxFileError:
            ok(session.exec(["true"]))
            return
        expect(False, "SandboxFileError when the disk is full", None)


@check
def calls_from_several_threads_run_side_by_side(sandbox: Sandbox) -> None:
    with sandbox.session(Limits(wall_s=60, processes=128)) as session, ThreadPoolExecutor(6) as pool:

        def call(number: int) -> bool:
            word = b"%d" % number
            session.write_file(f"file{number}", word)
            said = session.exec(["cat"], stdin=word).stdout
            return said == word == session.read_file(f"file{number}")

        waiting = pool.submit(session.exec, ["sh", "-c", "until [ -e go ]; do sleep 0.1; done"])
        got = list(pool.map(call, range(40)))
        expect(all(got), "each call's own answer", got)
        session.write_file("go", b"")
        ok(waiting.result())
