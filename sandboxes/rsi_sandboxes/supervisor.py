# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What stands inside every world as its first process: starts programs, bounds them, reports how they ended.

This file is handed as text to a bare `python3 -I -S -c` in the world, so it needs nothing but the standard
library of Python 3.9 or newer, and nothing here is imported by the rest of the package but its text. The owner
speaks to it over its standard input and output in frames (see `rsi_sandboxes.frames`, which states the format
a second time on the owner's side; a test holds the two together). When standard input ends, the owner is gone:
this process exits, and being process 1 takes everything in the world with it.

Programs in the world run as the same user, so this process makes itself undumpable first: after that the kernel
lets none of them read its memory, its descriptors or trace it. They can kill nothing here either: process 1
ignores signals from inside its own namespace. Its only argument is the bytes of memory that the world may hold.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import select
import signal
import stat
import struct
import sys
import time
from typing import Any, NoReturn

HEADER = struct.Struct("!cI")
CHUNK = 65536
SAMPLE_S = 0.02
IDLE_SAMPLE_S = 0.25
LARGEST_PIPE = 1 << 20
LARGEST_LIMIT = 2**63 - 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
KEYCTL_JOIN_SESSION_KEYRING = 1
# Source: the kernel's syscall tables; libc has no function for it.
KEYCTL = {"x86_64": 250, "aarch64": 219}
PAGE = os.sysconf("SC_PAGE_SIZE")


class Owner:
    """The frames to and from the owner."""

    def __init__(self) -> None:
        self.inbox = bytearray()
        self.outbox = bytearray()
        os.set_blocking(0, False)
        os.set_blocking(1, False)

    def receive(self) -> None:
        """Reads what is there; exits when the owner is gone."""
        try:
            data = os.read(0, CHUNK)
        except BlockingIOError:
            return
        if not data:
            os._exit(0)
        self.inbox += data

    def next(self) -> tuple[bytes, bytes] | None:
        """Takes one whole frame off the inbox: (kind, payload), or None."""
        if len(self.inbox) < HEADER.size:
            return None
        kind, length = HEADER.unpack_from(self.inbox)
        if len(self.inbox) < HEADER.size + length:
            return None
        payload = bytes(self.inbox[HEADER.size : HEADER.size + length])
        del self.inbox[: HEADER.size + length]
        return kind, payload

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        self.outbox += HEADER.pack(kind, len(payload)) + payload

    def flush(self) -> None:
        """Writes what the pipe takes now."""
        try:
            while self.outbox:
                del self.outbox[: os.write(1, self.outbox[:CHUNK])]
        except BlockingIOError:
            return
        except OSError:
            os._exit(0)

    def wait(self, timeout_s: float | None) -> None:
        """Reads what comes and writes what can be written; returns in time though neither can be done."""
        readable, _, _ = select.select([0], [1] if self.outbox else [], [], timeout_s)
        self.flush()
        if readable:
            self.receive()


class Program:
    """One program from start to end."""

    def __init__(self, owner: Owner, spec: dict[str, Any]) -> None:
        self.owner = owner
        self.limits = spec["limits"]
        self.alone = spec["alone"]
        self.stopped_by: str | None = None
        self.truncated = False
        self.peak = 0
        self.stdin_backlog = bytearray()
        self.stdin_ended = False
        self.oom_kills = count_oom_kills()
        stdin, feed = os.pipe()
        self.stdin: int | None = feed
        self.stdout, stdout = os.pipe()
        self.stderr, stderr = os.pipe()
        self.room = {self.stdout: self.limits["output_bytes"], self.stderr: self.limits["output_bytes"]}
        self.kinds = {self.stdout: b"O", self.stderr: b"E"}
        trouble, tell = os.pipe()
        self.started = self.sampled = time.monotonic()
        try:
            self.pid = os.fork()
        except OSError:
            for fd in (stdin, feed, self.stdout, stdout, self.stderr, stderr, trouble, tell):
                os.close(fd)
            raise
        if self.pid == 0:
            become(spec, (stdin, stdout, stderr), tell)
        for fd in (stdin, stdout, stderr, tell):
            os.close(fd)
        self.exit_fd = os.pidfd_open(self.pid)
        word = os.read(trouble, 4096)
        os.close(trouble)
        if word:
            os.waitpid(self.pid, 0)
            self.close()
            raise OSError(int(word), os.strerror(int(word)))
        for fd in (self.stdin, self.stdout, self.stderr):
            os.set_blocking(fd, False)

    def follow(self) -> None:
        """Serves the program until its end, then reports it."""
        usage = None
        while usage is None:
            self.watch()
            # The owner is always heard: its end and its kill() count even while the program reads nothing.
            inputs = [0, self.exit_fd, *self.room]
            outputs = [1] if self.owner.outbox else []
            if self.stdin_backlog and self.stdin is not None:
                outputs.append(self.stdin)
            readable, writable, _ = select.select(inputs, outputs, [], SAMPLE_S)
            if 0 in readable:
                self.owner.receive()
            self.obey()
            if self.stdin in writable:
                self.feed()
            for fd in list(self.room):
                if fd in readable:
                    self.pass_on(fd)
            self.owner.flush()
            if self.exit_fd in readable:
                wall_s = time.monotonic() - self.started
                _, status, usage = os.wait4(self.pid, 0)
        if self.alone:
            kill_all()
        # What was written before the end still lies in the pipes; a background process may write on for ever.
        for fd in list(self.room):
            for _ in range(LARGEST_PIPE // CHUNK):
                if not self.pass_on(fd):
                    break
        self.close()
        self.report(status, usage, wall_s)

    def obey(self) -> None:
        """Carries out the owner's frames."""
        while True:
            frame = self.owner.next()
            if frame is None:
                return
            kind, payload = frame
            if kind == b"I":
                self.stdin_backlog += payload if self.stdin is not None else b""
            elif kind == b"Z":
                self.stdin_ended = True
            elif kind == b"K":
                self.stop("killed")
            else:
                raise RuntimeError(f"unexpected frame {kind!r}")
            if self.stdin_ended and not self.stdin_backlog:
                self.end_stdin()

    def feed(self) -> None:
        if self.stdin is None:
            return
        try:
            del self.stdin_backlog[: os.write(self.stdin, self.stdin_backlog[:CHUNK])]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.stdin_backlog.clear()
            self.end_stdin()
        if self.stdin_ended and not self.stdin_backlog:
            self.end_stdin()

    def end_stdin(self) -> None:
        if self.stdin is not None:
            os.close(self.stdin)
            self.stdin = None

    def pass_on(self, fd: int) -> bool:
        """Sends on what the pipe holds, up to the limit; True while there was something."""
        try:
            data = os.read(fd, CHUNK)
        except BlockingIOError:
            return False
        if not data:
            os.close(fd)
            del self.room[fd]
            return False
        kept = data[: self.room[fd]]
        self.room[fd] -= len(kept)
        self.truncated |= len(kept) < len(data)
        if kept:
            self.owner.send(self.kinds[fd], kept)
        return True

    def watch(self) -> None:
        """Holds the program to its wall and memory limits."""
        now = time.monotonic()
        if now - self.started > self.limits["wall_s"]:
            self.stop("wall_s")
        if now - self.sampled >= SAMPLE_S:
            self.sampled = now
            reap(but=self.pid)
            memory = memory_in_use(self.limits["memory_bytes"])
            self.peak = max(self.peak, memory)
            if memory > self.limits["memory_bytes"]:
                self.stop("memory_bytes")

    def stop(self, reason: str) -> None:
        if self.stopped_by is None:
            self.stopped_by = reason
        # Memory is the world's as a whole, and nobody else would take it from those that hold it.
        if self.alone or reason == "memory_bytes":
            kill_all()
            return
        for kill in (os.killpg, os.kill):
            try:
                kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def report(self, status: int, usage: resource.struct_rusage, wall_s: float) -> None:
        died_of = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        cpu_s = usage.ru_utime + usage.ru_stime
        if self.stopped_by is None:
            if died_of == signal.SIGXCPU or (died_of == signal.SIGKILL and cpu_s >= self.limits["cpu_s"]):
                self.stopped_by = "cpu_s"
            elif count_oom_kills() > self.oom_kills:
                self.stopped_by = "memory_bytes"
        done = {
            "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "signal": died_of,
            "truncated": self.truncated,
            "stopped_by": self.stopped_by,
            "wall_s": wall_s,
            "cpu_s": cpu_s,
            "peak_memory_bytes": max(self.peak, usage.ru_maxrss * 1024),
        }
        self.owner.send(b"D", json.dumps(done).encode())

    def close(self) -> None:
        self.end_stdin()
        for fd in (*self.room, self.exit_fd):
            os.close(fd)
        self.room.clear()


def become(spec: dict[str, Any], stdio: tuple[int, int, int], tell: int) -> NoReturn:
    """Turns the forked child into the program; tells the errno if that fails. Never returns."""
    try:
        os.setsid()
        for target, fd in enumerate(stdio):
            os.dup2(fd, target, inheritable=True)
        os.set_inheritable(tell, False)
        for fd in range(3, tell):
            try:
                os.close(fd)
            except OSError:
                continue
        os.closerange(tell + 1, 1024)
        volunteer_for_oom()
        limits = spec["limits"]
        bounds = [
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_CPU, -(-limits["cpu_s"] // 1), -(-limits["cpu_s"] // 1) + 1),
            (resource.RLIMIT_FSIZE, limits["file_bytes"], limits["file_bytes"]),
            (resource.RLIMIT_NOFILE, limits["open_files"], limits["open_files"]),
            # Room for what a program maps and never touches; what it touches is watched and is bounded at half this.
            (resource.RLIMIT_DATA, 2 * limits["memory_bytes"], 2 * limits["memory_bytes"]),
        ]
        if spec["bound_processes"]:
            # One more than asked: the supervisor itself counts.
            bounds.append((resource.RLIMIT_NPROC, limits["processes"] + 1, limits["processes"] + 1))
        for which, soft, hard in bounds:
            resource.setrlimit(which, (allowed(which, soft), allowed(which, hard)))
        # Python set these to be ignored, and that would outlive exec.
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        here = os.path.dirname(sys.executable)
        env = {"PATH": here + ":/usr/local/bin:/usr/bin:/bin", "HOME": os.getcwd(), "LANG": "C.UTF-8"}
        env.update(spec["env"])
        os.execvpe(spec["command"][0], spec["command"], env)
    except OSError as error:
        os.write(tell, str(error.errno).encode())
    except (ValueError, TypeError, OverflowError, MemoryError):
        os.write(tell, str(errno.EINVAL).encode())
    finally:
        os._exit(127)


def allowed(which: int, asked: float) -> int:
    """What may be set of what was asked: nobody unprivileged can go beyond the hard limit."""
    hard = resource.getrlimit(which)[1]
    return min(int(asked), LARGEST_LIMIT if hard == resource.RLIM_INFINITY else hard)


def volunteer_for_oom() -> None:
    """Makes the kernel prefer the program to its supervisor when memory runs out."""
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    try:
        with open("/proc/self/oom_score_adj", "w") as adj:
            adj.write("1000")
    except OSError:
        return  # a kernel without this file, such as gVisor's, decides as it likes


def others() -> list[int]:
    """The ids of all processes in the world but this one."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]


def kill_all() -> None:
    """Kills everything in the world but this process; reaps nothing."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return


def memory_in_use(enough: int) -> int:
    """Bytes held by all other processes; pages they share are counted once when it matters.

    Resident sizes count shared pages for every process, so only a sum above `enough` is looked at closely.
    """
    sizes = {}
    for pid in others():
        try:
            with open(f"/proc/{pid}/statm") as statm:
                sizes[pid] = int(statm.read().split()[1]) * PAGE
        except (OSError, IndexError):
            continue
    if sum(sizes.values()) <= enough:
        return sum(sizes.values())
    for pid in sizes:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                sizes[pid] = next(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Pss:"))
        except (OSError, StopIteration):
            continue
    return sum(sizes.values())


def count_oom_kills() -> int:
    """How often the kernel has killed for memory in this world's control group; 0 where it has none."""
    for path in ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"):
        try:
            with open(path) as events:
                return sum(int(line.split()[1]) for line in events if line.startswith("oom_kill "))
        except OSError:
            continue
    return 0


def read_file(path: str, most: int) -> bytes:
    """The content of a regular file; never follows a link in its last part, never blocks."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        if facts.st_size > most:
            raise OSError(errno.EFBIG, "larger than file_bytes")
        content = bytearray()
        while len(content) <= most:
            data = os.read(fd, CHUNK)
            if not data:
                return bytes(content)
            content += data
        raise OSError(errno.EFBIG, "larger than file_bytes")
    finally:
        os.close(fd)


def write_file(path: str, data: bytes) -> None:
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    with open(fd, "wb") as file:
        file.write(data)


def reap(but: int | None = None) -> None:
    """Collects orphans that have ended, so that they don't count against the process limit."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid == but:
            return
        os.waitpid(ended.si_pid, 0)


def leave_keyring(libc: ctypes.CDLL) -> None:
    """Joins a session keyring of the world's own, so that programs don't hold the owner's keys."""
    number = KEYCTL.get(os.uname().machine)
    if number is not None:
        libc.syscall(ctypes.c_long(number), ctypes.c_long(KEYCTL_JOIN_SESSION_KEYRING), None)


def bound_idle_world(most: int) -> None:
    """Ends background processes that hold more memory together than the world may."""
    if memory_in_use(most) > most:
        kill_all()


def main() -> None:
    libc = ctypes.CDLL(None)
    leave_keyring(libc)
    os.closerange(3, 256)
    memory_bytes = int(sys.argv[1])
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    owner = Owner()
    owner.send(b"H")
    owner.flush()
    while True:
        frame = owner.next()
        if frame is None:
            # With nobody else in the world nothing can grow.
            owner.wait(IDLE_SAMPLE_S if others() else None)
            bound_idle_world(memory_bytes)
            reap()
            continue
        kind, payload = frame
        program = None
        try:
            if kind == b"P":
                program = Program(owner, json.loads(payload))
            elif kind == b"W":
                path, data = payload.split(b"\0", 1)
                write_file(path.decode(), data)
                owner.send(b"A")
            elif kind == b"R":
                spec = json.loads(payload)
                owner.send(b"A", read_file(spec["path"], spec["most"]))
            elif kind not in (b"I", b"Z", b"K"):  # words to a program that ended meanwhile
                raise RuntimeError(f"unexpected frame {kind!r}")
        except OSError as error:
            trouble = {"errno": error.errno, "message": error.strerror or str(error)}
            owner.send(b"Q", json.dumps(trouble).encode())
        except (ValueError, OverflowError) as error:  # a path or a number that the kernel's calls can't take
            owner.send(b"Q", json.dumps({"errno": errno.EINVAL, "message": str(error)}).encode())
        if program is not None:
            # Once it runs, trouble is this process's own, and ends the world rather than pass for an answer.
            program.follow()
        owner.flush()
        reap()


if __name__ == "__main__" and sys.version_info >= (3, 9):
    main()
