# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a round notes while it goes on, so that a kill takes none of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rsi_agents.errors import RunFolderBroken
from rsi_agents.loops.lessons import read_rows
from rsi_agents.records.disk import append_lines, cut_partial_line, naming_errors


class Notebook:
    """A file of JSON Lines that several threads may add to.

    Args:
        path: Made with the first line. A line that was cut short is removed.
        holds: What a line of it is, for the error that says that one is none.
        take: Called with every line: first with those that are in the file, then with each that is added once it is on
            disk, never by two threads at once.

    Raises:
        RunFolderBroken: The file holds something else.
        RecordsError: It can't be written.
    """

    def __init__(self, path: Path, holds: str, take: Callable[[Mapping[str, Any]], None]) -> None:
        self._path, self._take = path, take
        self._lock = threading.Lock()
        if not path.exists():
            return
        with naming_errors(path.parent):
            cut_partial_line(path)
        try:
            for row in read_rows(path):
                take(row)
        except (ValueError, TypeError, KeyError) as error:
            raise RunFolderBroken(f"{path} holds a line that is no {holds}: {error}; remove the file") from error

    def add(self, row: Mapping[str, Any]) -> None:
        """Writes a line; when this returns, it is on disk.

        Args:
            row: JSON-serialisable.

        Raises:
            RecordsDiskFull: The disk has no room for it.
            RecordsError: The file can't be written.
        """
        line = json.dumps(row).encode("ascii") + b"\n"
        with self._lock, naming_errors(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            append_lines(self._path, line)
            self._take(row)
