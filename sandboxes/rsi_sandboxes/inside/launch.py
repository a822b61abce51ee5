# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How a forked child of the supervisor becomes the program it was asked for.

A command that begins `python3 -I -S -c` needs no new interpreter: the child already is one, of the same Python with
the same switches, and runs the text itself. That saves the start of an interpreter, most of a short job's time.
"""

from __future__ import annotations

import atexit
import builtins
import ctypes
import errno
import fcntl
import gc
import os
import resource
import signal
import sys
from typing import Any, NoReturn

LARGEST_LIMIT = 2**63 - 1
# Source: Python's own exit status when its last output can't be written.
LOST_OUTPUT = 120
PR_SET_DUMPABLE = 4
# Source: ioctl_tty(2), include/uapi/asm-generic/ioctls.h.
TIOCSCTTY = 0x540E
TERMINAL_KIND = "xterm-256color"
NO_FOLDER = "cwd"
"""Follows the errno that `become` tells when the program's working directory can't be entered."""
OWN_INTERPRETER = ["python3", "-I", "-S", "-c"]
ENVIRONMENT = {
    "PATH": f"{os.path.dirname(sys.executable)}:/usr/local/bin:/usr/bin:/bin",
    "HOME": "/work",
    "LANG": "C.UTF-8",
}
VOLUNTEER = b"1000"
"""For the kernel's choice of whom to kill when memory runs out."""
REHEARSALS = 3
REHEARSAL = """
import sys
from collections import Counter


class Word(str):
    @property
    def size(self):
        return len(self)


def parse(text, *rest, limit=3, **named):
    rows = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, _, values = line.strip().partition(":")
        rows.setdefault(name.upper(), []).extend(int(value) for value in values.split(",") if value)
    return {name: sorted(values, key=lambda value: (-value, str(value)))[:limit] for name, values in rows.items()}


rows = parse("\\n".join(f"k{i % 3}: {i},{i * i}" for i in range(9)))
assert rows["K0"] == [36, 9, 6] and Word("four").size == 4 and Counter("aab")["a"] == 2
try:
    assert [row for row in zip(rows, rows.values(), strict=True)] is None, "as it should"
except (AssertionError, TypeError) as error:
    text = f"{type(error).__name__}: {error!s:>5} {0.1 + 2:.3f} {10 ** 20 // 7:,}"
print(text, {1, 2} | {3}, (1, "a", None, True, 2.5), file=sys.stdout, flush=True)
"""
PREPARED: list[bool] = []
READY: dict[str, Any] = {}
"""Compiled programs by their text: those that the owner said many jobs share."""

libc = ctypes.CDLL(None)


def most_of(which: int) -> int:
    """The highest that this kind of limit can be set to; nobody unprivileged can go beyond the hard limit there is."""
    most = resource.getrlimit(which)[1]
    return LARGEST_LIMIT if most == resource.RLIM_INFINITY else most


BOUNDED = (
    resource.RLIMIT_CORE,
    resource.RLIMIT_CPU,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_DATA,
    resource.RLIMIT_NPROC,
)
MOST = {which: most_of(which) for which in BOUNDED}


def become(spec: dict[str, Any], stdio: tuple[int, int, int], tell: int, proc: int | None = None) -> NoReturn:
    """Turns the forked child into the program; tells the errno if that fails. Never returns.

    Args:
        spec: What to run, and how; see `rsi_sandboxes.world`.
        stdio: The program's standard streams.
        tell: Where to tell.
        proc: Where to `volunteer_for_oom`; None when that was seen to already.
    """
    try:
        os.setsid()
        for target, fd in enumerate(stdio):
            os.dup2(fd, target, inheritable=True)
        if spec.get("terminal"):
            fcntl.ioctl(0, TIOCSCTTY, 0)
        os.set_inheritable(tell, False)
        if proc is not None:
            volunteer_for_oom(proc)
        os.closerange(3, tell)
        os.closerange(tell + 1, 1024)
        set_bounds(spec)
        if spec.get("cwd") is not None:
            enter(spec["cwd"], tell)
        command, env = spec["command"], spec["env"]
        if spec.get("terminal"):
            env = {"TERM": TERMINAL_KIND, **env}
        if command[:4] != OWN_INTERPRETER or len(command) == 4:
            # Python set these to be ignored, and that would outlive exec.
            for number in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            os.execvpe(command[0], command, {**ENVIRONMENT, **env})
        check_words(command)
        if not PREPARED:
            prepare()
        if spec.get("terminal"):
            shown: Any = sys.stdout  # which was made for a pipe
            shown.reconfigure(line_buffering=True)
        if env:
            os.environ.update(env)
    except OSError as error:
        os.write(tell, str(error.errno).encode())
        os._exit(127)
    except (ValueError, TypeError, OverflowError, MemoryError):
        os.write(tell, str(errno.EINVAL).encode())
        os._exit(127)
    os.close(tell)
    run_python(command[4], command[5:])


