# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The ledger: what a round's models have consumed, written as it is charged, so that a kill forgets none of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rsi_agents.loops.notebook import Notebook
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
        self._total = Usage()
        self._notebook = Notebook(path, "usage", self._take)

    @property
    def total(self) -> Usage:
        """All that was charged, before a kill too."""
        return self._total

    def add(self, usage: Usage) -> None:
        """Writes a charge; when this returns, it is on disk. Raises what `Notebook.add` raises."""
        self._notebook.add(asdict(usage))

    def _take(self, row: Mapping[str, Any]) -> None:
        self._total += Usage(**row)
