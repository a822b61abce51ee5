# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The benchmark of the ladder shows a row for each genre, and `constraints` orders what it can check."""

from __future__ import annotations

import re
from pathlib import Path

from tests.benchmarks.scripts import OF_A_CHECKOUT, run_script

pytestmark = OF_A_CHECKOUT


def test_judges_have_a_column_each_and_genres_a_row(tmp_path: Path) -> None:
    done = run_script("writing_ladder.py", tmp_path, "--judge", "constraints", "--judge", "first")
    assert done.returncode == 0, done.stderr
    rows = {cells[0]: cells[1:] for line in done.stdout.splitlines() if len(cells := re.findall(r"[^│┃]+", line)) == 5}
    rows = {name.strip(): [cell.strip() for cell in cells] for name, cells in rows.items()}
    assert rows["genre"] == ["pairs", "constraints", "first", "panel"]
    assert len(rows) == 12
    assert all(rows[genre][0] == "2" and rows[genre][2] == "0.50" for genre in rows.keys() - {"genre", "all genres"})
    assert rows["all genres"][1].startswith("1.00 [1.00, 1.00], p = 9.5e-07")
    assert rows["all genres"][3].startswith("1.00")
    assert "of 20 pairs 20 differ in constraints met, and in 20 the better text meets more" in done.stdout
