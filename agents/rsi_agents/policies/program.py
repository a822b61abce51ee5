# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`Program`: a program of the user's that is asked and answers in lines, and that leaves nothing behind."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from rsi_agents.errors import ProgramEnded, ProgramGarbled, ProgramTimeout
from rsi_envs.core.owned import ending_with_owner

MAX_LINE_BYTES = 1 << 22
"""The longest line that is read: three times the longest text of an environment in JSON."""
_LEAVE_S = 2.0
_ENDING_S = 1.0
_POLL_S = 0.01
_CHUNK_BYTES = 1 << 16
_KEPT_WORDS_BYTES = 1 << 12
_LAST_LINES = 3


class Program:
    """A running program. One thread asks at a time; any may close.

    Args:
        name: What to call it in errors.
        command: The program's path and its arguments.

    Raises:
        ProgramEnded: It can't be started.
    """

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self._name = name
        self._asking = threading.Lock()
        self._answers = bytearray()
        self._last_words = bytearray()
        self._closed = False
        try:
            self._process = _starter().submit(_start, command).result()
        except OSError as error:
            raise ProgramEnded(f"{name} can't be started: {error}") from error

    def ask(self, lines: bytes, timeout_s: float) -> bytes:
        """Sends lines and waits for the next line that the program writes. At an error the program is killed.

        Args:
            lines: Each ends with a newline.
            timeout_s: Seconds that all of it may take.

        Returns:
            The line, without its newline.

        Raises:
            ProgramEnded: It ended or closed its output before it had answered, or was closed.
            ProgramTimeout: It did not answer in time.
            ProgramGarbled: It wrote more than `MAX_LINE_BYTES` without a newline, or more than one line for an answer.
        """
        with self._asking:
            if self._closed:
                raise ProgramEnded(f"{self._name} was closed")
            if self._answers:
                raise ProgramGarbled(
                    f"{self._name} wrote more than one line for an answer, beginning with {bytes(self._answers[:80])!r}"
                )
            try:
                return self._answer(lines, timeout_s)
            except BaseException:
                self._kill()
                raise

    def close(self) -> None:
        """Ends the program and its group. Idempotent.

        Its standard input is closed, at which it is to end by itself; after 2 s it is killed, and at once where another
        thread waits for its answer.
        """
        if not self._asking.acquire(blocking=False):
            self._kill()
            self._asking.acquire()
        try:
            if not self._closed:
                self._closed = True
                self._end()
        finally:
            self._asking.release()

    def _answer(self, lines: bytes, timeout_s: float) -> bytes:
        until = time.monotonic() + timeout_s
        stdin, stdout = self._process.stdin, self._process.stdout
        unsent = memoryview(lines)
        with self._listening(stdin) as selector:
            while unsent or b"\n" not in self._answers:
                ready = _ready(selector, until)
                if not ready:
                    raise ProgramTimeout(
                        f"{self._name} did not answer within {timeout_s:g} s; does it flush what it prints?"
                    )
                for key, _ in ready:
                    if key.fileobj is stdin:
                        unsent = unsent[self._send(unsent) :]
                        if not unsent:
                            selector.unregister(stdin)
                    elif not self._hear(key.fileobj):
                        if key.fileobj is stdout and b"\n" not in self._answers:
                            raise ProgramEnded(f"{self._name} {self._how_it_ended()}")
                        selector.unregister(key.fileobj)
                if len(self._answers) > MAX_LINE_BYTES:
                    raise ProgramGarbled(f"{self._name} wrote a line of more than {MAX_LINE_BYTES} bytes")
        line, _, self._answers = self._answers.partition(b"\n")
        return bytes(line)

    def _listening(self, *pipes: Any) -> selectors.BaseSelector:
        """Watches both outputs. Not by epoll, whose kernel object would be shared with a forked child."""
        selector = selectors.PollSelector()
        for pipe in (self._process.stdout, self._process.stderr):
            selector.register(pipe, selectors.EVENT_READ)
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_WRITE)
        return selector

    def _send(self, data: memoryview) -> int:
        """Writes what the pipe takes; a program that listens no more gets nothing, and may have answered already."""
        try:
            return os.write(self._process.stdin.fileno(), data)
        except BrokenPipeError:
            return len(data)

    def _hear(self, pipe: Any) -> bool:
        """Takes in what has come; returns whether more may come."""
        data = os.read(pipe.fileno(), _CHUNK_BYTES)
        if pipe is self._process.stdout:
            self._answers += data
        else:
            self._last_words = (self._last_words + data)[-_KEPT_WORDS_BYTES:]
        return bool(data)

    def _how_it_ended(self) -> str:
        until = time.monotonic() + _ENDING_S
        # Left for close() to reap: until then nobody else can get its number, by which the group is killed.
        how = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while (end := os.waitid(os.P_PID, self._process.pid, how)) is None and time.monotonic() < until:
            time.sleep(_POLL_S)
        with suppress(BlockingIOError):
            while self._hear(self._process.stderr):
                pass
        said = self._last_words.decode("utf-8", "replace").strip().splitlines()[-_LAST_LINES:]
        words = "; its last words: " + "\n".join(said) if said else ""
        if end is None:
            return f"closed its standard output before it had answered{words}"
        how_so = "ended with exit status" if end.si_code == os.CLD_EXITED else "was ended by signal"
        return f"{how_so} {end.si_status} before it had answered{words}"

    def _end(self) -> None:
        self._process.stdin.close()
        until = time.monotonic() + _LEAVE_S
        with self._listening() as selector:
            while selector.get_map() and (ready := _ready(selector, until)):
                for key, _ in ready:
                    if not self._hear(key.fileobj):
                        selector.unregister(key.fileobj)
        self._kill()
        self._process.wait()
        self._process.stdout.close()
        self._process.stderr.close()

    def _kill(self) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _ready(selector: selectors.BaseSelector, until: float) -> list[tuple[selectors.SelectorKey, int]]:
    """Waits for a pipe; none when the time is up, whatever is there to be read."""
    remaining_s = until - time.monotonic()
    return selector.select(remaining_s) if remaining_s > 0 else []


def _start(command: Sequence[str]) -> Any:
    process = subprocess.Popen(
        [*ending_with_owner(), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        # A group of its own, because a terminal sends Ctrl-C to the whole group of the owner.
        start_new_session=True,
        # Else Python would keep what is printed until there is much of it.
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    for pipe in (process.stdin, process.stdout, process.stderr):
        os.set_blocking(pipe.fileno(), False)  # type: ignore[union-attr]
    return process


_STARTERS: dict[int, ThreadPoolExecutor] = {}


def _starter() -> ThreadPoolExecutor:
    """One thread of this process that starts all programs: each ends when the thread that started it does.

    By process, because a forked child inherits no thread. By `setdefault`, because of two that are made at the same
    time one is dropped, and with its thread would go its programs.
    """
    return _STARTERS.setdefault(os.getpid(), ThreadPoolExecutor(1, thread_name_prefix="rsi-programs"))
