# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Runs in the sandbox: starts solvers, passes calls on to them, and times them by a clock they can't reach.

This file is handed as text to a bare Python in the world, so it keeps to the standard library of Python 3.9.
It reads one JSON command a line on standard input and writes one JSON answer a line on standard output:

    {"do": "start"}                              kills every solver there was, starts a fresh one
    {"do": "args", "text": …}                    has the solver decode arguments and put them by
    {"do": "load", "source": …, "limit_s": …}    runs a program
    {"do": "call", "name": …, "limit_s": …}      calls the function of this name with the next arguments put by
    {"do": "race", "source": …, "name": …, "calls": …, "limit_s": …}    loads, then calls so often, on one clock

The answer: {"value": text or null, "error": text or null, "ended": why the solver is no more, or null}; to start, {};
to race, {"answers": [one for the load and for each call], "seconds": wall time of all together}. A race's clock runs
from before the first byte goes out until the last answer is in, so there is no moment that does not count.

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
MAX_ERROR_CHARACTERS = 500
START_LIMIT_S = 30.0
DEATH_LIMIT_S = 5.0


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

    def send(self, orders: str) -> None:
        """Hands the solver whole lines; one that has ended takes them in silence."""
        data = memoryview(orders.encode("utf-8", "surrogatepass"))
        deadline = time.monotonic() + START_LIMIT_S
        while data and select.select([], [self.orders], [], max(0.0, deadline - time.monotonic()))[1]:
            try:
                data = data[os.write(self.orders, data[:CHUNK]) :]
            except BrokenPipeError:
                return

    def reply(self, limit_s: float, *, more: bool = False) -> dict[str, str | None]:
        """Waits for one line; `more` of them may have come already."""
        deadline = time.monotonic() + limit_s
        ended = None
        while b"\n" not in self.buffer and ended is None:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.replies], [], [], left)[0]:
                ended = f"gave no answer within {limit_s:g} s"
                break
            data = os.read(self.replies, CHUNK)
            self.buffer += data
            if not data:
                ended = self.how_it_died()
            elif len(self.buffer) > MAX_REPLY_BYTES:
                ended = f"gave a result of more than {MAX_REPLY_BYTES} bytes"
        line, newline, rest = bytes(self.buffer).partition(b"\n")
        self.buffer[:] = rest
        if newline and (line[:1] not in (b"=", b"!") or (rest and not more)):
            ended = "wrote into the grader's channel"
        if ended:
            self.kill()
            return {"value": None, "error": None, "ended": ended}
        text = line[1:].decode("utf-8", "replace")
        if line[:1] == b"=":
            return {"value": text, "error": None, "ended": None}
        return {"value": None, "error": text[:MAX_ERROR_CHARACTERS], "ended": None}

    def race(self, source: str, name: str, calls: int, limit_s: float) -> dict[str, Any]:
        """Loads a program and calls its function, all orders given at once."""
        orders = order("L", source) + calls * order("C", name)
        answers: list[dict[str, str | None]] = []
        started = time.perf_counter()
        self.send(orders)
        while len(answers) <= calls and self.orders >= 0:
            answers.append(self.reply(limit_s, more=len(answers) < calls))
        return {"answers": answers, "seconds": time.perf_counter() - started}

    def how_it_died(self) -> str:
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        if os.WIFSIGNALED(status):
            return f"was ended by signal {os.WTERMSIG(status)}"
        return f"exited with status {os.WEXITSTATUS(status)}"

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
        deadline = time.monotonic() + DEATH_LIMIT_S
        while others() and time.monotonic() < deadline:
            time.sleep(0.002)


def others() -> list[str]:
    """The processes besides process 1 and this one; killed ones count until process 1 has collected them."""
    return [name for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid())]


def order(kind: str, text: str) -> str:
    return kind + json.dumps(text) + "\n"


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
            answer = {"value": None, "error": None, "ended": "is no more"}
        elif command["do"] == "args":
            solver.send(order("A", command["text"]))
            answer = solver.reply(START_LIMIT_S)
        elif command["do"] == "load":
            solver.send(order("L", command["source"]))
            answer = solver.reply(command["limit_s"])
        elif command["do"] == "call":
            solver.send(order("C", command["name"]))
            answer = solver.reply(command["limit_s"])
        elif command["do"] == "race":
            answer = solver.race(command["source"], command["name"], command["calls"], command["limit_s"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