def enter(folder: str, tell: int) -> None:
    """Makes the folder the working directory; tells that it was this that failed."""
    try:
        os.chdir(folder)
    except OSError as error:
        os.write(tell, f"{error.errno} {NO_FOLDER}".encode())
        os._exit(127)


def set_bounds(spec: dict[str, Any]) -> None:
    """Puts the program under the limits that the kernel keeps for each process."""
    limits = spec["limits"]
    cpu_s = -(-limits["cpu_s"] // 1)
    # Process 1 of a namespace ignores the soft limit's signal, but not the hard one's.
    grace_s = 0 if os.getpid() == 1 else 1
    bounds = [
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_CPU, cpu_s, cpu_s + grace_s),
        (resource.RLIMIT_FSIZE, limits["file_bytes"], limits["file_bytes"]),
        (resource.RLIMIT_NOFILE, limits["open_files"], limits["open_files"]),
        # Room for what a program maps and never touches; what it touches is watched and is bounded at half this.
        (resource.RLIMIT_DATA, 2 * limits["memory_bytes"], 2 * limits["memory_bytes"]),
    ]
    if spec["bound_processes"]:
        # One more than asked: the supervisor itself counts.
        bounds.append((resource.RLIMIT_NPROC, limits["processes"] + 1, limits["processes"] + 1))
    for which, soft, hard in bounds:
        most = MOST[which]
        resource.setrlimit(which, (min(int(soft), most), min(int(hard), most)))


def volunteer_for_oom(proc: int) -> None:
    """Makes the kernel prefer the program to its supervisor when memory runs out; `proc` is a /proc to write to."""
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    try:
        adj = os.open("self/oom_score_adj", os.O_WRONLY, dir_fd=proc)
    except OSError:
        return  # a kernel without this file, such as gVisor's, decides as it likes
    os.write(adj, VOLUNTEER)
    os.close(adj)


def check_words(words: list[str]) -> None:
    """Raises the ValueError that exec would raise for words that the kernel doesn't take."""
    for word in words:
        if b"\0" in word.encode():
            raise ValueError("embedded null byte")


def run_python(source: str, arguments: list[str]) -> NoReturn:
    """Does what `python3 -I -S -c source arguments` does from after its start to its exit."""
    main = type(sys)("__main__")
    main.__dict__.update(__builtins__=builtins, __loader__=sys.__loader__, __annotations__={})
    sys.modules["__main__"] = main
    sys.argv = ["-c", *arguments]
    # Source: the modes and error handlers that Python gives the standard streams in the locale C.UTF-8.
    gc.enable()
    status = 0
    try:
        exec(READY.get(source) or compile(source, "<string>", "exec", dont_inherit=True), main.__dict__)
    except SystemExit as error:
        status = exit_status(error)
    except BaseException as error:
        status = 1
        # Without this function's own line.
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        sys.excepthook(type(error), error, error.__traceback__)
    leave(status, main.__dict__)


def heed_interrupts() -> None:
    """Lets Ctrl-C end programs, though whoever started the world may have had it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def prepare() -> None:
    """Does ahead, for every program that is forked from here, what is the same for all of them."""
    # Source: the modes and error handlers that Python gives the standard streams in the locale C.UTF-8.
    streams = (("stdin", "r", -1, "surrogateescape"), ("stdout", "w", -1, "surrogateescape"))
    for fd, (name, mode, buffering, errors) in enumerate((*streams, ("stderr", "w", 1, "backslashreplace"))):
        # A stream learns what it may do from what the descriptor leads to now: a pipe, as it will.
        kept, ends = os.dup(fd), os.pipe()
        os.dup2(ends[mode == "w"], fd)
        stream = open(fd, mode, buffering, encoding="utf-8", errors=errors, closefd=False)
        os.dup2(kept, fd)
        for end in (kept, *ends):
            os.close(end)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    PREPARED.append(True)


def rehearse() -> None:
    """Runs a program that uses what most programs do, so that what only the first use of it costs is paid here.

    A fork then finds the code in memory, its symbols bound and its caches filled.
    """
    for _ in range(REHEARSALS):
        exec(compile(REHEARSAL, "<string>", "exec", dont_inherit=True), {"__name__": "rehearsal"})


def exit_status(error: SystemExit) -> int:
    """The status that Python exits with for this error, its message written."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1


def leave(status: int, names: dict[str, Any]) -> NoReturn:
    """Ends the process in the order in which Python does, but for freeing memory that goes with it anyway."""
    try:
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
        atexit._run_exitfuncs()
        # Files left open are flushed when their last name goes.
        names.clear()
        for stream in (sys.stdout, sys.__stdout__, sys.stderr, sys.__stderr__):
            try:
                if stream is not None and not stream.closed:
                    stream.flush()
            except OSError:  # its reader is gone
                status = status or LOST_OUTPUT
    finally:
        os._exit(status)
