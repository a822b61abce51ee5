# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The benchmark of king and rook learns, plays, and goes on where it stopped."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.benchmarks.scripts import OF_A_CHECKOUT, run_script
from tests.components import need

pytestmark = OF_A_CHECKOUT


def test_mates_are_counted_beside_those_of_the_untrained_network_and_no_game_is_played_twice(tmp_path: Path) -> None:
    need("tablebases")
    small = ("--tablebases", os.environ["RSI_TABLEBASES"], "--seeds", "1", "--rounds", "1", "--plies", "1000")
    page = tmp_path / "page.md"
    page.write_text("<!-- measured: begin -->\nold\n<!-- measured: end -->\n")
    first = run_script("rook_ending.py", tmp_path, *small, "--games", "2")
    assert first.returncode == 0, first.stderr
    (tmp_path / "rook-ending/trained-0.json").write_text(json.dumps(["checkmate", "fifty moves"]))
    again = run_script("rook_ending.py", tmp_path, *small, "--games", "3", "--markdown", "page.md")
    assert again.returncode == 0, again.stderr
    ends = json.loads((tmp_path / "rook-ending/trained-0.json").read_text())
    assert ends[:2] == ["checkmate", "fifty moves"]
    assert len(ends) == 3
    assert f"| trained | {ends.count('checkmate') / 3:.1%} [" in page.read_text()
    assert "| untrained | " in page.read_text()
    assert "old" not in page.read_text()


def test_without_tables_it_says_what_it_needs(tmp_path: Path) -> None:
    asked = run_script("rook_ending.py", tmp_path)
    assert asked.returncode == 1
    assert "give their folder with --tablebases" in asked.stderr
    quick = run_script("rook_ending.py", tmp_path, "--quick")
    assert quick.returncode == 0
    assert quick.stdout.startswith("left out: ")


def test_networks_that_learned_otherwise_are_not_taken_for_those_that_are_asked_for(tmp_path: Path) -> None:
    need("tablebases")
    asked = ("--tablebases", os.environ["RSI_TABLEBASES"], "--seeds", "1", "--rounds", "1", "--games", "1", "--plies")
    assert run_script("rook_ending.py", tmp_path, *asked, "1000").returncode == 0
    other = run_script("rook_ending.py", tmp_path, *asked, "2000")
    assert other.returncode == 1
    assert "seed-0 was begun with other settings; give those, or another --out" in other.stderr
