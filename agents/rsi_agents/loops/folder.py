# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`LoopFolder`: loop.json says what was asked, rounds.jsonl what came of each round, and each round has a folder.

A round's folder holds ordinary runs (what was sampled, what was held out) and the files that the loop wrote. A loop
that was killed goes on in the middle of its round: runs play what they lack, and files that are there stay.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from rsi_agents.errors import InvalidLoop, RunFolderBroken, RunFolderExists
from rsi_agents.loops.config import LoopConfig, checked_config
from rsi_agents.loops.rounds import RoundRecord, round_path
from rsi_agents.records import EpisodeRecord
from rsi_agents.records.disk import append_lines, cut_partial_line, lock_folder, naming_errors, replace_file
from rsi_agents.records.reading import read_records

LOOP_FILE = "loop.json"
ROUNDS_FILE = "rounds.jsonl"
FORMAT = 1


class LoopFolder:
    """A loop's folder, locked for one runner until `close`; made by `create` or `open`."""

    def __init__(self, path: Path, config: LoopConfig, lock: int) -> None:
        self.path = path
        self.config = config
        self._lock: int | None = lock

    @classmethod
    def create(cls, path: str | Path, config: LoopConfig) -> LoopFolder:
        """Begins a loop.

        Raises:
            RunFolderExists: The folder holds one already.
            RunInUse: Another runner holds the folder.
            RecordsDiskFull: The disk is full.
            RecordsError: The folder can't be written.
        """
        path = Path(path)
        with naming_errors(path):
            path.mkdir(parents=True, exist_ok=True)
            folder = cls(path, config, lock_folder(path))
            try:
                folder._begin()
            except BaseException:
                folder.close()
                raise
        return folder

    @classmethod
    def open(cls, path: str | Path) -> LoopFolder:
        """Goes on with a loop.

        Raises:
            RunFolderBroken: The folder holds no loop.
            RunInUse: Another runner holds the folder.
            RecordsError: The folder can't be written.
        """
        path = Path(path)
        config = read_loop(path)
        with naming_errors(path):
            folder = cls(path, config, lock_folder(path))
            cut_partial_line(path / ROUNDS_FILE)
        return folder

    def rounds(self) -> tuple[RoundRecord, ...]:
        """Reads every finished round, in order."""
        return read_rounds(self.path)

    def round_path(self, number: int) -> Path:
        """Where a round keeps its runs and files."""
        return round_path(self.path, number)

    def episodes(self, number: int, run: str) -> list[EpisodeRecord]:
        """Reads the episodes of a run within a round's folder that came to their end, in plan's order."""
        records = [record for record in read_records(self.round_path(number) / run) if record.fault is None]
        return sorted(records, key=lambda record: record.index)

    def append(self, record: RoundRecord) -> None:
        """Writes what came of a round; when this returns, it is on disk.

        Raises:
            RecordsDiskFull: The disk has no room for it.
            RecordsError: The file can't be written.
        """
        with naming_errors(self.path):
            append_lines(self.path / ROUNDS_FILE, record.to_line())

    def close(self) -> None:
        """Lets go of the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _begin(self) -> None:
        if (self.path / LOOP_FILE).exists():
            raise RunFolderExists(
                f"{self.path} holds a loop already; go on with `--resume {self.path}`, or name another folder"
            )
        asked = {
            "format": FORMAT,
            "created": datetime.now(UTC).isoformat(),
            "config": self.config.model_dump(mode="json"),
        }
        replace_file(self.path / ROUNDS_FILE, [])
        # Written last, because a folder with a loop.json is a loop.
        replace_file(self.path / LOOP_FILE, [json.dumps(asked, indent=2).encode(), b"\n"])

    def __enter__(self) -> LoopFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_loop(folder: str | Path) -> LoopConfig:
    """Reads what a loop was asked, without a lock.

    Raises:
        RunFolderBroken: The folder holds no loop.
    """
    path = Path(folder) / LOOP_FILE
    try:
        return checked_config(json.loads(path.read_bytes())["config"], str(path))
    except OSError as error:
        raise RunFolderBroken(f"{folder} holds no loop: can't read {path.name} ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, InvalidLoop) as error:
        raise RunFolderBroken(f"{path} holds no loop's configuration: {error}") from error


def read_rounds(folder: str | Path) -> tuple[RoundRecord, ...]:
    """Reads every finished round of a loop, in order, without a lock.

    Raises:
        RunFolderBroken: There is no file, or a line is no record of a round; the message names the line.
    """
    path = Path(folder) / ROUNDS_FILE
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise RunFolderBroken(f"can't read {path}: {error.strerror}") from error
    rounds = []
    for number, line in enumerate(lines, start=1):
        if not line.endswith(b"\n"):
            break
        try:
            rounds.append(RoundRecord.from_line(line))
        except ValueError as error:
            raise RunFolderBroken(f"{path}, line {number}: no record of a round: {error}") from error
    return tuple(rounds)
