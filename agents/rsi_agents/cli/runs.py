# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Where runs go when nobody says where."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from rsi_agents.errors import RunFolderExists, RunInUse
from rsi_agents.plan import Plan
from rsi_agents.records import RunFolder

RUNS_FOLDER = Path("runs")
FolderT = TypeVar("FolderT")


def new_run(plan: Plan, out: Path | None) -> RunFolder:
    """Begins a run in the folder `out`; None takes `runs/<UTC time>-<environment>`, numbered when taken."""
    return begin(lambda path: RunFolder.create(path, plan), plan.env_id, out)


def begin(create: Callable[[Path], FolderT], name: str, out: Path | None) -> FolderT:
    """Creates the folder `out`; None takes `runs/<UTC time>-<name>`, without what a namespace adds to the name."""
    if out is not None:
        return create(out)
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", name.rpartition("/")[2])
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{plain}"
    number = 1
    while True:
        try:
            return create(RUNS_FOLDER / (stem if number == 1 else f"{stem}-{number}"))
        except (RunFolderExists, RunInUse):
            number += 1
