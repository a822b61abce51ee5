# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Where runs go when nobody says where."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from rsi_agents.errors import RunFolderExists, RunInUse
from rsi_agents.plan import Plan
from rsi_agents.records import RunFolder

RUNS_FOLDER = Path("runs")


def new_run(plan: Plan, out: Path | None) -> RunFolder:
    """Begins a run in the folder `out`; None takes `runs/<UTC time>-<environment>`, numbered when taken."""
    if out is not None:
        return RunFolder.create(out, plan)
    name = re.sub(r"[^A-Za-z0-9.]+", "-", plan.env_id.rpartition("/")[2])
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{name}"
    number = 1
    while True:
        try:
            return RunFolder.create(RUNS_FOLDER / (stem if number == 1 else f"{stem}-{number}"), plan)
        except (RunFolderExists, RunInUse):
            number += 1
