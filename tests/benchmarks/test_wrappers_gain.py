# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The benchmark of wrappers pairs each with its bare agent on the same tasks and seeds."""

from __future__ import annotations

import re
from pathlib import Path

from rsi_agents.records import read_plan, read_records
from tests.benchmarks.scripts import OF_A_CHECKOUT, run_script

pytestmark = OF_A_CHECKOUT
DRAWING = "python:tests.agents.fakes:FakeDrawingReference?levels=wrong,fast"


def rows(shown: str) -> dict[str, list[str]]:
    lines = [[cell.strip() for cell in re.findall(r"[^│┃]+", line)] for line in shown.splitlines()]
    return {cells[0]: cells[1:] for cells in lines if len(cells) == 9}


def test_every_wrapper_has_a_row_with_its_paired_gain(tmp_path: Path, quick_sandbox: object) -> None:
    wrappers = ("best_of?n=8", "majority?n=1")
    done = run_script("wrappers_gain.py", tmp_path, "--agent", DRAWING, "--tasks", "2", "--episodes", "4",
                      "--out", "run", *(word for wrapper in wrappers for word in ("--wrapper", wrapper)))  # fmt: skip
    assert done.returncode == 0, done.stderr
    table = rows(done.stdout)
    assert list(table) == ["agent", "bare", *wrappers]
    plan = read_plan(tmp_path / "run")
    assert plan.agents == (DRAWING, *(f"{wrapper} of {DRAWING}" for wrapper in wrappers))
    assert (plan.episodes, len(plan.task_ids)) == (4, 2)
    passed = dict.fromkeys(plan.agents, 0)
    for record in read_records(tmp_path / "run"):
        passed[record.agent] += bool(record.verdict and record.verdict.passed)
    bare, best, alone = (passed[name] for name in plan.agents)
    assert best == 4 > bare == alone
    assert table["best_of?n=8"][1] == "100.0%"
    assert table["best_of?n=8"][3].startswith(f"{(best - bare) / 4:+.1%} [")
    assert table["majority?n=1"][3] == table["bare"][3] == "+0.0% [+0.0%, +0.0%]"
    assert "2 tasks, 4 episodes each" in done.stdout


def test_an_unknown_wrapper_is_named(tmp_path: Path) -> None:
    done = run_script("wrappers_gain.py", tmp_path, "--agent", "random", "--wrapper", "bets_of")
    assert done.returncode != 0
    assert done.stderr.startswith("error: no wrapper is called 'bets_of'; the nearest is 'best_of'")
