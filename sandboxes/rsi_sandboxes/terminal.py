# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The terminal that an interactive program runs on."""

from __future__ import annotations

from dataclasses import dataclass, fields

from rsi_sandboxes.errors import InvalidJob

_MOST = 65535
"""The kernel keeps sizes in 16 bits."""


@dataclass(frozen=True, slots=True)
class Terminal:
    r"""Makes a program's standard streams one terminal, of the program's own, which controls it.

    So shells and other interactive programs behave as before a person: they prompt, echo what they are given, end
    lines by carriage return and newline, and Ctrl-C (`b"\x03"`) interrupts what runs in the foreground. `TERM` is
    `xterm-256color` unless the program's `env` says otherwise.

    Raises:
        InvalidJob: A size that is not a whole number from 1 to 65535.
    """

    rows: int = 24
    """Lines that it shows."""
    columns: int = 80
    """Characters in a line."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _MOST:
                raise InvalidJob(f"a terminal has {value!r} {field.name}; it must be a whole number up to {_MOST}")
