# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`LoopFolder`: loop.json says what was asked, rounds.jsonl what came of each round, and each round has a folder.

A round's folder holds ordinary runs (what was sampled, what was held out) and the files that the loop wrote. A loop
that was killed goes on in the middle of its round: runs play what they lack, and files that are there stay.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from rsi_agents.errors import InvalidLoop, RunFolderBroken
from rsi_agents.loops.config import LoopConfig, checked_config
from rsi_agents.loops.rounds import RoundRecord, round_path
from rsi_agents.records import EpisodeRecord
from rsi_agents.records.disk import append_lines, cut_partial_line, naming_errors, replace_file
from rsi_agents.records.folder import refuse_taken
from rsi_agents.records.held import HeldFolder, hold
from rsi_agents.records.reading import LOOP_FILE, parsed_lines, read_records

ROUNDS_FILE = "rounds.jsonl"
FORMAT = 1


class LoopFolder(HeldFolder):
    """A loop's folder, locked for one runner until `close`; made by `create` or `open`."""

    def __init__(self, path: Path, config: LoopConfig, lock: int) -> None:
        super().__init__(path, lock)
        self.config = config

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
        return hold(path, lambda lock: cls(path, config, lock), cls._begin, may_make=True)

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
        return hold(path, lambda lock: cls(path, config, lock), cls._go_on)

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

    def _go_on(self) -> None:
        cut_partial_line(self.path / ROUNDS_FILE)

    def _begin(self) -> None:
        refuse_taken(self.path)
        asked = {
            "format": FORMAT,
            "created": datetime.now(UTC).isoformat(),
            "config": self.config.model_dump(mode="json"),
        }
        replace_file(self.path / ROUNDS_FILE, [])
        # Written last, because a folder with a loop.json is a loop.
        replace_file(self.path / LOOP_FILE, [json.dumps(asked, indent=2).encode(), b"\n"])


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
    return tuple(record for _, record in parsed_lines(Path(folder) / ROUNDS_FILE, RoundRecord.from_line, "a round"))
