# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A world as its owner sees it: programs, files and sessions over a channel to the supervisor."""

from __future__ import annotations

import errno
import json
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from types import TracebackType
from typing import Any, Self
from weakref import WeakValueDictionary, finalize

from rsi_sandboxes.errors import (
    CommandNotFound,
    InvalidJob,
    SandboxFileError,
    SessionClosed,
    WorldLost,
)
from rsi_sandboxes.forks import let_go_in_children
from rsi_sandboxes.frames import MAX_PAYLOAD, STAMP, Channel, FrameBuffer, frame
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.pool import Pool, Shape
from rsi_sandboxes.protocol import OWN_INTERPRETER, ExecResult, Job
from rsi_sandboxes.slot import NurseryRefused, Slot

START_TIMEOUT_S = 60.0
GRACE_S = 10.0
_CHUNK = 65536
# Timers of the system overflow at some weeks; who asks for more waits several times.
_LONGEST_WAIT_S = 86_400.0


class World:
    """Frames to and from one supervisor, with every way of losing it named `WorldLost`.

    Args:
        channel: Leads to a supervisor that is coming up.
        bound_processes: Whether the supervisor bounds processes itself; a control group does it otherwise.

    Raises:
        WorldLost: The world did not come up.
    """

    def __init__(self, channel: Channel, *, bound_processes: bool) -> None:
        self._channel = channel
        self._frames = FrameBuffer()
        self._using = threading.RLock()
        """Held while the channel is read or written, so that its descriptor isn't freed, and used anew, meanwhile."""
        self.bound_processes = bound_processes
        self.closed = False
        let_go_in_children(self)
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

    def send(self, data: bytes, timeout_s: float = GRACE_S) -> None:
        """Sends whole frames, joined."""
        try:
            with self._using:
                self._channel.send(data, min(timeout_s, _LONGEST_WAIT_S))
        except (OSError, ValueError) as error:  # ValueError: closed meanwhile
            raise self.lost(f"it takes no more: {error}") from error

    def receive(self, timeout_s: float) -> tuple[bytes, bytes]:
        """Returns the next frame; raises TimeoutError when none comes in time."""
        deadline = time.monotonic() + timeout_s
        try:
            while (found := self._frames.next()) is None:
                left = deadline - time.monotonic()
                try:
                    with self._using:
                        data = self._channel.receive(min(max(0.0, left), _LONGEST_WAIT_S))
                except TimeoutError:
                    if left > _LONGEST_WAIT_S:
                        continue
                    raise
                if not data:
                    raise self.lost("it ended")
                self._frames.add(data)
        except TimeoutError:
            raise
        except (OSError, ValueError) as error:
            if isinstance(error, WorldLost):
                raise
            raise self.lost(str(error)) from error
        return found

    def answer(self) -> bytes:
        """Waits for the answer to a file frame; raises SandboxFileError when it was refused."""
        try:
            kind, payload = self.receive(GRACE_S)
        except TimeoutError as error:
            raise self.lost(f"it did not answer within {GRACE_S:g} s") from error
        if kind == b"Q":
            trouble = json.loads(payload)
            raise SandboxFileError(trouble["errno"], trouble["message"])
        return payload

    def close(self) -> None:
        """Ends the world. Idempotent."""
        self.closed = True
        self._channel.hang_up()
        with self._using:
            self._channel.close()

    def let_go(self) -> None:
        """See `Inherited.let_go`; the channel lets go itself."""
        self._using = threading.RLock()

    def _greet(self) -> None:
        try:
            kind, _ = self.receive(START_TIMEOUT_S)
        except TimeoutError as error:
            raise self.lost(f"it did not come up within {START_TIMEOUT_S:g} s") from error
        if kind != b"H":
            raise self.lost(f"it greeted with {kind!r}")

    def lost(self, why: str) -> WorldLost:
        """Makes the error for a world that was lost; unless it was closed, nothing of it is used again."""
        if not self.closed:
            self._channel.distrust()
        words = self._channel.last_words().strip()
        return WorldLost(f"the sandbox world was lost: {why}" + (f"; its last words: {words}" if words else ""))


