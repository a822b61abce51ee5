# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Programs that one talks to."""

from __future__ import annotations

import signal

from rsi_sandboxes.checks.suite import Theme, expect, ok, python
from rsi_sandboxes.limits import MIB, Limits
from rsi_sandboxes.protocol import Sandbox

check = Theme()


@check
def a_process_converses(sandbox: Sandbox) -> None:
    with sandbox.start(python("while True: print(input()[::-1], flush=True)")) as process:
        for word, answer in ((b"abc", b"cba"), (b"", b""), (b"xy" * 5000, b"yx" * 5000)):
            process.send(word + b"\n")
            line = process.read_line(10)
            expect(line == answer, f"{answer!r}", line)
        try:
            line = process.read_line(0.1)
        except TimeoutError:
            line = b"timeout"
        expect(line == b"timeout", "TimeoutError when no line comes", line)
        result = process.wait()
    expect(result.exit_code == 1 and b"EOFError" in result.stderr, "the program's end at the end of its stdin", result)


@check
def a_killed_process_says_so(sandbox: Sandbox) -> None:
    with sandbox.start(python("import time; time.sleep(60)")) as process:
        process.kill()
        result = process.wait()
    expect((result.stopped_by, result.signal) == ("killed", signal.SIGKILL), "an end by kill()", result)
    with sandbox.start(python("print('bye')")) as process:
        expect(process.read_line(10) == b"bye", "bye", None)
        expect(process.read_line(10) is None, "None after the last line", None)
        process.kill()
        ok(process.wait())


@check
def kill_reaches_a_program_that_does_not_read_its_stdin(sandbox: Sandbox) -> None:
    with sandbox.start(python("import time; time.sleep(60)", limits=Limits(wall_s=20))) as process:
        process.send(bytes(4 * MIB))
        process.kill()
        result = process.wait()
    expect(result.stopped_by == "killed" and result.wall_s < 15, "an end by kill()", result)


@check
def the_clock_counts_from_where_it_was_restarted(sandbox: Sandbox) -> None:
    source = "import time\nwhile True: print(time.sleep(float(input())), flush=True)"
    with sandbox.start(python(source)) as process:
        process.send(b"0.5\n")
        process.read_line(20)
        first = process.line_at_s
        process.restart_clock()
        process.send(b"0.2\n0.2\n")
        times = []
        for _ in range(2):
            process.read_line(20)
            times.append(process.line_at_s)
    expect(first >= 0.5 and times[0] >= 0.2 and times[1] >= 0.4, "no time shorter than what was slept", (first, times))
    expect(times[1] < first + 0.4, "times that count from the restart", (first, times))
