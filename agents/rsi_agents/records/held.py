# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`HeldFolder`: a folder of records that one runner holds, whatever is recorded in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from rsi_agents.records.disk import lock_folder, naming_errors

HeldResultT = TypeVar("HeldResultT", bound="HeldFolder")


class HeldFolder:
    """A folder, locked for one runner until `close`; see `hold`.

    Args:
        path: The folder.
        lock: What `lock_folder` gave for it.
    """

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock: int | None = lock

    def close(self) -> None:
        """Lets go of the folder. Idempotent."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def hold(
    path: Path, make: Callable[[int], HeldResultT], settle: Callable[[HeldResultT], None], *, may_make: bool = False
) -> HeldResultT:
    """Locks a folder and makes ready what is in it; where that fails, nobody holds it.

    Args:
        path: The folder.
        make: Makes its `HeldFolder` of the lock.
        settle: Begins it or goes on with it, once it is held.
        may_make: Whether the folder is made with its parents where it is missing.

    Raises:
        RunInUse: Another runner holds the folder.
        RecordsDiskFull: The disk is full.
        RecordsError: The folder can't be written.
        Exception: Whatever else `settle` raises.
    """
    with naming_errors(path):
        if may_make:
            path.mkdir(parents=True, exist_ok=True)
        folder = make(lock_folder(path))
        try:
            settle(folder)
        except BaseException:
            folder.close()
            raise
    return folder
