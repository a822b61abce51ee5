# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The bounds of a job."""

from __future__ import annotations

from dataclasses import dataclass, fields

from rsi_sandboxes.errors import InvalidJob

MIB = 1024 * 1024
_TOO_MUCH = 2**63
"""The kernel's calls take numbers below this."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that every job runs under; there is no way to run without them.

    Raises:
        InvalidJob: A bound that is not a positive number below 2**63, or not a whole one where an `int` is meant.
    """

    wall_s: float = 10.0
    """Seconds from start to end; at the end everything the job started is killed."""
    cpu_s: float = 10.0
    """CPU seconds of any one process, rounded up to whole seconds by the kernel's timer."""
    memory_bytes: int = 256 * MIB
    """Memory of all the job's processes together and of their page tables; files count against `disk_bytes`."""
    processes: int = 64
    """Processes and threads that may exist at once."""
    open_files: int = 256
    """Descriptors that one process may hold."""
    file_bytes: int = 64 * MIB
    """Size of any one file."""
    disk_bytes: int = 64 * MIB
    """Size of all files together, in each of the world's two writable places (`/work` and `/tmp`)."""
    output_bytes: int = MIB
    """Bytes kept of stdout, and as many of stderr; what comes after is read and dropped. Of a program that
    `Session.start` gave, stdout may be so far ahead of its reader, and waits then."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            kind, kinds = ("whole number", int) if field.type == "int" else ("number", (int, float))
            if not isinstance(value, kinds) or isinstance(value, bool) or not 0 < value < _TOO_MUCH:
                raise InvalidJob(f"limit {field.name} is {value!r}; it must be a positive {kind} below 2**63")
