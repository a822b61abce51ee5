# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A run that goes on, read as it grows."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rsi_agents.errors import AgentsError, NothingToReport
from rsi_agents.records import EpisodeRecord
from rsi_agents.records.reading import EPISODES_FILE
from rsi_agents.report.chapters import Chapter, ChapterMaker
from rsi_agents.report.rows import EpisodeRow
from rsi_agents.report.runs import open_runs
from rsi_agents.report.telling import Teller
from rsi_agents.report.visible import visible, walked

_REST, _LONGEST_REST_S = 10.0, 10.0
"""Leaderboards are made again after so many times as long as it took, but not later than after so many seconds."""


@dataclass(frozen=True, slots=True)
class News:
    """How a run stands."""

    edition: str
    """Changes when what was there before no longer counts."""
    rows: list[EpisodeRow]
    """Every episode, in the order in which they ended."""
    message: str
    """A sentence on how far it is, or on what is wrong."""
    broken: bool
    """Whether something is wrong."""


@dataclass(slots=True)
class _Read:
    """What was read of one file of episodes."""

    inode: int
    edition: str = field(default_factory=lambda: str(time.time_ns()))
    rows: list[EpisodeRow] = field(default_factory=list)
    lines: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By episode's id, where its line begins and how many bytes it has."""
    offset: int = 0


class Follower:
    """Follows one run's folder; safe to use from several threads.

    Args:
        folder: The run's folder.

    Raises:
        RunFolderBroken: The folder holds no run.
    """

    def __init__(self, folder: str | Path) -> None:
        (self.run,) = open_runs([folder])
        self._path = self.run.folder / EPISODES_FILE
        self._teller = Teller.of(self.run.plan.env_id)
        self._total = self.run.plan.episodes * len(self.run.plan.agents)
        self._read = _Read(-1)
        self._lock = threading.Lock()
        self._chapter: Chapter | None = None
        self._chapter_due = 0.0
        self._chapter_lock = threading.Lock()

    def news(self) -> News:
        """Reads what was added; where the file is gone or broken, says so and keeps what there was."""
        with self._lock:
            try:
                message, broken = self._advance(), False
            except FileNotFoundError:
                message, broken = f"The records are gone: there is no {self._path} any more.", True
            except (OSError, ValueError) as error:
                message, broken = f"The records can't be read any further: {error}", True
            return News(self._read.edition, list(self._read.rows), visible(message), broken)

    def chapter(self) -> Chapter | None:
        """What the run says so far, not older than it takes to make ten times over; None without an episode."""
        with self._chapter_lock:
            if self._read.rows and self._is_due():
                started = time.monotonic()
                maker = ChapterMaker((self.run,))
                with suppress(AgentsError):  # `news` says what is wrong
                    self._chapter = maker.make(maker.records())
                now = time.monotonic()
                self._chapter_due = now + min(_LONGEST_REST_S, _REST * (now - started))
            return self._chapter

    def details(self, episode: str) -> dict[str, Any]:
        """Tells an episode, by its id.

        Raises:
            NothingToReport: There is no such episode any more.
        """
        with self._lock:
            start, length = self._read.lines.get(episode, (0, 0))
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                record = EpisodeRecord.from_line(file.read(length))
            row = EpisodeRow.of(self.run, record)
        except (OSError, ValueError) as error:
            raise NothingToReport(f"episode {episode} can't be read in {self._path}: {error}") from error
        details: dict[str, Any] = walked(self._teller.tell(record, row), visible)
        return details

    def _is_due(self) -> bool:
        shown = self._chapter.episodes if self._chapter else 0
        return shown != len(self._read.rows) and time.monotonic() >= self._chapter_due

    def _advance(self) -> str:
        with self._path.open("rb") as file:
            found = os.fstat(file.fileno())
            if found.st_ino != self._read.inode or found.st_size < self._read.offset:
                self._read = _Read(found.st_ino)
            read = self._read
            file.seek(read.offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                try:
                    record = EpisodeRecord.from_line(line)
                except ValueError as error:
                    raise ValueError(f"line {len(read.rows) + 1} is no record of an episode") from error
                row = EpisodeRow.of(self.run, record)
                read.rows.append(row)
                read.lines[row.id] = read.offset, len(line)
                read.offset += len(line)
        done = len(self._read.rows)
        if done >= self._total:
            return f"All {self._total:,} episodes are recorded."
        return f"{done:,} of {self._total:,} episodes are recorded; new ones appear as they end."
