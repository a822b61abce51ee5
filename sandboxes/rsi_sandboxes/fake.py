# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A sandbox that runs nothing, for tests that need a fault or a fixed answer from one."""

from __future__ import annotations

from collections.abc import Callable

from rsi_sandboxes.errors import SandboxError
from rsi_sandboxes.job import ExecResult, Job
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.protocol import Process, Session
from rsi_sandboxes.snapshot import Snapshot


class FakeSandbox:
    """Answers jobs as told and keeps them; never runs anything.

    Args:
        answer: Gives the result of a job, or raises the fault to inject.
    """

    name = "fake"

    def __init__(self, answer: Callable[[Job], ExecResult]) -> None:
        self._answer = answer
        self.jobs: list[Job] = []
        self.closed = False

    def run(self, job: Job) -> ExecResult:
        """Keeps the job and answers it."""
        self.jobs.append(job)
        return self._answer(job)

    def start(self, job: Job) -> Process:
        """Keeps the job and raises what `answer` raises; a fake has no process to talk to."""
        self.run(job)
        raise SandboxError("a FakeSandbox starts no processes; let `answer` raise the fault you want")

    def session(self, limits: Limits | None = None, *, snapshot: Snapshot | None = None) -> Session:
        """A fake has no sessions."""
        raise SandboxError("a FakeSandbox has no sessions")

    def close(self) -> None:
        """Notes that it was closed."""
        self.closed = True


def exited(exit_code: int = 0, stdout: bytes = b"", stderr: bytes = b"") -> ExecResult:
    """A result of a program that ended by itself at once."""
    return ExecResult(exit_code, None, stdout, stderr, False, None, 0.0, 0.0, 0)
