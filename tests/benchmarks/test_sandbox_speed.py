# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The benchmark of the sandboxes runs and writes what it measured; how fast anything is, no test says."""

from __future__ import annotations

import json
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

from rsi_sandboxes import Sandbox
from tests.benchmarks.scripts import OF_A_CHECKOUT, run_script

FLOOR = "bare subprocess"
MARKS = ("<!-- measured: begin -->", "<!-- measured: end -->")

pytestmark = OF_A_CHECKOUT
bench = partial(run_script, "sandbox_speed.py")


def quick(sandbox: Sandbox) -> list[str]:
    name = sandbox.name
    return ["--rounds", "1", "--seconds", "0.01", "--in-flight", "2", "--backends", name, "--only", f"rsi {name}"]


def test_the_floor_and_a_backend_are_measured_and_written_raw(tmp_path: Path, quick_sandbox: Sandbox) -> None:
    done = bench(tmp_path, *quick(quick_sandbox), "--json", "raw.json")
    assert done.returncode == 0, done.stderr
    raw = json.loads((tmp_path / "raw.json").read_text("utf-8"))
    name = f"rsi {quick_sandbox.name}"
    assert {FLOOR, name, f"{name}, by values"} <= raw["contenders"].keys()
    for contender in raw["contenders"].values():
        assert contender["first_jobs_s"]
        assert contender["in_flight"].keys() == {"1", "2"}
        for (sample,) in contender["in_flight"].values():
            assert sample["jobs_per_s"] == pytest.approx(len(sample["latencies_s"]) / sample["elapsed_s"])
    assert raw["idle"].keys() == {quick_sandbox.name}
    assert raw["setting"]["rounds"] == 1
    assert name in done.stdout


def test_peers_that_are_missing_are_named_with_what_installs_them(tmp_path: Path) -> None:
    done = bench(tmp_path, "--rounds", "1", "--seconds", "0.01", "--only", "nobody", "--json", "raw.json")
    assert done.returncode == 0, done.stderr
    left_out = json.loads((tmp_path / "raw.json").read_text("utf-8"))["left_out"]
    for module, peer, requirement in [
        ("swerex", "swe-rex docker", "swe-rex"),
        ("pydantic_monty", "pydantic-monty", "pydantic-monty"),
    ]:
        if find_spec(module) is None:
            assert left_out[peer] == f"not installed; run: pip install {requirement}"


def test_the_table_takes_the_place_of_the_one_in_the_page(tmp_path: Path, quick_sandbox: Sandbox) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n{}\nold\n{}\nafter\n".format(*MARKS), "utf-8")
    done = bench(tmp_path, *quick(quick_sandbox), "--markdown", "page.md")
    assert done.returncode == 0, done.stderr
    head, table, tail = (part.strip() for part in page.read_text("utf-8").replace(MARKS[1], MARKS[0]).split(MARKS[0]))
    assert (head, tail) == ("before", "after")
    assert table.startswith("| contender |")
    assert f"| {FLOOR} |" in table
    assert "old" not in table


def test_a_soak_reports_what_is_held_before_and_after(tmp_path: Path, quick_sandbox: Sandbox) -> None:
    done = bench(tmp_path, "--soak", "4", "--in-flight", "2", "--backends", quick_sandbox.name, "--json", "raw.json")
    assert done.returncode == 0, done.stdout + done.stderr
    soak = json.loads((tmp_path / "raw.json").read_text("utf-8"))["soak"]
    assert soak["failures"] == []
    assert soak["before"].keys() == soak["after"].keys()
    assert "0 failed; grown: nothing" in done.stdout


@pytest.mark.parametrize("wrong", [("--rounds", "0"), ("--peers-python", "no-such-python"), ("--backends", "none")])
def test_misuse_is_told_in_a_line(tmp_path: Path, wrong: tuple[str, str]) -> None:
    done = bench(tmp_path, *wrong)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
