# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How a program ended, told from what the kernel says of it."""

from __future__ import annotations

import os
import resource
import signal
from typing import Any

NEARLY = 0.75
"""The kernel ends a process at its CPU limit by a coarser clock than the one it accounts by."""


def report_end(
    status: int,
    usage: resource.struct_rusage,
    *,
    stopped_by: str | None,
    cpu_limit_s: float,
    killed_for_memory: bool,
    out_of_reach: bool,
    wall_s: float,
    peak_bytes: int,
) -> dict[str, Any]:
    """The fields of an `ExecResult`, but for its output.

    Args:
        status: As wait4 gave it.
        usage: Likewise.
        stopped_by: The limit that this program's keeper has killed it for; None when it has not.
        cpu_limit_s: What the kernel held the program to.
        killed_for_memory: Whether the kernel killed for memory meanwhile.
        out_of_reach: Whether nobody else could have killed it, so that it was its CPU limit if nothing else was.
        wall_s: From start to end.
        peak_bytes: The most memory seen in samples.
    """
    died_of = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    cpu_s = usage.ru_utime + usage.ru_stime
    if stopped_by is None:
        used_up = out_of_reach or cpu_s >= NEARLY * -(-cpu_limit_s // 1)
        if killed_for_memory:
            stopped_by = "memory_bytes"
        elif died_of == signal.SIGXCPU or (died_of == signal.SIGKILL and used_up):
            stopped_by = "cpu_s"
    return {
        "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": died_of,
        "stopped_by": stopped_by,
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "peak_memory_bytes": max(peak_bytes, usage.ru_maxrss * 1024),
    }
