# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a report is made of: runs, and loops with the runs that measured their generations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rsi_agents.report.loops import LoopStory, holds_loop, open_loop
from rsi_agents.report.runs import Run, open_runs


@dataclass(frozen=True, slots=True)
class Sources:
    """What folders hold."""

    folders: tuple[Path, ...]
    """Each once."""
    title: str
    """Names them."""
    loops: tuple[LoopStory, ...]
    runs: tuple[Run, ...]
    """Those of the loops too."""

    @property
    def planned(self) -> int:
        """Episodes that the runs' plans ask for."""
        return sum(run.plan.episodes * len(run.plan.agents) for run in self.runs)


def open_sources(folders: Sequence[str | Path]) -> Sources:
    """Reads what the runs and loops in folders were asked; a folder named twice counts once.

    Raises:
        RunFolderBroken: A folder holds neither a run nor a loop, or holds one that can't be read.
    """
    paths = tuple({Path(folder).resolve(): Path(folder) for folder in folders}.values())
    looped = [path for path in paths if holds_loop(path)]
    loops = tuple(open_loop(path, alone=len(looped) == 1) for path in looped)
    runs = open_runs([path for path in paths if path not in looped])
    title = ", ".join([*(loop.name for loop in loops), *(run.name for run in runs)])
    return Sources(paths, title, loops, (*(run for loop in loops for run in loop.runs), *runs))
