# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Reading a run's folder, without a lock and without changing it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from rsi_agents.errors import InvalidPlan, RunFolderBroken
from rsi_agents.plan import Plan
from rsi_agents.records.episode import EpisodeRecord

RUN_FILE = "run.json"
EPISODES_FILE = "episodes.jsonl"
SUITE_FILE = "suite.json"
ARENA_FILE = "arena.json"
LOOP_FILE = "loop.json"
_INSTEAD = {
    SUITE_FILE: "a suite; name its runs, `{folder}/*/`, or one of them",
    ARENA_FILE: "an arena; `rsi arena --resume {folder}` shows its ratings",
    LOOP_FILE: "a loop; name one of its runs, such as `{folder}/round-000/held-out`",
}
"""What to do with a folder that holds no run, by a file that it has."""


RecordT = TypeVar("RecordT")


@cache
def plan_adapter() -> TypeAdapter[Plan]:
    """Reads and writes plans as JSON."""
    return TypeAdapter(Plan)


def read_plan(folder: str | Path) -> Plan:
    """Reads what a run was asked to play.

    Raises:
        RunFolderBroken: The folder holds no run, or its run.json holds no plan.
    """
    path = Path(folder) / RUN_FILE
    try:
        return plan_adapter().validate_python(json.loads(path.read_bytes())["plan"])
    except OSError as error:
        for file, advice in _INSTEAD.items():
            if (Path(folder) / file).exists():
                raise RunFolderBroken(f"{folder} holds {advice.format(folder=folder)}") from error
        raise RunFolderBroken(f"{folder} holds no run: can't read {path.name} ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, InvalidPlan) as error:
        raise RunFolderBroken(f"{path} holds no plan: {error}") from error


def read_lines(folder: str | Path) -> Iterator[tuple[bytes, EpisodeRecord]]:
    """Reads every whole line with its record, in the order in which the episodes ended; see `parsed_lines`."""
    return parsed_lines(Path(folder) / EPISODES_FILE, EpisodeRecord.from_line, "an episode")


def parsed_lines(path: Path, parse: Callable[[bytes], RecordT], what: str) -> Iterator[tuple[bytes, RecordT]]:
    """Reads every whole line of a file of records, with what it says.

    Args:
        path: The file; what follows its last newline is left out.
        parse: Reads a line, and raises ValueError where it is no record.
        what: What a record is of.

    Raises:
        RunFolderBroken: There is no file, or a line is no record; the message names the line.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    return
                try:
                    record = parse(line)
                except ValueError as error:
                    raise RunFolderBroken(f"{path}, line {number}: no record of {what}: {error}") from error
                yield line, record
    except OSError as error:
        raise RunFolderBroken(f"can't read {path}: {error.strerror}") from error


def read_records(folder: str | Path) -> Iterator[EpisodeRecord]:
    """Reads every record; see `read_lines`."""
    return (record for _, record in read_lines(folder))
