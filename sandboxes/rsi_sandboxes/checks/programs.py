# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a program is given and what comes back of it."""

from __future__ import annotations

import hashlib
import signal
from concurrent.futures import ThreadPoolExecutor

from rsi_sandboxes.checks.suite import Theme, expect, ok, python
from rsi_sandboxes.errors import CommandNotFound, InvalidJob, SandboxFileError
from rsi_sandboxes.job import Job
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.protocol import Sandbox

check = Theme()


@check
def stdout_stderr_and_exit_status_are_kept_apart(sandbox: Sandbox) -> None:
    result = sandbox.run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"))
    got = (result.exit_code, result.signal, result.stdout, result.stderr, result.stopped_by)
    expect(got == (7, None, b"out\n", b"err\n", None), "status 7, out and err", result)


@check
def a_fatal_signal_is_told_from_an_exit(sandbox: Sandbox) -> None:
    result = sandbox.run(Job(("sh", "-c", "kill -TERM $$")))
    expect((result.exit_code, result.signal) == (None, signal.SIGTERM), "signal 15 and no exit status", result)


@check
def stdin_arrives_whole_and_ends(sandbox: Sandbox) -> None:
    data = bytes(range(256)) * 8192
    source = "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    result = ok(sandbox.run(python(source, stdin=data)))
    expect(result.stdout.decode().strip() == hashlib.sha256(data).hexdigest(), "2 MiB of stdin unharmed", result)


@check
def standard_streams_can_be_opened_by_name(sandbox: Sandbox) -> None:
    source = """
text = open('/dev/stdin').read()
for name in ('stdout', 'stderr'):
    with open(f'/dev/{name}', 'w') as stream: stream.write(name + text)
"""
    result = ok(sandbox.run(python(source, stdin=b" in")))
    expect((result.stdout, result.stderr) == (b"stdout in", b"stderr in"), "what was written to each", result)
    result = ok(sandbox.run(Job(("sh", "-c", "cat /dev/stdin > /dev/stderr"), stdin=b"in")))
    expect((result.stdout, result.stderr) == (b"", b"in"), "stdin on stderr", result)


@check
def files_are_there_before_the_program_starts(sandbox: Sandbox) -> None:
    files = {"data/in.bin": b"\0\xff\n", "empty": b""}
    source = "print(open('data/in.bin', 'rb').read(), open('empty').read() == '')"
    result = ok(sandbox.run(python(source, files=files)))
    expect(result.stdout == b"b'\\x00\\xff\\n' True\n", "both files' contents", result)


@check
def the_environment_is_cleared(sandbox: Sandbox) -> None:
    source = (
        "import os; print(sorted(set(os.environ) - {'PATH', 'HOME', 'LANG', 'LC_CTYPE', 'PWD'}), os.environ['GIVEN'])"
    )
    result = ok(sandbox.run(python(source, env={"GIVEN": "ü"})))
    expect(result.stdout.decode() == "['GIVEN'] ü\n", "nothing but what the job gave", result)


@check
def a_missing_program_is_an_error_not_a_result(sandbox: Sandbox) -> None:
    try:
        result = sandbox.run(Job(("no-such-program",)))
    except CommandNotFound:
        return
    expect(False, "CommandNotFound", result)


@check
def a_missing_program_shows_once_a_started_process_is_read(sandbox: Sandbox) -> None:
    with sandbox.start(Job(("no-such-program",))) as process:
        try:
            line = process.read_line(10)
        except CommandNotFound:
            return
    expect(False, "CommandNotFound", line)


@check
def limits_beyond_the_system_s_own_are_cut_down_to_them(sandbox: Sandbox) -> None:
    most = 2**63 - 1
    limits = Limits(wall_s=1e12, cpu_s=1e18, open_files=most, file_bytes=most, output_bytes=most)
    ok(sandbox.run(python("pass", limits=limits)))


@check
def arguments_that_no_kernel_takes_are_refused(sandbox: Sandbox) -> None:
    for job in (Job(("python3", "a\0b")), Job(("true",), env={"A=B\0": "x"}), Job(("python3", "\ud800"))):
        try:
            result = sandbox.run(job)
        except InvalidJob:
            continue
        expect(False, f"InvalidJob for {job.command}", result)


@check
def files_above_file_bytes_are_refused(sandbox: Sandbox) -> None:
    limits = Limits(file_bytes=1000)
    ok(sandbox.run(Job(("true",), files={"fits": bytes(1000)}, limits=limits)))
    try:
        result = sandbox.run(Job(("true",), files={"big": bytes(1001)}, limits=limits))
    except SandboxFileError:
        return
    expect(False, "SandboxFileError", result)


@check
def jobs_run_side_by_side(sandbox: Sandbox) -> None:
    def double(number: int) -> int:
        return int(ok(sandbox.run(python("print(2 * int(input()))", stdin=b"%d\n" % number))).stdout)

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(double, range(16)))
    expect(got == [2 * n for n in range(16)], "each job's own answer", got)
