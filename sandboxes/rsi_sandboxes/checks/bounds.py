# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How programs are held to their limits."""

from __future__ import annotations

import signal

from rsi_sandboxes.checks.suite import Theme, expect, ok, python
from rsi_sandboxes.limits import MIB, Limits
from rsi_sandboxes.protocol import Sandbox

check = Theme()


@check
def wall_time_ends_a_program_that_sleeps(sandbox: Sandbox) -> None:
    source = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
    )
    result = sandbox.run(python(source, limits=Limits(wall_s=0.5)))
    got = (result.stopped_by, result.signal, result.stdout)
    expect(got == ("wall_s", signal.SIGKILL, b"on\n") and result.timed_out, "an end by wall_s", result)
    expect(0.4 < result.wall_s < 10, "about half a second of wall time", result)


@check
def cpu_time_ends_a_program_that_spins(sandbox: Sandbox) -> None:
    result = sandbox.run(python("while True: pass", limits=Limits(cpu_s=1, wall_s=30)))
    expect(result.stopped_by == "cpu_s" and result.timed_out, "an end by cpu_s", result)
    expect(0.7 < result.cpu_s < 3, "about a second of CPU time", result)


@check
def memory_ends_a_program_that_takes_too_much(sandbox: Sandbox) -> None:
    source = "held = []\nwhile True: held.append(bytearray(b'x' * 1_000_000))"
    result = sandbox.run(python(source, limits=Limits(memory_bytes=64 * MIB)))
    expect(result.out_of_memory and not result.ok, "an end by memory_bytes", result)


@check
def memory_of_children_counts_together(sandbox: Sandbox) -> None:
    source = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        held = bytearray(b'x' * 16_000_000)
        time.sleep(30)
time.sleep(30)
"""
    result = sandbox.run(python(source, limits=Limits(memory_bytes=64 * MIB, wall_s=20)))
    expect(result.out_of_memory, "an end by memory_bytes for the sum of all processes", result)


@check
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
    result = ok(sandbox.run(python(source, limits=Limits(processes=16))))
    expect(1 <= int(result.stdout) <= 16, "at most 16 processes", result)


@check
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
    result = ok(
        sandbox.run(python("import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)" + source, limits=limits))
    )
    lines = result.stdout.decode().splitlines()
    expect(lines == ["True", "big EFBIG", "a written", "b written", "c ENOSPC"], "each limit met by its error", result)


@check
def output_is_cut_without_blocking_the_program(sandbox: Sandbox) -> None:
    source = "import sys; sys.stdout.write('x' * 3_000_000); sys.stderr.write('y' * 3_000_000)"
    result = ok(sandbox.run(python(source, limits=Limits(output_bytes=1000))))
    got = (result.stdout, result.stderr, result.truncated)
    expect(got == (b"x" * 1000, b"y" * 1000, True), "1000 bytes of each and the note that there was more", result)


@check
def a_small_memory_bound_leaves_room_for_the_supervisor(sandbox: Sandbox) -> None:
    limits = Limits(memory_bytes=16 * MIB, disk_bytes=MIB, wall_s=20)
    source = "import sys, time; time.sleep(1); print(sum(map(len, iter(lambda: sys.stdin.buffer.read(65536), b''))))"
    result = ok(sandbox.run(python(source, stdin=bytes(40 * MIB), limits=limits)))
    expect(int(result.stdout) == 40 * MIB, "all of stdin", result)
