# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An attempt is told program by program, with as much of its tests as may be said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rsi_envs.code.env import CodeEnv
from rsi_envs.code.grading import Failure, Outcome
from rsi_envs.code.story import example_results, hidden_results
from rsi_envs.code.types import Case
from rsi_envs.core.story import Check, Conversation, Program, Table, told
from tests.code.test_env import OVERFITTED, RIGHT, TASK, WRONG
from tests.recorded import Reciting, recorded, story_of


@pytest.fixture
def env(tmp_path: Path, quick_sandbox: object) -> Iterator[CodeEnv]:
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps(TASK) + "\n")
    made = CodeEnv(tasks=str(path), split="test", max_turns=4)
    yield made
    made.close()


def test_every_program_is_told_with_what_came_of_its_tests(env: CodeEnv) -> None:
    first, second, conversation = story_of(env, Reciting(f"This is it:\n{WRONG}", "Wait.", OVERFITTED))
    assert first == Program(
        "Program 1 of 2",
        "def double(x):\n    return x * x\n",
        (Check("double(2)", True), Check("double(5)", False, "expected 10, but it returned 25")),
    )
    assert second.checks == (
        Check("double(2)", True),
        Check("double(5)", True),
        Check("hidden test 1 of 2", False, "gave a wrong result"),
        Check("hidden test 2 of 2", False, "gave a wrong result"),
    )
    assert [message.malformed for message in conversation.messages if message.malformed] == [
        "there is no Python code block in it"
    ]


def test_of_a_hidden_test_no_more_is_recorded_than_in_what_way_it_failed(env: CodeEnv) -> None:
    record = recorded(env, Reciting(OVERFITTED))
    said = json.dumps([record.observation, record.info, *((step.observation, step.info) for step in record.steps)])
    assert "-3" not in said
    assert "-6" not in said
    secret = Outcome(Failure.RAISED, "raised ValueError: -3")
    assert hidden_results([Outcome(), secret]) == ["", "raised an exception"]
    assert example_results([Case("(1,)", "2", "f(1)")], [secret]) == [
        {"call": "f(1)", "problem": "expected 2, but it raised ValueError: -3"}
    ]


def test_run_times_are_told_beside_the_references(env: CodeEnv) -> None:
    record = recorded(env, Reciting(RIGHT))
    last = record.steps[-1]
    parts = {"correctness": 1.0, "efficiency": 0.4, "seconds": 0.03, "seconds_slow": 0.3, "seconds_fast": 0.02}
    verdict = {**last.info["verdict"], "parts": parts, "references_beaten": 3, "references": 4}
    _, race, _ = told(CodeEnv, replace(record, steps=(replace(last, info={**last.info, "verdict": verdict}),)))
    assert race == Table(
        "Run time: 3 of 4 references beaten",
        ("program", "seconds", "times this program's", "beaten"),
        (
            ("this program", "0.0300", "1.00", ""),
            ("slow", "0.3000", "10.00", "yes"),
            ("fast", "0.0200", "0.67", "no"),
        ),
    )


def test_a_record_of_before_there_were_results_tells_its_programs(env: CodeEnv) -> None:
    record = recorded(env, Reciting(f"{RIGHT}\n```python\nprint(double(2))\n```"))
    last = record.steps[-1]
    info = {key: value for key, value in last.info.items() if key not in ("examples", "hidden_tests")}
    old = replace(record, info={}, steps=(replace(last, info=info),))
    program, conversation = told(CodeEnv, old)
    # Without the function's name, the last block is taken.
    assert program == Program("Program", "print(double(2))\n")
    assert isinstance(conversation, Conversation)
