# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Wrapped agents on the command line."""

from __future__ import annotations

import json

from rsi_agents.records import read_records

TASK = {
    "id": "double",
    "entry_point": "double",
    "signature": "def double(x: int) -> int",
    "statement": "Return twice x.",
    "examples": ">>> double(3)\n6\n",
    "edge_tests": ">>> double(-3)\n-6\n>>> double(0)\n0\n",
    "references": [
        {"level": "wrong", "program": "def double(x): return x * x", "correctness": 0.5},
        {"level": "right", "program": "def double(x): return x + x"},
    ],
}
DRAWING = "python:tests.agents.fakes:FakeDrawingReference?levels=wrong,wrong,right"


def test_the_best_of_several_programs_by_the_examples_passes_the_hidden_tests(rsi, tmp_path, quick_sandbox):
    (tmp_path / "tasks.jsonl").write_text(json.dumps(TASK) + "\n")
    best = f"best_of?n=12&judge=feedback of {DRAWING}"
    options = ("--tasks", "tasks.jsonl", "--sandbox", quick_sandbox.name, "--episodes", 4, "--out", "run", "--json")
    result = rsi("eval", "rsi/Code-v0", "--agent", best, "--agent", DRAWING, *options)
    assert result.exit_code == 0, result.stderr
    rows = {row["agent"]: row for row in json.loads(result.stdout)["leaderboard"]}
    assert rows[best]["passed"] == 4
    assert rows[DRAWING]["passed"] < 4
    assert all(len(record.steps) == 1 for record in read_records("run"))


def test_a_wrapped_judge_is_examined(rsi):
    result = rsi("judge", "--judge", "majority?n=3 of constraints as sceptic", "--pairs", "constraints", "--count", 2)
    assert result.exit_code == 0, result.stderr
    assert "majority?n=3 of constraints as sceptic" in " ".join(result.stdout.split())


def test_a_name_that_wraps_nothing_is_misuse_and_said_in_a_sentence(rsi):
    result = rsi("eval", "rsi/Code-v0", "--agent", "best_of?n=4")
    assert result.exit_code == 2
    assert result.stderr == "error: 'best_of?n=4' wraps another agent; write 'best_of?n=4 of AGENT'\n"
