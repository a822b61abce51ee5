# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The ledger: what a round's models have consumed, written as it is charged, so that a kill forgets none of it."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from pathlib import Path

from rsi_agents.errors import RunFolderBroken
from rsi_agents.loops.lessons import read_rows
from rsi_agents.records.disk import append_lines, cut_partial_line, naming_errors
from rsi_envs.core.budget import Usage

LEDGER_FILE = "usage.jsonl"
"""The file within a round's folder."""


class Ledger:
    """A file of what was charged, a line a charge; several threads may share it.

    Calls that were under way when a process was killed are not in it, whatever a provider charges for them.

    Args:
        path: A file of JSON Lines; made with the first charge. A line that was cut short is removed.

    Raises:
        RunFolderBroken: The file holds something else.
        RecordsError: It can't be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._total = Usage()
        if path.exists():
            with naming_errors(path.parent):
                cut_partial_line(path)
            try:
                self._total = sum((Usage(**row) for row in read_rows(path)), Usage())
            except (ValueError, TypeError) as error:
                raise RunFolderBroken(f"{path} holds a line that is no usage: {error}; remove the file") from error

    @property
    def total(self) -> Usage:
        """All that was charged, before a kill too."""
        with self._lock:
            return self._total

    def add(self, usage: Usage) -> None:
        """Writes a charge; when this returns, it is on disk.

        Raises:
            RecordsDiskFull: The disk has no room for it.
            RecordsError: The file can't be written.
        """
        line = json.dumps(asdict(usage)).encode("ascii") + b"\n"
        with self._lock, naming_errors(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            append_lines(self._path, line)
            self._total += usage
