# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The conformance suite: what every backend must do, as checks that anyone can run on theirs.

    for check in CHECKS:
        check.run(sandbox)

Each check raises `CheckFailed`, which says what was expected and what came, and leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from rsi_sandboxes.errors import CheckFailed, CommandNotFound, InvalidJob, SandboxFileError, SessionClosed
from rsi_sandboxes.limits import MIB, Limits
from rsi_sandboxes.protocol import ExecResult, Job, Sandbox

CheckFunction = Callable[[Sandbox], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a backend must do; `name` says what."""

    name: str
    run: CheckFunction


CHECKS: list[Check] = []
"""Every check, in an order that goes from the simple to the hostile."""


def _check(function: CheckFunction) -> CheckFunction:
    CHECKS.append(Check(function.__name__, function))
    return function


def _expect(holds: bool, expected: str, got: Any) -> None:
    if not holds:
        raise CheckFailed(f"expected {expected}; got {got!r}")


def _python(source: str, **settings: Any) -> Job:
    return Job(("python3", "-I", "-S", "-c", source), **settings)


def _ok(result: ExecResult) -> ExecResult:
    _expect(result.ok, "a program that exits with 0", result)
    return result


@_check
def stdout_stderr_and_exit_status_are_kept_apart(sandbox: Sandbox) -> None:
    result = sandbox.run(_python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"))
    got = (result.exit_code, result.signal, result.stdout, result.stderr, result.stopped_by)
    _expect(got == (7, None, b"out\n", b"err\n", None), "status 7, out and err", result)


@_check
def a_fatal_signal_is_told_from_an_exit(sandbox: Sandbox) -> None:
    result = sandbox.run(_python("import os, signal; os.kill(os.getpid(), signal.SIGTERM)"))
    _expect((result.exit_code, result.signal) == (None, signal.SIGTERM), "signal 15 and no exit status", result)


@_check
def stdin_arrives_whole_and_ends(sandbox: Sandbox) -> None:
    data = bytes(range(256)) * 8192
    source = "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    result = _ok(sandbox.run(_python(source, stdin=data)))
    _expect(result.stdout.decode().strip() == hashlib.sha256(data).hexdigest(), "2 MiB of stdin unharmed", result)


@_check
def files_are_there_before_the_program_starts(sandbox: Sandbox) -> None:
    files = {"data/in.bin": b"\0\xff\n", "empty": b""}
    source = "print(open('data/in.bin', 'rb').read(), open('empty').read() == '')"
    result = _ok(sandbox.run(_python(source, files=files)))
    _expect(result.stdout == b"b'\\x00\\xff\\n' True\n", "both files' contents", result)


@_check
def the_environment_is_cleared(sandbox: Sandbox) -> None:
    source = (
        "import os; print(sorted(set(os.environ) - {'PATH', 'HOME', 'LANG', 'LC_CTYPE', 'PWD'}), os.environ['GIVEN'])"
    )
    result = _ok(sandbox.run(_python(source, env={"GIVEN": "ü"})))
    _expect(result.stdout.decode() == "['GIVEN'] ü\n", "nothing but what the job gave", result)


@_check
def a_missing_program_is_an_error_not_a_result(sandbox: Sandbox) -> None:
    try:
        result = sandbox.run(Job(("no-such-program",)))
    except CommandNotFound:
        return
    _expect(False, "CommandNotFound", result)


@_check
def a_missing_program_shows_once_a_started_process_is_read(sandbox: Sandbox) -> None:
    with sandbox.start(Job(("no-such-program",))) as process:
        try:
            line = process.read_line(10)
        except CommandNotFound:
            return
    _expect(False, "CommandNotFound", line)


@_check
def limits_beyond_the_system_s_own_are_cut_down_to_them(sandbox: Sandbox) -> None:
    most = 2**63 - 1
    limits = Limits(wall_s=1e12, cpu_s=1e18, open_files=most, file_bytes=most, output_bytes=most)
    _ok(sandbox.run(_python("pass", limits=limits)))


@_check
def arguments_that_no_kernel_takes_are_refused(sandbox: Sandbox) -> None:
    for job in (Job(("python3", "a\0b")), Job(("true",), env={"A=B\0": "x"}), Job(("python3", "\ud800"))):
        try:
            result = sandbox.run(job)
        except InvalidJob:
            continue
        _expect(False, f"InvalidJob for {job.command}", result)


@_check
def files_above_file_bytes_are_refused(sandbox: Sandbox) -> None:
    limits = Limits(file_bytes=1000)
    _ok(sandbox.run(Job(("true",), files={"fits": bytes(1000)}, limits=limits)))
    try:
        result = sandbox.run(Job(("true",), files={"big": bytes(1001)}, limits=limits))
    except SandboxFileError:
        return
    _expect(False, "SandboxFileError", result)


@_check
def nothing_passes_from_job_to_job(sandbox: Sandbox) -> None:
    _ok(sandbox.run(_python("open('/work/left', 'w').close(); open('/tmp/left', 'w').close()")))
    result = _ok(sandbox.run(_python("import os; print(os.listdir('/work'), os.listdir('/tmp'))")))
    _expect(result.stdout == b"[] []\n", "fresh folders", result)


@_check
def the_root_is_read_only(sandbox: Sandbox) -> None:
    source = """
import os
for folder in ('/', '/usr', '/etc', '/dev', '/proc/sys/kernel'):
    try:
        open(folder + '/written', 'w').close()
    except OSError:
        continue
    print('wrote in', folder)
"""
    _expect(_ok(sandbox.run(_python(source))).stdout == b"", "no place to write but /work and /tmp", source)


@_check
def the_user_is_unprivileged(sandbox: Sandbox) -> None:
    source = """
import os
status = dict(line.split(':', 1) for line in open('/proc/self/status').read().splitlines())
print(os.getuid() != 0, int(status['CapEff'], 16), int(status['CapBnd'], 16), status['NoNewPrivs'].strip())
"""
    result = _ok(sandbox.run(_python(source)))
    _expect(result.stdout == b"True 0 0 1\n", "no root, no capabilities, no new privileges", result)


@_check
def there_is_no_network(sandbox: Sandbox) -> None:
    source = """
import socket
for address in (('192.0.2.1', 80), ('127.0.0.1', 22)):
    try:
        socket.create_connection(address, timeout=1)
        print('connected to', address)
    except OSError:
        pass
print([name for _, name in socket.if_nameindex() if name != 'lo'])
"""
    result = _ok(sandbox.run(_python(source)))
    _expect(result.stdout.endswith(b"[]\n") and b"connected" not in result.stdout, "loopback alone", result)


@_check
def other_processes_are_out_of_sight(sandbox: Sandbox) -> None:
    source = "import os; print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()) == sorted({1, os.getpid()}))"
    result = _ok(sandbox.run(_python(source)))
    _expect(result.stdout == b"True\n", "only the supervisor and the program in /proc", result)


@_check
def the_supervisor_is_out_of_reach(sandbox: Sandbox) -> None:
    source = """
import os
for path in ('/proc/1/mem', '/proc/1/fd', '/proc/1/environ', '/proc/1/root/'):
    try:
        os.listdir(path) if path.endswith(('fd', '/')) else open(path, 'rb').read(1)
    except OSError:
        continue
    print('reached', path)
os.kill(1, 9)
print('done')
"""
    result = _ok(sandbox.run(_python(source)))
    _expect(result.stdout == b"done\n", "process 1 unreadable and immune", result)


@_check
def wall_time_ends_a_program_that_sleeps(sandbox: Sandbox) -> None:
    source = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
    )
    result = sandbox.run(_python(source, limits=Limits(wall_s=0.5)))
    got = (result.stopped_by, result.signal, result.stdout)
    _expect(got == ("wall_s", signal.SIGKILL, b"on\n") and result.timed_out, "an end by wall_s", result)
    _expect(0.4 < result.wall_s < 10, "about half a second of wall time", result)


@_check
def cpu_time_ends_a_program_that_spins(sandbox: Sandbox) -> None:
    result = sandbox.run(_python("while True: pass", limits=Limits(cpu_s=1, wall_s=30)))
    _expect(result.stopped_by == "cpu_s" and result.timed_out, "an end by cpu_s", result)
    _expect(0.7 < result.cpu_s < 3, "about a second of CPU time", result)


@_check
def memory_ends_a_program_that_takes_too_much(sandbox: Sandbox) -> None:
    source = "held = []\nwhile True: held.append(bytearray(b'x' * 1_000_000))"
    result = sandbox.run(_python(source, limits=Limits(memory_bytes=64 * MIB)))
    _expect(result.out_of_memory and not result.ok, "an end by memory_bytes", result)


@_check
def memory_of_children_counts_together(sandbox: Sandbox) -> None:
    source = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        held = bytearray(b'x' * 16_000_000)
        time.sleep(30)
time.sleep(30)
"""
    result = sandbox.run(_python(source, limits=Limits(memory_bytes=64 * MIB, wall_s=20)))
    _expect(result.out_of_memory, "an end by memory_bytes for the sum of all processes", result)


@_check
def processes_are_bounded(sandbox: Sandbox) -> None:
    source = """
import os, time
made = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        made += 1
except OSError:
    print(made)
"""
    result = _ok(sandbox.run(_python(source, limits=Limits(processes=16))))
    _expect(1 <= int(result.stdout) <= 16, "at most 16 processes", result)


@_check
def open_files_file_size_and_disk_are_bounded(sandbox: Sandbox) -> None:
    source = """
import errno
held = []
try:
    while True: held.append(open('/dev/null'))
except OSError as error: print(error.errno == errno.EMFILE)
held.clear()
for name, size in (('big', 3), ('a', 1), ('b', 1), ('c', 1)):
    try:
        with open(name, 'wb') as file:
            for _ in range(size): file.write(bytes(1048576))
        print(name, 'written')
    except OSError as error: print(name, errno.errorcode[error.errno])
"""
    limits = Limits(open_files=32, file_bytes=2 * MIB, disk_bytes=4 * MIB)
    # The file that reached its limit still fills half the disk, so the last of the small ones doesn't fit.
    result = _ok(
        sandbox.run(_python("import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)" + source, limits=limits))
    )
    lines = result.stdout.decode().splitlines()
    _expect(lines == ["True", "big EFBIG", "a written", "b written", "c ENOSPC"], "each limit met by its error", result)


@_check
def output_is_cut_without_blocking_the_program(sandbox: Sandbox) -> None:
    source = "import sys; sys.stdout.write('x' * 3_000_000); sys.stderr.write('y' * 3_000_000)"
    result = _ok(sandbox.run(_python(source, limits=Limits(output_bytes=1000))))
    got = (result.stdout, result.stderr, result.truncated)
    _expect(got == (b"x" * 1000, b"y" * 1000, True), "1000 bytes of each and the note that there was more", result)


@_check
def a_daemon_dies_with_its_job(sandbox: Sandbox) -> None:
    source = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
print('left')
"""
    result = _ok(sandbox.run(_python(source)))
    _expect(result.stdout == b"left\n" and result.wall_s < 30, "the end with the program, not the daemon", result)


@_check
def a_process_converses(sandbox: Sandbox) -> None:
    with sandbox.start(_python("while True: print(input()[::-1], flush=True)")) as process:
        for word, answer in ((b"abc", b"cba"), (b"", b""), (b"xy" * 5000, b"yx" * 5000)):
            process.send(word + b"\n")
            line = process.read_line(10)
            _expect(line == answer, f"{answer!r}", line)
        try:
            line = process.read_line(0.1)
        except TimeoutError:
            line = b"timeout"
        _expect(line == b"timeout", "TimeoutError when no line comes", line)
        result = process.wait()
    _expect(result.exit_code == 1 and b"EOFError" in result.stderr, "the program's end at the end of its stdin", result)


@_check
def a_killed_process_says_so(sandbox: Sandbox) -> None:
    with sandbox.start(_python("import time; time.sleep(60)")) as process:
        process.kill()
        result = process.wait()
    _expect((result.stopped_by, result.signal) == ("killed", signal.SIGKILL), "an end by kill()", result)
    with sandbox.start(_python("print('bye')")) as process:
        _expect(process.read_line(10) == b"bye", "bye", None)
        _expect(process.read_line(10) is None, "None after the last line", None)
        process.kill()
        _ok(process.wait())


@_check
def kill_reaches_a_program_that_does_not_read_its_stdin(sandbox: Sandbox) -> None:
    with sandbox.start(_python("import time; time.sleep(60)", limits=Limits(wall_s=20))) as process:
        process.send(bytes(4 * MIB))
        process.kill()
        result = process.wait()
    _expect(result.stopped_by == "killed" and result.wall_s < 15, "an end by kill()", result)


@_check
def a_small_memory_bound_leaves_room_for_the_supervisor(sandbox: Sandbox) -> None:
    limits = Limits(memory_bytes=16 * MIB, disk_bytes=MIB, wall_s=20)
    source = "import sys, time; time.sleep(1); print(sum(map(len, iter(lambda: sys.stdin.buffer.read(65536), b''))))"
    result = _ok(sandbox.run(_python(source, stdin=bytes(40 * MIB), limits=limits)))
    _expect(int(result.stdout) == 40 * MIB, "all of stdin", result)


@_check
def a_session_keeps_files_and_background_processes(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        session.write_file("notes/a.txt", b"one\0two")
        _expect(session.read_file("notes/a.txt") == b"one\0two", "what was written", None)
        _ok(session.exec(["python3", "-c", "open('b', 'w').write('x')"]))
        _expect(session.read_file("/work/b") == b"x", "what a program wrote", None)
        _ok(session.exec(["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $! > pid"]))
        result = _ok(session.exec(["sh", "-c", "kill -0 $(cat pid) && echo alive"]))
        _expect(result.stdout == b"alive\n", "a background process that lives on", result)
        slow = session.exec(["sleep", "60"], limits=Limits(wall_s=0.3))
        _expect(slow.stopped_by == "wall_s", "a limit of one program's own", slow)
        _ok(session.exec(["true"]))


@_check
def session_files_are_read_with_care(sandbox: Sandbox) -> None:
    with sandbox.session(replace(Limits(), file_bytes=MIB)) as session:
        _ok(session.exec(["sh", "-c", "mkfifo pipe; ln -s /etc/hostname link; mkdir folder"]))
        for path in ("pipe", "link", "folder", "missing", "/dev/zero"):
            try:
                content = session.read_file(path)
            except SandboxFileError:
                continue
            _expect(False, f"SandboxFileError for {path}", content)
        _ok(session.exec(["true"]))


@_check
def session_paths_that_are_none_are_refused(sandbox: Sandbox) -> None:
    with sandbox.session(Limits(file_bytes=MIB)) as session:
        for path, data in (("", b""), ("a\0b", b""), ("a\ud800", b""), ("big", bytes(MIB + 1))):
            for call in (partial(session.write_file, path, data), partial(session.read_file, path)):
                try:
                    got = call()
                except SandboxFileError:
                    continue
                _expect(False, f"SandboxFileError for {path!r}", got)
        _ok(session.exec(["true"]))


_HOLD = """
import sys, time
for number in range(int(sys.argv[1])):
    held = bytearray(b'x' * 40_000_000)
    open(f'{sys.argv[2]}{number}', 'w').close()
    time.sleep(60)
"""


@_check
def a_session_s_memory_is_bounded_as_a_whole(sandbox: Sandbox) -> None:
    background = 'for i in 1 2 3 4; do python3 -I -S -c "$0" 1 held$i >/dev/null 2>&1 & echo $! >> pids; done'
    count = "n=0; for pid in $(cat pids); do kill -0 $pid 2>/dev/null && n=$((n+1)); done; echo $n"
    with sandbox.session(Limits(memory_bytes=100 * MIB)) as session:
        _ok(session.exec(["sh", "-c", background, _HOLD]))
        # Nothing runs that would be watched: the idle world has to be bounded too.
        time.sleep(4)
        result = _ok(session.exec(["sh", "-c", count]))
        _expect(int(result.stdout) <= 2, "at most two of four processes that hold 40 MB each", result)
        source = "held = bytearray(b'x' * 130_000_000); import time; time.sleep(5)"
        result = session.exec(["python3", "-I", "-S", "-c", source], limits=Limits(memory_bytes=1040 * MIB))
        _expect(not result.ok, "the session's own bound, whatever a call asks for", result)
        _ok(session.exec(["true"]))


@_check
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
    _expect(result is None and time.monotonic() - started < 7, "SessionClosed at once", result)


@_check
def a_closed_session_refuses(sandbox: Sandbox) -> None:
    session = sandbox.session()
    session.close()
    session.close()
    try:
        result = session.exec(["true"])
    except SessionClosed:
        return
    _expect(False, "SessionClosed", result)


@_check
def jobs_run_side_by_side(sandbox: Sandbox) -> None:
    def double(number: int) -> int:
        return int(_ok(sandbox.run(_python("print(2 * int(input()))", stdin=b"%d\n" % number))).stdout)

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(double, range(16)))
    _expect(got == [2 * n for n in range(16)], "each job's own answer", got)
