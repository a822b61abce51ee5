# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Tasks come from three places, and a bad one is named with its field."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rsi_envs.code.loading import load_tasks
from rsi_envs.core.errors import TaskError, TaskFileError

OWN = {
    "id": "double",
    "entry_point": "double",
    "signature": "def double(x: int) -> int",
    "statement": "Return twice x.",
    "examples": ">>> double(2)\n4\n",
    "edge_tests": ">>> double(-3)\n-6\n>>> double(0)\n0\n",
}
HUMANEVAL = {
    "task_id": "HumanEval/0",
    "prompt": 'def double(x):\n    """Twice x."""\n',
    "entry_point": "double",
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(2) == 4\n",
}


def write(folder: Path, *rows: Any) -> str:
    path = folder / "tasks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_the_shipped_set_has_forty_train_and_twenty_test_tasks() -> None:
    tasks = load_tasks()
    assert (len(tasks.ids("train")), len(tasks.ids("test"))) == (40, 20)


def test_shipped_tasks_are_many_sided_and_whole() -> None:
    tasks = list(load_tasks())
    assert len({task.topic for task in tasks}) == 9
    assert {task.difficulty for task in tasks} == {1, 2, 3, 4, 5}
    for task in tasks:
        assert [reference.level for reference in task.references] == ["wrong", "partial", "slow", "fast"]
        assert task.id == task.entry_point.replace("_", "-")
        assert len(task.examples) >= 2
        assert len(task.edge_tests) >= 4
        assert task.generator
        assert task.signature.startswith(f"def {task.entry_point}(")
    assert len({task.statement for task in tasks}) == 60
    assert max(Counter(task.topic for task in tasks).values()) <= 10


def test_hidden_tests_are_not_among_the_visible_ones() -> None:
    for task in load_tasks():
        shown = {case.arguments for case in task.examples}
        assert not shown & {case.arguments for case in task.edge_tests}, task.id


def test_own_format_is_read_and_meant_for_testing_unless_it_says_otherwise(tmp_path: Path) -> None:
    tasks = load_tasks(write(tmp_path, OWN, {**OWN, "id": "b", "split": "train"}))
    assert (tasks.ids("test"), tasks.ids("train")) == (("double",), ("b",))
    case = tasks.get("double").edge_tests[0]
    assert (case.arguments, case.result, case.source) == ("(-3,)", "-6", "double(-3)")


def test_humaneval_format_is_read_also_compressed(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(HUMANEVAL).encode()))
    task = load_tasks(str(path)).get("HumanEval/0")
    assert task.references[0].program == HUMANEVAL["prompt"] + HUMANEVAL["canonical_solution"]
    assert (task.split, task.check, task.preamble) == ("test", HUMANEVAL["test"], HUMANEVAL["prompt"])


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"statement": None}, "statement", "string"),
        ({"entry_point": "not a name"}, "entry_point", "no function name"),
        ({"examples": "double(2) is 4"}, "examples", "expected doctests"),
        ({"examples": ">>> 2 + 2\n4\n"}, "examples", "expected a call"),
        ({"edge_tests": ">>> double(x)\n4\n"}, "edge_tests", "not plain data"),
        ({"edge_tests": ">>> double(2)\n<object>\n"}, "edge_tests", "not plain data"),
        ({"edge_tests": ""}, None, "give hidden tests"),
        ({"check": "def check(c): pass"}, None, "either check"),
        ({"generator": "def tests(rng): yield (1,)"}, None, "last reference"),
        ({"references": [{"level": "a", "program": ""}] * 2}, None, "share a level"),
        ({"references": [{"level": "a"}]}, "references.0.program", "required"),
        ({"difficulty": 9}, "difficulty", "less than or equal to 5"),
        ({"split": "dev"}, "split", "'train' or 'test'"),
        ({"time_limit_s": 0}, "time_limit_s", "greater than 0"),
        ({"colour": "red"}, "colour", "not permitted"),
    ],
)
def test_a_bad_field_is_named_with_its_line(
    tmp_path: Path, change: dict[str, Any], field: str | None, problem: str
) -> None:
    with pytest.raises(TaskFileError) as caught:
        load_tasks(write(tmp_path, OWN, {**OWN, "id": "b", **change}))
    assert (caught.value.line, caught.value.field) == (2, field)
    assert problem in str(caught.value)


@pytest.mark.parametrize("field", ["prompt", "entry_point", "canonical_solution", "test"])
def test_a_humaneval_row_without_a_field_is_named(tmp_path: Path, field: str) -> None:
    row = {key: value for key, value in HUMANEVAL.items() if key != field}
    with pytest.raises(TaskFileError) as caught:
        load_tasks(write(tmp_path, row))
    assert caught.value.field in (field, "task_id" if field == "canonical_solution" else field)


def test_two_rows_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="'double'"):
        load_tasks(write(tmp_path, OWN, OWN))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(TaskFileError, match=r"no-such\.jsonl"):
        load_tasks("no-such.jsonl")
