# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`ArenaFolder`: arena.json says what was asked, games.jsonl holds what came of it, as durably as a run's folder.

A pool is an arena whose plan grows: each newcomer adds a stage. Nothing is ever removed from games.jsonl; a game that
is played again, because it came to no result, has a second line. Decisions about who meets whom go by a game's first
line, so that they stay what they were; ratings go by its last.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from rsi_agents.arena.plan import ArenaPlan, FixtureKey, Stage
from rsi_agents.arena.record import GameRecord
from rsi_agents.errors import InvalidPlan, RunFolderBroken
from rsi_agents.records.disk import append_lines, cut_partial_line, naming_errors, replace_file
from rsi_agents.records.folder import refuse_taken, versions
from rsi_agents.records.held import HeldFolder, hold
from rsi_agents.records.reading import ARENA_FILE, parsed_lines

FORMAT = 1
GAMES_FILE = "games.jsonl"


class ArenaFolder(HeldFolder):
    """An arena's folder, locked for one runner until `close`; made by `create` or `open`, used from one thread."""

    def __init__(self, path: Path, plan: ArenaPlan, lock: int) -> None:
        super().__init__(path, lock)
        self.plan = plan
        self.results: dict[FixtureKey, float | None] = {}
        """What the first got in each game when it was first played; None where it came to no result."""
        self._scores: dict[FixtureKey, float | None] = {}

    @classmethod
    def create(cls, path: str | Path, plan: ArenaPlan) -> ArenaFolder:
        """Begins an arena.

        Args:
            path: Made with its parents where it is missing.
            plan: What is to be played.

        Raises:
            RunFolderExists: The folder holds an arena or a run already.
            RunInUse: Another runner holds the folder.
            RecordsDiskFull: The disk is full.
            RecordsError: The folder can't be written.
        """
        path = Path(path)
        return hold(path, lambda lock: cls(path, plan, lock), cls._begin, may_make=True)

    @classmethod
    def open(cls, path: str | Path) -> ArenaFolder:
        """Goes on with an arena.

        Raises:
            RunFolderBroken: The folder holds no arena, or a line that no runner wrote; the message names it.
            RunInUse: Another runner holds the folder.
            RecordsError: The folder can't be written.
        """
        path = Path(path)
        plan = read_arena_plan(path)
        return hold(path, lambda lock: cls(path, plan, lock), cls._go_on)

    def append(self, record: GameRecord) -> None:
        """Writes a record; when this returns, it is on disk, and when it raises, there is no trace of it.

        Raises:
            RecordsDiskFull: The disk has no room for it.
            RecordsError: The file can't be written.
        """
        line, key = record.to_line(), record.key
        played, score = key in self.results, self._scores.get(key)

        def take_back() -> None:
            if played:
                self._scores[key] = score
            else:
                self._scores.pop(key, None)
                self.results.pop(key, None)

        with naming_errors(self.path):
            append_lines(self.path / GAMES_FILE, line, on_disk=lambda: self._take_in(record), taken_back=take_back)

    def add(self, stage: Stage) -> None:
        """Adds a stage, to be played after all others.

        Raises:
            RecordsDiskFull: The disk has no room for it; the arena is as it was.
            RecordsError: The file can't be written.
        """
        asked = json.loads((self.path / ARENA_FILE).read_bytes())
        plan = dataclasses.replace(self.plan, stages=(*self.plan.stages, stage))
        with naming_errors(self.path):
            self._write(asked | {"plan": _adapter().dump_python(plan, mode="json")})
        self.plan = plan

    def without_result(self) -> set[FixtureKey]:
        """Lists the games that were played and came to no result, not even when they were played again."""
        return {key for key, score in self._scores.items() if score is None}

    def records(self) -> Iterator[GameRecord]:
        """Reads every record from the disk, in the order in which the games ended."""
        return read_games(self.path)

    def _take_in(self, record: GameRecord) -> None:
        self.results.setdefault(record.key, record.score)
        self._scores[record.key] = record.score

    def _go_on(self) -> None:
        self.plan = read_arena_plan(self.path)  # again, because it may have grown before the lock was had
        cut_partial_line(self.path / GAMES_FILE)
        for record in self.records():
            self._take_in(record)

    def _begin(self) -> None:
        refuse_taken(self.path)
        replace_file(self.path / GAMES_FILE, [])
        # Written last, because a folder with an arena.json is an arena.
        self._write(
            {
                "format": FORMAT,
                "created": datetime.now(UTC).isoformat(),
                "versions": versions(),
                "plan": _adapter().dump_python(self.plan, mode="json"),
            }
        )

    def _write(self, asked: dict[str, object]) -> None:
        replace_file(self.path / ARENA_FILE, [json.dumps(asked, indent=2).encode(), b"\n"])


@cache
def _adapter() -> TypeAdapter[ArenaPlan]:
    return TypeAdapter(ArenaPlan)


def read_arena_plan(folder: str | Path) -> ArenaPlan:
    """Reads what an arena was asked to play.

    Raises:
        RunFolderBroken: The folder holds no arena, or its arena.json holds no plan.
    """
    path = Path(folder) / ARENA_FILE
    try:
        return _adapter().validate_python(json.loads(path.read_bytes())["plan"])
    except OSError as error:
        raise RunFolderBroken(f"{folder} holds no arena: can't read {path.name} ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, InvalidPlan) as error:
        raise RunFolderBroken(f"{path} holds no plan: {error}") from error


def read_games(folder: str | Path) -> Iterator[GameRecord]:
    """Reads every whole line of an arena's games, in the order in which they ended.

    Raises:
        RunFolderBroken: There is no file, or a line is no record; the message names the line.
    """
    return (record for _, record in parsed_lines(Path(folder) / GAMES_FILE, GameRecord.from_line, "a game"))
