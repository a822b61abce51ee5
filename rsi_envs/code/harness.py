# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Runs in the sandbox: starts solvers, passes calls on to them, and times them by a clock they can't reach.

This file is handed as text to a bare Python in the world, so it keeps to the standard library of Python 3.9.
It reads one JSON command a line on standard input and writes one JSON answer a line on standard output:

    {"do": "start"}                              kills every solver there was, starts a fresh one
    {"do": "args", "text": …}                    has the solver decode arguments and put them by
    {"do": "load", "source": …, "limit_s": …}    runs the program
    {"do": "call", "name": …, "limit_s": …}      calls the function of this name with the next arguments put by

The answer: {"value": text or null, "error": text or null, "ended": why the solver is no more, or null, "seconds":
wall time}; to start, {}. Arguments handed over before the program is loaded are decoded where no stranger's code
has run yet, so that a later call's time is the program's own.

The solver runs a stranger's program as the same user, so this process makes itself undumpable: no program in the
world can read its memory or its descriptors. It holds no expected result and decides nothing.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import sys
import time
from typing import Any

MAX_REPLY_BYTES = 4 * 1024 * 1024
CHUNK = 65536
PR_SET_DUMPABLE = 4
START_LIMIT_S = 30.0


class Solver:
    """A process that runs a stranger's program."""

    def __init__(self, source: str) -> None:
        orders, self.orders = os.pipe()
        self.replies, replies = os.pipe()
        self.buffer = bytearray()
        self.pid = os.fork()
        if self.pid == 0:
            nothing = os.open(os.devnull, os.O_RDWR)
            for target, fd in enumerate((nothing, nothing, nothing, orders, replies)):
                os.dup2(fd, target + 100)
            for target in range(5):
                os.dup2(target + 100, target, inheritable=True)
            os.closerange(5, 256)
            os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", source])
        os.close(orders)
        os.close(replies)
        os.set_blocking(self.orders, False)

    def send(self, order: str, text: str) -> None:
        """Hands the solver an order; one that has ended takes it in silence."""
        data = memoryview(order.encode() + json.dumps(text).encode() + b"\n")
        deadline = time.monotonic() + START_LIMIT_S
        while data and select.select([], [self.orders], [], max(0.0, deadline - time.monotonic()))[1]:
            try:
                data = data[os.write(self.orders, data[:CHUNK]) :]
            except BrokenPipeError:
                return

    def reply(self, limit_s: float) -> dict[str, Any]:
        """Waits for one line."""
        started = time.perf_counter()
        ended = None
        while b"\n" not in self.buffer and ended is None:
            left = limit_s - (time.perf_counter() - started)
            if left <= 0 or not select.select([self.replies], [], [], left)[0]:
                ended = f"no answer within {limit_s:g} s"
                break
            data = os.read(self.replies, CHUNK)
            self.buffer += data
            if not data:
                ended = self.how_it_died()
            elif len(self.buffer) > MAX_REPLY_BYTES:
                ended = f"the result has more than {MAX_REPLY_BYTES} bytes"
        seconds = time.perf_counter() - started
        line, newline, rest = bytes(self.buffer).partition(b"\n")
        self.buffer[:] = rest
        if not newline:
            self.kill()
            return {"value": None, "error": None, "ended": ended, "seconds": seconds}
        text = line[1:].decode("utf-8", "replace")
        known = {b"=": {"value": text, "error": None}, b"!": {"value": None, "error": text}}
        answer = known.get(line[:1])
        if answer is None or rest:
            self.kill()
            return {"value": None, "error": None, "ended": "it wrote into the grader's channel", "seconds": seconds}
        return {**answer, "ended": None, "seconds": seconds}

    def how_it_died(self) -> str:
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        if os.WIFSIGNALED(status):
            return f"it was ended by signal {os.WTERMSIG(status)}"
        return f"it exited with status {os.WEXITSTATUS(status)}"

    def kill(self) -> None:
        """Ends the solver and whatever else its program has started; idempotent."""
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass  # nothing but process 1 and this process is left
        if self.pid:
            os.waitpid(self.pid, 0)
            self.pid = 0
        for fd in (self.orders, self.replies):
            if fd >= 0:
                os.close(fd)
        self.orders = self.replies = -1


def main() -> None:
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    solver_source = sys.argv[1]
    solver = None
    while True:
        line = sys.stdin.buffer.readline()
        if not line:
            return
        command = json.loads(line)
        answer: dict[str, Any] = {}
        if command["do"] == "start":
            if solver is not None:
                solver.kill()
            solver = Solver(solver_source)
        elif solver is None or solver.orders < 0:
            answer = {"value": None, "error": None, "ended": "it is no more", "seconds": 0.0}
        elif command["do"] == "args":
            solver.send("A", command["text"])
            answer = solver.reply(START_LIMIT_S)
        elif command["do"] == "load":
            solver.send("L", command["source"])
            answer = solver.reply(command["limit_s"])
        elif command["do"] == "call":
            solver.send("C", command["name"])
            answer = solver.reply(command["limit_s"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
