# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`SuiteFolder`: suite.json says what was asked, and each run has a folder of its own below.

suite.json holds the plan of every run, so that a suite that was killed before some run's folder was made lacks nothing
but episodes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from rsi_agents.errors import InvalidPlan, RunFolderBroken
from rsi_agents.records.disk import replace_file
from rsi_agents.records.folder import FORMAT, RunFolder, refuse_taken
from rsi_agents.records.held import HeldFolder, hold
from rsi_agents.records.reading import RUN_FILE, SUITE_FILE
from rsi_agents.suite import Suite


class SuiteFolder(HeldFolder):
    """A suite's folder, locked for one runner until `close`; made by `create` or `open`."""

    def __init__(self, path: Path, suite: Suite, lock: int) -> None:
        super().__init__(path, lock)
        self.suite = suite

    @classmethod
    def create(cls, path: str | Path, suite: Suite) -> SuiteFolder:
        """Begins a suite.

        Args:
            path: Made with its parents where it is missing.
            suite: What is to be played.

        Raises:
            RunFolderExists: The folder holds a suite or a run already.
            RunInUse: Another runner holds the folder.
            RecordsDiskFull: The disk is full.
            RecordsError: The folder can't be written.
        """
        path = Path(path)
        return hold(path, lambda lock: cls(path, suite, lock), cls._begin, may_make=True)

    @classmethod
    def open(cls, path: str | Path) -> SuiteFolder:
        """Goes on with a suite.

        Raises:
            RunFolderBroken: The folder holds no suite.
            RunInUse: Another runner holds the folder.
            RecordsError: The folder can't be read.
        """
        path = Path(path)
        suite = read_suite_folder(path)
        return hold(path, lambda lock: cls(path, suite, lock), lambda folder: None)

    def run_paths(self) -> list[Path]:
        """Lists the runs' folders in order, whether they have been begun or not."""
        return [self.path / run.folder_name(number) for number, run in enumerate(self.suite.runs, start=1)]

    def open_runs(self) -> list[RunFolder]:
        """Goes on with every run, or begins it where it has not been begun; the caller closes them.

        Raises:
            Exception: What `RunFolder.create` and `RunFolder.open` raise.
        """
        opened: list[RunFolder] = []
        try:
            for path, run in zip(self.run_paths(), self.suite.runs, strict=True):
                begun = (path / RUN_FILE).exists()
                opened.append(RunFolder.open(path) if begun else RunFolder.create(path, run.plan))
        except BaseException:
            for folder in opened:
                folder.close()
            raise
        return opened

    def _begin(self) -> None:
        refuse_taken(self.path)
        asked = {
            "format": FORMAT,
            "created": datetime.now(UTC).isoformat(),
            "suite": _adapter().dump_python(self.suite, mode="json"),
        }
        replace_file(self.path / SUITE_FILE, [json.dumps(asked, indent=2).encode(), b"\n"])


def holds_suite(folder: str | Path) -> bool:
    """Whether a folder is a suite's."""
    return (Path(folder) / SUITE_FILE).exists()


def read_suite_folder(folder: str | Path) -> Suite:
    """Reads what a suite was asked to play, without a lock.

    Raises:
        RunFolderBroken: The folder holds no suite, or a suite.json that no runner wrote.
    """
    path = Path(folder) / SUITE_FILE
    try:
        return _adapter().validate_python(json.loads(path.read_bytes())["suite"])
    except OSError as error:
        raise RunFolderBroken(f"{folder} holds no suite: can't read {path.name} ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, InvalidPlan) as error:
        raise RunFolderBroken(f"{path} holds no suite: {error}") from error


@cache
def _adapter() -> TypeAdapter[Suite]:
    return TypeAdapter(Suite)
