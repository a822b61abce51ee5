# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Contenders in processes of their own, ordered about by JSON: an object a line, each with one answer.

Whatever an order raises is answered as {"error": TEXT}. What contenders print goes to the standard error. Only the
standard library is used, so that `serve` runs in an environment that has peers and none of this suite.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parents[1]
_MOST_CHARACTERS = 300
_CLOSING_S = 60


class WorkerFailed(RuntimeError):
    """A contender raised something, or its process ended."""


class Worker:
    """A process that answers orders.

    Args:
        interpreter: A Python 3.11 or newer.
        module: What it runs; it calls `serve`.
        environment: Added to this process's.
    """

    def __init__(self, interpreter: str, module: str, environment: Mapping[str, str]) -> None:
        self._ended = f"{module} ended; its Python, {interpreter}, must be 3.11 or newer"
        self._child = subprocess.Popen(
            [interpreter, "-m", module],
            cwd=_FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **environment},
            text=True,
        )

    def ask(self, **order: Any) -> dict[str, Any]:
        """Gives an order and returns the answer.

        Raises:
            WorkerFailed: The order raised something, or the process ended.
        """
        self.tell(**order)
        return self.answer()

    def tell(self, **order: Any) -> None:
        """Gives an order and does not wait for the answer, which `answer` returns.

        Raises:
            WorkerFailed: The process ended.
        """
        if self._child.stdin is None:
            raise ValueError("the worker needs pipes")
        try:
            self._child.stdin.write(json.dumps(order) + "\n")
            self._child.stdin.flush()
        except BrokenPipeError as error:
            raise WorkerFailed(self._ended) from error

    def answer(self) -> dict[str, Any]:
        """Waits for the answer to the last order.

        Raises:
            WorkerFailed: The order raised something, or the process ended.
        """
        if self._child.stdout is None:
            raise ValueError("the worker needs pipes")
        line = self._child.stdout.readline()
        if not line:
            raise WorkerFailed(self._ended)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerFailed(" ".join(answer["error"].split())[:_MOST_CHARACTERS])
        return answer

    def close(self) -> None:
        """Ends the process and with it what its contenders hold. Idempotent."""
        if self._child.stdin and not self._child.stdin.closed:
            self._child.stdin.close()
        try:
            self._child.wait(_CLOSING_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout:
            self._child.stdout.close()


def serve(answer_to: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answers orders, in the worker's process, until they end."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            answer = answer_to(json.loads(line))
        except Exception as error:  # a contender may raise anything, and the others go on
            while isinstance(error, ExceptionGroup):
                error = error.exceptions[0]
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
