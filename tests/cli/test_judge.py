# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi judge` measures judges and panels, and says what is wrong with what it is asked."""

from __future__ import annotations

import json

import pytest


def test_judges_and_their_panel_have_a_row_each(rsi):
    done = rsi(
        "judge",
        "--judge",
        "constraints",
        "--judge",
        "first",
        "--panel",
        "--pairs",
        "constraints",
        "--count",
        "30",
        "--json",
    )
    assert done.exit_code == 0, done.output
    constraints, first, panel = json.loads(done.stdout)
    assert (constraints["name"], constraints["accuracy"]["value"]) == ("constraints", 1.0)
    assert (first["accuracy"]["value"], first["health"]["swap_consistency"]) == (0.5, 0.0)
    assert (panel["name"], panel["tasks"], panel["accuracy"]["value"]) == ("panel", 30, 1.0)


def test_the_table_shows_categories_and_habits(rsi):
    done = rsi("judge", "--judge", "longest", "--pairs", "any", "--count", "40")
    assert done.exit_code == 0, done.output
    head, row = (line.split("  ") for line in done.stdout.splitlines() if line.strip() and "─" not in line)
    assert [cell.strip() for cell in head if cell.strip()][:4] == [
        "judge",
        "accuracy [95%]",
        "constraints [95%]",
        "outputs [95%]",
    ]
    assert row[0].strip() == "longest"
    assert "100.0%" in " ".join(row)


def test_files_are_judged(rsi, tmp_path):
    path = tmp_path / "pairs.json"
    path.write_text(json.dumps([{"input": "a", "output_1": "short", "output_2": "longer text", "label": 1}]), "utf-8")
    done = rsi("judge", "--judge", "longest", "--pairs", str(path), "--json")
    assert json.loads(done.stdout)[0]["accuracy"]["value"] == 0.0


def test_a_program_judges(rsi, tmp_path):
    (tmp_path / "judge.py").write_text(
        "import json, sys\n"
        "reset, turn = (json.loads(sys.stdin.readline()) for _ in range(2))\n"
        "first, second = turn['info']['judging']['candidates']\n"
        "ranking = 'A > B' if len(first) > len(second) else 'B > A'\n"
        "print(json.dumps({'action': {'rationale': 'by length', 'ranking': ranking}}))\n"
    )
    words = ("judge", "--judge", "script:judge.py", "--judge", "longest", "--pairs", "constraints", "--count", "4")
    program, longest = json.loads(rsi(*words, "--json").stdout)
    assert program["name"] == "script:judge.py"
    assert program["health"]["abstentions"] == 0.0
    assert program["accuracy"] == longest["accuracy"]


def test_weights_are_fitted_and_used(rsi, tmp_path):
    words = [
        "judge",
        "--judge",
        "constraints",
        "--judge",
        "longest",
        "--judge",
        "first",
        "--pairs",
        "constraints",
        "--count",
        "40",
    ]
    done = rsi(*words, "--split", "train", "--fit-weights", "weights.json")
    assert done.exit_code == 0, done.output
    weights = json.loads((tmp_path / "weights.json").read_text())
    assert weights == {"constraints": pytest.approx(3.7136, abs=1e-3), "longest": 0.0, "first": 0.0}
    done = rsi(*words, "--weights", "weights.json", "--json")
    assert [row["name"] for row in json.loads(done.stdout)][-1] == "weighted panel"
    assert json.loads(done.stdout)[-1]["accuracy"]["value"] == 1.0
    done = rsi(*words, "--crossed", "--json")
    row = json.loads(done.stdout)[-1]
    assert (row["name"], row["tasks"], row["accuracy"]["value"]) == ("weighted panel, crossed", 40, 1.0)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((), "name a --judge"),
        (("--judge", "longst", "--count", "1"), "the nearest is 'longest'"),
        (("--judge", "first"), "say how many"),
        (("--judge", "first", "--count", "0"), "greater than or equal to 1"),
        (("--judge", "first", "--judge", "first", "--count", "1"), "different names"),
        (("--judge", "first as skeptic", "--count", "1"), "the nearest is 'sceptic'"),
        (("--judge", "first", "--count", "1", "--fit-weights", "nowhere/weights.json"), "no such folder"),
        (("--judge", "first", "--pairs", "nothing.jsonl"), "can't be read"),
        (("--judge", "first", "--panel", "--rule", "dictator", "--count", "1"), "rule is 'dictator'"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(rsi, words, problem):
    done = rsi("judge", *words)
    assert done.exit_code == 2, done.output
    assert problem in done.stderr
    assert "Traceback" not in done.output
