# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The benchmark of chess runs and writes what it measured; how fast anything is, no test says."""

from __future__ import annotations

import json
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.benchmarks.scripts import OF_A_CHECKOUT, run_script

FLOOR = "python-chess, nothing observed"
QUICK = ("--rounds", "1", "--seconds", "0.01", "--warm-up", "0.01", "--boards", "3")

pytestmark = OF_A_CHECKOUT
bench = partial(run_script, "chess_speed.py")


def test_everybody_of_ours_is_measured_and_written_raw(tmp_path: Path) -> None:
    done = bench(tmp_path, *QUICK, "--only", "rsi/Chess-v0", "--json", "raw.json")
    assert done.returncode == 0, done.stderr
    raw = json.loads((tmp_path / "raw.json").read_text("utf-8"))
    players = {player["name"]: player["samples"] for player in raw["players"]}
    assert {FLOOR, "rsi/Chess-v0", "rsi/Chess-v0, light", "rsi/Chess-v0, vector of 4096"} <= players.keys()
    for (sample,) in players.values():
        assert sample["plies"] > 0
        assert sample["cpu_s"] >= 0.01
    assert len(raw["two_processes"]["together"]) == 1
    assert raw["memory"].keys() == {"board of rsi/Chess-v0", "slot of a vector"}
    assert "Draws by claim cost" in done.stdout
    assert "Two processes that play" in done.stdout


def test_peers_that_are_missing_are_named_with_what_installs_them(tmp_path: Path) -> None:
    done = bench(tmp_path, *QUICK, "--only", "chess_v6", "OpenSpiel", "TextArena", "--json", "raw.json")
    assert done.returncode == 0, done.stderr
    left_out = json.loads((tmp_path / "raw.json").read_text("utf-8"))["left_out"]
    for module, peer, requirement in [
        ("pyspiel", "OpenSpiel chess (C++)", "open_spiel"),
        ("textarena", "TextArena Chess-v0", "textarena"),
    ]:
        if find_spec(module) is None:
            assert left_out[peer] == f"not installed; run: pip install {requirement}"


def test_the_table_takes_the_place_of_the_one_in_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nafter\n", "utf-8")
    done = bench(tmp_path, *QUICK, "--only", "light", "--markdown", "page.md")
    assert done.returncode == 0, done.stderr
    text = page.read_text("utf-8")
    assert "\nold\n" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| rsi/Chess-v0, light | planes 8x8x20, mask |" in text


@pytest.mark.parametrize("arguments", [("--rounds", "0"), ("--peers-python", "/nowhere/python")])
def test_misuse_is_said_in_a_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = bench(tmp_path, *arguments)
    assert done.returncode == 2
    assert arguments[1] in done.stderr
    assert "Traceback" not in done.stderr
