# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How a program ended, in Inspect's form."""

from __future__ import annotations

import errno

from inspect_ai.util import ExecResult, OutputLimitExceededError, SandboxEnvironmentLimits

from rsi_sandboxes import job
from rsi_sandboxes.errors import CommandNotFound, InvalidJob, SandboxFileError
from rsi_sandboxes.limits import Limits

# Source: what a shell exits with, POSIX.1-2017 XCU 2.8.2 and 2.9.1.
NOT_EXECUTABLE, NOT_FOUND, SIGNALLED = 126, 127, 128


def converted(result: job.ExecResult, limits: Limits) -> ExecResult[str]:
    """Returns a result; one that CPU time, memory or a kill ended says so at the end of `stderr`.

    Raises:
        TimeoutError: The wall limit ended the program.
        OutputLimitExceededError: It printed more than was kept.
    """
    stdout, stderr = (output.decode(errors="replace") for output in (result.stdout, result.stderr))
    if result.stopped_by == "wall_s":
        raise TimeoutError(f"the program was still running after {limits.wall_s:g} s")
    if result.truncated:
        raise OutputLimitExceededError(SandboxEnvironmentLimits.MAX_EXEC_OUTPUT_SIZE_STR, stdout + stderr)
    if result.stopped_by is not None:
        stderr += f"the program was stopped: {result.stopped_by}\n"
    status = result.exit_code if result.exit_code is not None else SIGNALLED + (result.signal or 0)
    return ExecResult(success=result.ok, returncode=status, stdout=stdout, stderr=stderr)


def refused(refusal: CommandNotFound | InvalidJob | SandboxFileError) -> ExecResult[str]:
    """Returns what a shell makes of a program that can't be started.

    Raises:
        PermissionError: It may not be executed.
    """
    if isinstance(refusal, CommandNotFound) and refusal.errno == errno.EACCES:
        raise PermissionError(refusal.errno, refusal.strerror) from refusal
    status = NOT_FOUND if isinstance(refusal, CommandNotFound) else NOT_EXECUTABLE
    return ExecResult(success=False, returncode=status, stdout="", stderr=f"{refusal}\n")
