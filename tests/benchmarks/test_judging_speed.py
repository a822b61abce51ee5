# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The benchmark of judging counts the requests of each way, and no way asks more than it needs."""

from __future__ import annotations

import re
from pathlib import Path

from tests.benchmarks.scripts import OF_A_CHECKOUT, run_script

pytestmark = OF_A_CHECKOUT


def test_each_way_asks_as_often_as_it_must(tmp_path: Path) -> None:
    done = run_script(
        "judging_speed.py", tmp_path, *["--candidates", "3", "--judges", "2", "--delay", "0.01", "--rounds", "1"]
    )
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"│ (\S.*?) +│ (\d+) +│", done.stdout)
    # Two judges; 3 pairs in both orders, or one list in both.
    assert rows == [
        ("one after the other, in pairs", "12"),
        ("panel, in pairs", "12"),
        ("panel, as lists", "4"),
    ]
    assert "3 candidates, 2 judges" in done.stdout