class WorldProcess:
    """The `Process` of a world; see `rsi_sandboxes.protocol.Process` for the contract.

    Args:
        world: Where the program runs; ended with the process when `alone`.
        job: What to run.
        alone: Whether the world is the job's own, so that all in it ends when the program does.
    """

    def __init__(self, world: World, job: Job, *, alone: bool) -> None:
        self._world = world
        self._alone = alone
        self._limits = job.limits
        self._output = {b"O": bytearray(), b"E": bytearray()}
        self._arrivals: deque[tuple[int, float]] = deque()
        self._lines_bytes = 0
        self.line_at_s = 0.0
        self._result: ExecResult | None = None
        self._stdin_open = True
        self._deadline = time.monotonic() + job.limits.wall_s + GRACE_S
        spec = {
            "command": list(job.command),
            "env": dict(job.env),
            "limits": asdict(job.limits),
            "alone": alone,
            "bound_processes": world.bound_processes,
        }
        writes = [write_request(path, data, job.limits) for path, data in job.files.items()]
        world.send(b"".join((*writes, frame(b"P", json.dumps(spec).encode()))), job.limits.wall_s + GRACE_S)
        for path in job.files:
            try:
                world.answer()
            except SandboxFileError as error:
                raise SandboxFileError(error.errno, f"{error.strerror}: {path!r}") from error

    def send(self, data: bytes) -> None:
        """See `Process.send`."""
        if not self._stdin_open:
            raise SessionClosed("the program's standard input is closed")
        if self._result is None and data:
            pieces = (frame(b"I", data[at : at + _CHUNK]) for at in range(0, len(data), _CHUNK))
            self._world.send(b"".join(pieces), max(0.0, self._deadline - time.monotonic()))

    def close_stdin(self) -> None:
        """See `Process.close_stdin`."""
        if self._stdin_open and self._result is None:
            self._world.send(frame(b"Z"))
        self._stdin_open = False

    def read_line(self, timeout_s: float) -> bytes | None:
        """See `Process.read_line`."""
        deadline = time.monotonic() + timeout_s
        stdout = self._output[b"O"]
        while (end := stdout.find(b"\n")) < 0:
            if self._result is not None:
                return None
            self._take(max(0.0, deadline - time.monotonic()))
        line = bytes(stdout[:end])
        del stdout[: end + 1]
        self._lines_bytes += end + 1
        while self._arrivals[0][0] < self._lines_bytes:
            self._arrivals.popleft()
        self.line_at_s = self._arrivals[0][1]
        return line

    def kill(self) -> None:
        """See `Process.kill`."""
        if self._result is None:
            self._world.send(frame(b"K"))

    def wait(self) -> ExecResult:
        """See `Process.wait`."""
        self.close_stdin()
        while self._result is None:
            left = self._deadline - time.monotonic()
            try:
                self._take(max(0.0, left))
            except TimeoutError as error:
                raise self._world.lost(f"it kept silent {GRACE_S:g} s beyond the wall limit") from error
        return self._result

    def _take(self, timeout_s: float) -> None:
        kind, payload = self._world.receive(timeout_s)
        if kind == b"O":
            (at_s,) = STAMP.unpack_from(payload)
            self._output[kind] += payload[STAMP.size :]
            self._arrivals.append((self._lines_bytes + len(self._output[kind]), at_s))
        elif kind == b"E":
            self._output[kind] += payload
        elif kind == b"D":
            stdout, stderr = (bytes(self._output[k]) for k in (b"O", b"E"))
            self._result = ExecResult(stdout=stdout, stderr=stderr, **json.loads(payload))
        elif kind == b"Q":
            raise self._refusal(json.loads(payload))
        else:
            raise self._world.lost(f"it sent an unexpected frame {kind!r}")

    def _refusal(self, trouble: Mapping[str, Any]) -> Exception:
        if trouble["errno"] in (errno.ENOENT, errno.EACCES, errno.ENOTDIR):
            return CommandNotFound(trouble["errno"], f"the world can't run this program: {trouble['message']}")
        return InvalidJob(f"the program could not be started: {trouble['message']}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._alone:
            self._world.close()


class WorldSession:
    """The `Session` of a world; see `rsi_sandboxes.protocol.Session` for the contract."""

    def __init__(self, world: World, limits: Limits) -> None:
        self._world = world
        self._limits = limits
        self._turn = threading.Lock()

    def exec(
        self,
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """See `Session.exec`."""
        if isinstance(command, str):
            raise InvalidJob(f"a command is a sequence of strings, not the string {command!r}")
        job = Job(tuple(command), stdin=stdin, env=env or {}, limits=self._within(limits or self._limits))
        with self._turn_taken():
            return complete(WorldProcess(self._world, job, alone=False), job)

    def read_file(self, path: str) -> bytes:
        """See `Session.read_file`."""
        encode_path(path)
        request = {"path": path, "most": min(self._limits.file_bytes, MAX_PAYLOAD)}
        return self._file_call(frame(b"R", json.dumps(request).encode()), path)

    def write_file(self, path: str, data: bytes) -> None:
        """See `Session.write_file`."""
        self._file_call(write_request(path, data, self._limits), path)

    def close(self) -> None:
        """See `Session.close`."""
        self._world.close()

    def _within(self, limits: Limits) -> Limits:
        mine = self._limits
        return replace(
            limits,
            memory_bytes=min(limits.memory_bytes, mine.memory_bytes),
            processes=min(limits.processes, mine.processes),
        )

    def _file_call(self, request: bytes, path: str) -> bytes:
        with self._turn_taken():
            self._world.send(request)
            try:
                return self._world.answer()
            except SandboxFileError as error:
                raise SandboxFileError(error.errno, f"{error.strerror}: {path!r}") from error

    @contextmanager
    def _turn_taken(self) -> Iterator[None]:
        with self._turn:
            if self._world.closed:
                raise SessionClosed("this session is closed; open another")
            try:
                yield
            except (CommandNotFound, InvalidJob, SandboxFileError):
                raise  # a refusal, after which the world is as it was
            except BaseException as error:
                if self._world.closed and isinstance(error, WorldLost):
                    raise SessionClosed("this session was closed meanwhile") from error
                # Whatever was under way goes on in there; its answer would be taken for the next one's.
                self._world.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def complete(process: WorldProcess, job: Job) -> ExecResult:
    """Gives a process its whole standard input and waits for its end."""
    process.send(job.stdin)
    return process.wait()


def encode_path(path: str) -> bytes:
    """Returns a path as the world's kernel takes it; raises SandboxFileError when it can't be one."""
    try:
        encoded = path.encode()
    except UnicodeEncodeError:
        encoded = b""
    if not encoded or b"\0" in encoded:
        raise SandboxFileError(errno.EINVAL, f"not a path: {path!r}")
    return encoded


def write_request(path: str, data: bytes, limits: Limits) -> bytes:
    """Writes the frame that writes a file; raises SandboxFileError when path or size are beyond bounds."""
    most = min(limits.file_bytes, MAX_PAYLOAD)
    if len(data) > most:
        raise SandboxFileError(errno.EFBIG, f"{path!r} has {len(data)} bytes; file_bytes allows {most}")
    return frame(b"W", encode_path(path) + b"\0" + data)


class WorldSandbox(ABC):
    """What every backend whose worlds hold a supervisor shares; see `rsi_sandboxes.protocol.Sandbox`.

    A backend gives `name`, `bound_processes` and `_open`.

    Args:
        pool: Where its warm worlds come from; None for a backend that keeps none.
    """

    name: str
    bound_processes: bool

    def __init__(self, pool: Pool | None = None) -> None:
        # Weak, so that who drops a world unclosed holds nothing; by id, for a dictionary can be read while it changes.
        self._worlds: WeakValueDictionary[int, World] = WeakValueDictionary()
        self._pool = pool or Pool(_no_slot)
        self._pool.join()
        self._leave = finalize(self, self._pool.leave)

    @abstractmethod
    def _open(self, limits: Limits, lifetime_s: float) -> Channel:
        """Starts a world of these bounds that may be reaped after `lifetime_s`."""

    @property
    def why_cold(self) -> str | None:
        """Why each world is started from nothing; None where warm ones are kept, or none has been asked for yet."""
        return self._pool.refusal

    def run(self, job: Job) -> ExecResult:
        """See `Sandbox.run`."""
        with self._pool.turns, self.start(job) as process:
            return complete(process, job)

    def start(self, job: Job) -> WorldProcess:
        """See `Sandbox.start`."""
        world = self._world(job.limits, job.limits.wall_s + START_TIMEOUT_S, ready=_ready_text(job))
        try:
            return WorldProcess(world, job, alone=True)
        except BaseException:
            world.close()
            raise

    def session(self, limits: Limits | None = None, *, lifetime_s: float = 86_400.0) -> WorldSession:
        """See `Sandbox.session`; after `lifetime_s` the session may be reaped even if its owner lives."""
        limits = limits or Limits()
        return WorldSession(self._world(limits, lifetime_s), limits)

    def close(self) -> None:
        """See `Sandbox.close`."""
        with ExitStack() as closing:  # all of them, though one may raise
            closing.callback(self._leave)
            for reference in self._worlds.valuerefs():
                if (world := reference()) is not None:
                    closing.callback(world.close)

    def _world(self, limits: Limits, lifetime_s: float, *, ready: str = "") -> World:
        channel = self._pool.take(Shape(limits.memory_bytes, limits.disk_bytes, limits.processes, ready))
        if channel is not None:
            world = World(channel, bound_processes=True)
        else:
            world = World(self._open(limits, lifetime_s), bound_processes=self.bound_processes)
        self._worlds[id(world)] = world
        return world


def _no_slot(shape: Shape) -> Slot:
    raise NurseryRefused("this backend keeps no worlds warm")


def _ready_text(job: Job) -> str:
    """The text of the program that worlds may be kept ready for."""
    is_python = job.command[:4] == OWN_INTERPRETER and len(job.command) > 4
    return job.command[4] if job.keep_ready and is_python else ""
