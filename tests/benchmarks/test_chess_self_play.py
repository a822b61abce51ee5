# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The self-play benchmark learns, plays what learned beside what did not, and goes on where it stopped."""

from __future__ import annotations

import re
from pathlib import Path

from tests.benchmarks.scripts import OF_A_CHECKOUT, run_script
from tests.components import need

pytestmark = OF_A_CHECKOUT
SMALL = ("--seeds", "1", "--rounds", "1", "--plies", "1000", "--games", "1", "--max-plies", "4", "--out", "out")


def test_every_row_stands_beside_the_untrained_one_and_a_second_run_plays_nothing_again(tmp_path: Path) -> None:
    need("stockfish")
    page = tmp_path / "page.md"
    page.write_text("<!-- measured: begin -->\nold\n<!-- measured: end -->\n")
    first = run_script("chess_self_play.py", tmp_path, *SMALL)
    assert first.returncode == 0, first.stderr
    rows = re.findall(r"^\| (.+?) \| (depth=\S+) \| (untrained|trained) \| ", first.stdout, re.MULTILINE)
    assert [row[:2] for row in rows[::2]] == [row[:2] for row in rows[1::2]]
    assert {row[2] for row in rows[::2]} == {"untrained"}
    assert {row[0] for row in rows} == {"half Stockfish", "material", "Stockfish"}
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*trained-*.json")}
    again = run_script("chess_self_play.py", tmp_path, *SMALL, "--markdown", "page.md")
    assert again.returncode == 0, again.stderr
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert "| half Stockfish | depth=1 | trained | " in page.read_text()
    assert "old" not in page.read_text()
