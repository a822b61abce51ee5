# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a loop's folder says: what was asked, what came of its rounds, and the runs that measured its generations."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from rsi_agents.loops.config import LoopConfig
from rsi_agents.loops.contract import HELD_OUT_RUN
from rsi_agents.loops.folder import read_loop, read_rounds
from rsi_agents.loops.rounds import RoundRecord
from rsi_agents.records.reading import LOOP_FILE, RUN_FILE
from rsi_agents.report.runs import Run, open_runs
from rsi_envs.core.budget import Usage

SURE = 0.05
"""A difference counts as told when its p-value is below this."""
_BASE = "base"


@dataclass(frozen=True, slots=True)
class LoopStory:
    """One loop, as far as it is."""

    name: str
    """Its folder's name."""
    folder: Path
    config: LoopConfig
    rounds: tuple[RoundRecord, ...]
    """Those that are finished, the base's measurement first."""
    runs: tuple[Run, ...]
    """What generations were measured on, that of an unfinished round too."""
    learned: tuple[Path, ...]
    """The runs that it learned from, or chose by."""

    @property
    def base(self) -> RoundRecord | None:
        """The base's measurement; None before its end."""
        return self.rounds[0] if self.rounds else None

    @property
    def newest(self) -> RoundRecord | None:
        """The round of the newest generation that was kept; None where none was."""
        return next((record for record in reversed(self.rounds[1:]) if record.kept and record.agent), None)

    @property
    def usage(self) -> Usage:
        """What models consumed in all rounds."""
        return sum((record.usage for record in self.rounds), start=Usage())

    @property
    def wall_s(self) -> float:
        """Seconds of all rounds."""
        return sum(record.wall_s for record in self.rounds)

    @property
    def conclusion(self) -> str:
        """What came of it, in a sentence."""
        newest = self.newest
        if self.base is None:
            return "The base is not measured to its end yet."
        if newest is None:
            return (
                "No generation was kept: what came of it is the base." if self.rounds[1:] else "Only the base so far."
            )
        found, subject = newest.against_base, f"The newest generation that was kept, of round {newest.number},"
        if found is None:
            return f"{subject} can't be compared with the base: they share no scored episode."
        if found.p >= SURE:
            return f"{subject} can't be told from the base on held-out tasks."
        return f"{subject} is {'better' if found.difference > 0 else 'worse'} than the base on held-out tasks."

    @property
    def ending(self) -> str | None:
        """Why it ended; None where it goes on, or can be gone on with."""
        if len(self.rounds) > self.config.rounds:
            return "all rounds are done"
        last = self.rounds[-1] if self.rounds else None
        return f"stopped after round {last.number}: {'; '.join(self._reasons(last))}" if last and last.stopped else None

    def _reasons(self, last: RoundRecord) -> Iterator[str]:
        yield from last.brakes
        idle = len(list(takewhile(lambda record: not record.kept, reversed(self.rounds[1:]))))
        patience = self.config.brakes.patience
        if patience is not None and idle >= patience:
            yield "nothing was kept" if idle == 1 else f"nothing was kept in {idle} rounds in a row"
        elif not last.brakes:
            yield last.note or "there was nothing left to do"


def holds_loop(folder: str | Path) -> bool:
    """Whether a folder is a loop's."""
    return (Path(folder) / LOOP_FILE).exists()


def open_loop(folder: str | Path, *, alone: bool = True) -> LoopStory:
    """Reads a loop, also while it goes on.

    Args:
        folder: The loop's folder.
        alone: Whether no other loop is told beside it; generations go by the loop's name besides where one is.

    Raises:
        RunFolderBroken: The folder holds no loop, or something in it can't be read.
    """
    folder = Path(folder)
    name = folder.resolve().name
    runs, learned = [], []
    for path in sorted(path.parent for path in folder.glob(f"round-[0-9][0-9][0-9]/*/{RUN_FILE}")):
        if path.name.startswith(HELD_OUT_RUN):
            called = _generation(path) if alone else f"{name}, {_generation(path)}"
            runs.append(dataclasses.replace(open_runs([path])[0], name=called, called=called))
        else:
            learned.append(path)
    return LoopStory(name, folder, read_loop(folder), read_rounds(folder), tuple(runs), tuple(learned))


def _generation(run: Path) -> str:
    """Names what a held-out run measures: by its round, because agents' names may be as long as instructions are."""
    number = int(run.parent.name.rpartition("-")[2])
    other = run.name.removeprefix(HELD_OUT_RUN).strip("-")
    return ", ".join([f"round {number}" if number else _BASE, *([other] if other else [])])
