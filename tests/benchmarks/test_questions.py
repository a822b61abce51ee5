# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every benchmark measures everybody that it names and writes the raw figures; how fast anything is, no test says."""

from __future__ import annotations

import json
import statistics
from functools import partial
from pathlib import Path

import pytest

from rsi_agents.environments import registered_ids
from tests.benchmarks.scripts import FOLDER, OF_A_CHECKOUT, run_script

pytestmark = OF_A_CHECKOUT
MARKS = "before\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nafter\n"


def figures(folder: Path, script: str, *arguments: str) -> dict[str, list[float]]:
    done = run_script(script, folder, *arguments, "--json", "raw.json")
    assert done.returncode == 0, done.stderr
    raw = json.loads((folder / "raw.json").read_text("utf-8"))
    assert all(len(rounds) == 1 and rounds[0] > 0 for rounds in raw["figures"].values())
    assert "Python 3" in raw["where"]
    for name in raw["figures"]:
        assert name.partition(" | ")[0].split()[0] in done.stdout
    return dict(raw["figures"])


def test_steps_of_every_environment_but_those_of_programs_are_measured(tmp_path: Path) -> None:
    quickly = sorted(set(registered_ids()) - {"rsi/Code-v0"})
    found = figures(tmp_path, "step_speed.py", "--rounds", "1", "--seconds", "0.001", "--only", *quickly)
    assert {"bare gymnasium.Env, text", "python-chess, two random plies"} < found.keys()
    assert {name.partition(",")[0] for name in found} >= set(quickly)
    assert {"rsi/Writing-v0, random", "rsi/Writing-v0, reference:good"} < found.keys()


def test_the_runner_is_measured_beside_bare_loops(tmp_path: Path) -> None:
    arguments = ("--rounds", "1", "--episodes", "4", "--concurrency", "1", "3", "--only", "bare", "run_plan")
    found = figures(tmp_path, "rollout_overhead.py", *arguments)
    names = ["bare asyncio loop", "bare asyncio loop, synced lines"]
    names += ["rsi_agents.run_plan", "rsi_agents.run_plan, no disk"]
    games = ("ten turns", "rsi/ChessText-v0")
    assert found.keys() == {f"{way} | {game} | {at}" for way in names for game in games for at in (1, 3)}


def test_memory_is_measured_of_every_environment(tmp_path: Path) -> None:
    found = figures(tmp_path, "memory.py", "--rounds", "1", "--environments", "20", "--only", "ChessT", "Judge")
    assert found.keys() == {"bare gymnasium.Env, text", "rsi/ChessText-v0", "rsi/Judge-v0", "rsi/MetaJudge-v0"}
    assert found["rsi/ChessText-v0"][0] > found["bare gymnasium.Env, text"][0]


def test_imports_are_measured_beside_those_of_peers(tmp_path: Path) -> None:
    found = figures(tmp_path, "import_time.py", "--rounds", "1", "--only", "rsi_envs", "pettingzoo", "rsi list")
    floors = {"an empty program", "import gymnasium"}
    assert found.keys() == floors | {"import rsi_envs", "import pettingzoo", "rsi list"}


def test_the_table_takes_the_place_of_the_one_in_the_page(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(MARKS, "utf-8")
    done = run_script(
        "memory.py", tmp_path, *("--rounds", "1", "--environments", "2", "--only", "none", "--markdown", "page.md")
    )
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "page.md").read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| bare gymnasium.Env, text | " in text
    assert "old" not in text


@pytest.mark.parametrize("script", ["step_speed.py", "rollout_overhead.py", "memory.py", "import_time.py"])
def test_misuse_is_told_in_a_line(tmp_path: Path, script: str) -> None:
    done = run_script(script, tmp_path, "--rounds", "0")
    assert done.returncode == 2
    assert "0 is not at least 1" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("script", sorted(path.name for path in FOLDER.glob("*.py")))
def test_every_script_can_be_quick(script: str) -> None:
    assert " read(parser" in (FOLDER / script).read_text("utf-8")


def test_what_fails_is_left_out_and_ratios_are_within_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    from contest.interleaved import take

    order: list[str] = []
    figures_of = {"floor": iter([9.0, 1.0, 2.0, 4.0]), "mine": iter([9.0, 3.0, 8.0, 8.0])}

    def measure(name: str) -> float:
        order.append(name)
        return next(figures_of[name])

    def fails() -> float:
        order.append("broken")
        raise OSError("gone")

    measures = {name: partial(measure, name) for name in figures_of} | {"broken": fails}
    steps: list[None] = []
    taken = take(measures, 3, lambda: steps.append(None))
    assert order == ["broken", "mine", "floor", "floor", "mine", "mine", "floor", "floor", "mine"]
    assert len(steps) == 4 * 3
    assert taken.by_name == {"floor": [1.0, 2.0, 4.0], "mine": [3.0, 8.0, 8.0]}
    assert taken.left_out == {"broken": "OSError: gone"}
    assert taken.ratio("mine", "floor") == statistics.median([3.0, 4.0, 2.0])
    assert taken.added("mine", "floor") == statistics.median([2.0, 6.0, 4.0])
    assert taken.median("mine") == 8.0
