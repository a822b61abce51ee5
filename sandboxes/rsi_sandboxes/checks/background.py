# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Programs that run in a session while other calls go on."""

from __future__ import annotations

import signal
import threading
import time

from rsi_sandboxes.checks.suite import Theme, expect, ok
from rsi_sandboxes.errors import CommandNotFound, SandboxFileError, SessionClosed
from rsi_sandboxes.limits import MIB, Limits
from rsi_sandboxes.protocol import Sandbox

check = Theme()

_ECHO = ("python3", "-I", "-S", "-c", "while True: print(input()[::-1], flush=True)")
_SLEEP = ("sleep", "60")


@check
def programs_in_the_background_converse_while_calls_go_on(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        first, second = session.start(_ECHO), session.start(["cat"], cwd="/tmp")  # noqa: S108 - in the world
        for number in range(5):
            word = b"word %d" % number
            first.send(word + b"\n")
            second.send(word)
            expect(ok(session.exec(["echo", "between"])).stdout == b"between\n", "a call's own output", None)
            expect(first.read_line(10) == word[::-1], "the first one's answer", None)
            expect(second.read(10) == word, "the second one's answer", None)
        first.kill()
        result = first.wait()
        expect((result.stopped_by, result.signal) == ("killed", signal.SIGKILL), "an end by kill()", result)
        expect(ok(second.wait()).stdout == b"", "an end by itself, all having been read", None)
        expect(second.read(10) == b"", "nothing after the end", None)


@check
def what_can_not_start_in_the_background_shows_when_it_is_read(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        cases = ((["no-such-program"], None, CommandNotFound), (["true"], "missing", SandboxFileError))
        for command, folder, error in cases:
            process = session.start(command, cwd=folder)
            try:
                got = process.read(10)
            except error:
                continue
            expect(False, error.__name__, got)
        ok(session.exec(["true"]))


@check
def a_background_program_outlasts_the_wall_limit_of_calls_but_not_its_own(sandbox: Sandbox) -> None:
    with sandbox.session(Limits(wall_s=0.5)) as session:
        lasting, bounded = session.start(_ECHO), session.start(_SLEEP, limits=Limits(wall_s=1))
        started = time.monotonic()
        result = bounded.wait()
        expect(result.stopped_by == "wall_s" and time.monotonic() - started < 10, "an end by wall_s", result)
        lasting.send(b"abc\n")
        expect(lasting.read_line(10) == b"cba", "one that has no limit of its own to be there", None)


@check
def memory_of_background_programs_is_bounded_together(sandbox: Sandbox) -> None:
    source = "import time; held = b'x' * 60_000_000; print('held', flush=True); time.sleep(60)"
    with sandbox.session(Limits(memory_bytes=100 * MIB)) as session:
        hold = ["python3", "-I", "-S", "-c", source]
        first = session.start(hold)
        expect(first.read_line(10) == b"held", "60 MB to be had", None)
        second = session.start(hold)
        results = [second.wait(), first.wait()]
        stops = {result.stopped_by for result in results}
        expect("memory_bytes" in stops and not any(result.ok for result in results), "an end by memory_bytes", results)
        ok(session.exec(["true"]))


@check
def a_background_program_waits_for_its_reader_and_loses_nothing(sandbox: Sandbox) -> None:
    count = ["python3", "-I", "-S", "-c", "for number in range(100_000): print(number)"]
    with sandbox.session(Limits(output_bytes=10_000)) as session:
        process = session.start(count)
        time.sleep(0.5)
        got = [process.read_line(10) for _ in range(100_000)]
        expect(got == [b"%d" % number for number in range(100_000)], "every line", got[-1])
        expect(process.read_line(10) is None, "the end", None)
        result = process.wait()
        expect(result.ok and not result.truncated, "nothing dropped", result)
        result = session.start(count).wait()
        expect(result.ok and result.truncated, "output dropped once nobody is to read it", result)


@check
def leaving_a_background_program_ends_it_alone(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        other = session.start(_ECHO)
        with session.start(["sh", "-c", "echo $$; exec sleep 60"]) as process:
            pid = (process.read_line(10) or b"").decode()
        gone = session.exec(["sh", "-c", f"kill -0 {pid}"])
        expect(not gone.ok, "the program to be gone", gone)
        other.send(b"abc\n")
        expect(other.read_line(10) == b"cba", "the other one to go on", None)


@check
def closing_a_session_ends_the_reading_of_its_programs(sandbox: Sandbox) -> None:
    session = sandbox.session()
    process = session.start(_SLEEP)
    timer = threading.Timer(0.5, session.close)
    timer.start()
    got = b""
    try:
        got = process.read(9)
    except SessionClosed:
        return
    finally:
        timer.join()
    expect(False, "SessionClosed", got)
