# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`RunFolder`: run.json says what was asked, episodes.jsonl holds what came of it.

Every record is one whole line that reaches the disk before it counts. Whatever kills a runner, what it leaves
is a folder that `RunFolder.open` goes on from: a line cut off in the middle is removed, and its episode is
missing. That holds for crashes of the process and the machine, on file systems where fsync means what it says.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rsi_agents.errors import RecordsDiskFull, RecordsError, RunFolderBroken, RunFolderExists
from rsi_agents.plan import EpisodeKey, EpisodeSpec, Plan
from rsi_agents.records.disk import append_lines, cut_partial_line, naming_errors, replace_file
from rsi_agents.records.episode import EpisodeRecord
from rsi_agents.records.held import HeldFolder, hold
from rsi_agents.records.reading import (
    ARENA_FILE,
    EPISODES_FILE,
    LOOP_FILE,
    RUN_FILE,
    SUITE_FILE,
    plan_adapter,
    read_lines,
    read_plan,
    read_records,
)

FORMAT = 1


class RunFolder(HeldFolder):
    """A run's folder, locked for one runner until `close`; made by `create` or `open`, used from one thread."""

    def __init__(self, path: Path, plan: Plan, lock: int) -> None:
        super().__init__(path, lock)
        self.plan = plan
        self._done: set[EpisodeKey] = set()

    @classmethod
    def create(cls, path: str | Path, plan: Plan) -> RunFolder:
        """Begins a run.

        Args:
            path: Made with its parents where it is missing.
            plan: What the run is to play.

        Raises:
            RunFolderExists: The folder holds a run already.
            RunInUse: Another runner holds the folder.
            RecordsDiskFull: The disk is full.
            RecordsError: The folder can't be written.
        """
        path = Path(path)
        return hold(path, lambda lock: cls(path, plan, lock), cls._begin, may_make=True)

    @classmethod
    def open(cls, path: str | Path) -> RunFolder:
        """Goes on with a run.

        Raises:
            RunFolderBroken: The folder holds no run, or a line that no runner wrote; the message names it.
            RunInUse: Another runner holds the folder.
            RecordsError: The folder can't be written.
        """
        path = Path(path)
        plan = read_plan(path)
        return hold(path, lambda lock: cls(path, plan, lock), cls._go_on)

    def holds(self, key: EpisodeKey) -> bool:
        """Whether the episode has a record."""
        return key in self._done

    def missing(self, plan: Plan | None = None) -> list[EpisodeSpec]:
        """Lists the plan's episodes that have no record, in order; None takes the run's own plan."""
        return [spec for spec in (plan or self.plan).specs() if spec.key not in self._done]

    def append(self, *records: EpisodeRecord) -> None:
        """Writes records; when this returns, they are on disk, and what it raises for has left no trace.

        Several together reach the disk in the time of one. Where there is no room for all, those that fit are written.

        Raises:
            RecordsDiskFull: The disk has no room for one of them.
            RecordsError: The file can't be written, or an episode has a record already.
        """
        try:
            self._append(records)
        except RecordsDiskFull:
            if len(records) == 1:
                raise
            for record in records:
                self._append((record,))

    def forget_faults(self) -> int:
        """Removes the records of faulted and unscored episodes, so that they are missing; returns how many."""
        kept: set[EpisodeKey] = set()

        def keep() -> Iterator[bytes]:
            for line, record in read_lines(self.path):
                if not record.fault and not record.unscored:
                    kept.add(record.key)
                    yield line

        with naming_errors(self.path):
            replace_file(self.path / EPISODES_FILE, keep())
        forgotten = len(self._done) - len(kept)
        self._done = kept
        return forgotten

    def records(self) -> Iterator[EpisodeRecord]:
        """Reads every record from the disk, in the order in which the episodes ended."""
        return read_records(self.path)

    def discard(self) -> None:
        """Removes a run of which nothing is recorded, and its folder if that holds nothing else.

        Raises:
            RecordsError: Something is recorded, or the files can't be removed.
        """
        if self._done:
            raise RecordsError(f"{self.path} holds records; a run with records is not removed")
        with naming_errors(self.path):
            for name in (RUN_FILE, EPISODES_FILE):
                (self.path / name).unlink(missing_ok=True)
            with suppress(OSError):
                self.path.rmdir()

    def _begin(self) -> None:
        refuse_taken(self.path)
        asked = {
            "format": FORMAT,
            "created": datetime.now(UTC).isoformat(),
            "versions": versions(),
            "plan": plan_adapter().dump_python(self.plan, mode="json"),
        }
        replace_file(self.path / EPISODES_FILE, [])
        # Written last, because a folder with a run.json is a run.
        replace_file(self.path / RUN_FILE, [json.dumps(asked, indent=2).encode(), b"\n"])

    def _go_on(self) -> None:
        cut_partial_line(self.path / EPISODES_FILE)
        for number, record in enumerate(self.records(), start=1):
            if record.key in self._done:
                raise RunFolderBroken(f"{self.path / EPISODES_FILE}, line {number}: repeats episode {record.key}")
            self._done.add(record.key)

    def _append(self, records: Sequence[EpisodeRecord]) -> None:
        keys: set[EpisodeKey] = set()
        for record in records:
            if self.holds(record.key) or record.key in keys:
                raise RecordsError(f"{self.path} holds a record of {record.key} already")
            keys.add(record.key)
        lines = b"".join(record.to_line() for record in records)
        done = self._done
        with naming_errors(self.path):
            append_lines(
                self.path / EPISODES_FILE,
                lines,
                on_disk=lambda: done.update(keys),
                taken_back=lambda: done.difference_update(keys),
            )


def refuse_taken(path: Path) -> None:
    """Raises `RunFolderExists` where the folder holds a run, a suite of runs, an arena or a loop."""
    kinds = ((RUN_FILE, "a run"), (SUITE_FILE, "a suite"), (ARENA_FILE, "an arena"), (LOOP_FILE, "a loop"))
    for file, held in kinds:
        if (path / file).exists():
            raise RunFolderExists(f"{path} holds {held} already; go on with `--resume {path}`, or name another folder")


def versions() -> dict[str, str | None]:
    """Names what a run depends on; None for a package that is not installed."""
    return {
        "rsi-envs": _version("rsi-envs"),
        "gymnasium": _version("gymnasium"),
        "litellm": _version("litellm"),
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
