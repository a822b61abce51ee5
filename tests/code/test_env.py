# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""rsi/Code-v0 as an agent meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import gymnasium as gym
import pytest
from gymnasium.error import ResetNeeded

from rsi_envs.code.env import CodeEnv
from rsi_envs.code.grading import Grader
from rsi_envs.core.errors import EnvironmentFault, InvalidOption, TaskFileError, TaskNotFound
from rsi_sandboxes import BackendNotFound, ExecResult, Job, WorldLost
from rsi_sandboxes.fake import FakeSandbox

RIGHT = "```python\ndef double(x):\n    return 2 * x\n```"
WRONG = "```python\ndef double(x):\n    return x * x\n```"
OVERFITTED = "```python\ndef double(x):\n    return {2: 4, 5: 10}.get(x)\n```"
TASK = {
    "id": "double",
    "entry_point": "double",
    "signature": "def double(x: int) -> int",
    "statement": "Return twice x.",
    "examples": ">>> double(2)\n4\n>>> double(5)\n10\n",
    "edge_tests": ">>> double(-3)\n-6\n>>> double(0)\n0\n",
    "references": [{"level": "good", "program": "def double(x): return x + x"}],
}


@pytest.fixture
def tasks(tmp_path: Path) -> str:
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps(TASK) + "\n")
    return str(path)


@pytest.fixture
def env(tasks: str, quick_sandbox: object) -> Iterator[gym.Env[str, str]]:
    made = gym.make("rsi_envs:rsi/Code-v0", tasks=tasks, split="test", max_turns=3, sandbox="bubblewrap")
    yield made
    made.close()


def test_the_assignment_holds_statement_signature_examples_and_form(env: gym.Env[str, str]) -> None:
    observation, info = env.reset(seed=0)
    for part in ("Return twice x.", "def double(x: int) -> int:", ">>> double(2)\n4", "up to 3 programs"):
        assert part in observation
    assert observation.endswith("```python\ndef double(x: int) -> int:\n    ...\n```")
    assert (info["task_id"], info["split"], info.get("verdict")) == ("double", "test", None)


def test_hidden_tests_are_not_shown(env: gym.Env[str, str]) -> None:
    observation, _ = env.reset()
    assert "-3" not in observation
    observation, *_ = env.step(WRONG)
    assert "-3" not in observation
    assert "-6" not in observation


def test_a_program_that_passes_the_examples_is_decided_at_once(env: gym.Env[str, str]) -> None:
    env.reset()
    _, reward, terminated, truncated, info = env.step(RIGHT)
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert info["verdict"]["passed"] is True
    assert info["verdict"]["parts"] == {"correctness": 1.0}
    assert info["metrics"] == {"examples_passed": 1.0}


def test_feedback_names_the_examples_that_failed_and_the_episode_goes_on(env: gym.Env[str, str]) -> None:
    env.reset()
    observation, reward, terminated, truncated, info = env.step(WRONG)
    assert (reward, terminated, truncated, info.get("verdict")) == (0.0, False, False, None)
    assert ">>> double(5)\nexpected 10, but it returned 25" in observation
    assert "double(2)" not in observation
    assert "You may hand in 2 more" in observation
    assert info["metrics"] == {"examples_passed": 0.5}
    assert env.step(RIGHT)[1] == 1.0


def test_passing_the_examples_alone_is_not_enough(env: gym.Env[str, str]) -> None:
    env.reset()
    _, reward, terminated, _, info = env.step(OVERFITTED)
    assert (reward, terminated, info["verdict"]["passed"]) == (0.0, True, False)
    assert info["verdict"]["reason"] == "0 of 2 hidden tests passed; the first to fail gave a wrong result"


def test_the_last_turn_is_decided_whatever_the_examples_say(env: gym.Env[str, str]) -> None:
    env.reset()
    assert env.step(WRONG)[2] is False
    assert env.step("no program here")[2] is False
    _, reward, terminated, _, info = env.step(WRONG)
    # x * x is right for 0 alone.
    assert (reward, terminated, info["verdict"]["parts"]) == (0.5, True, {"correctness": 0.5})


def test_a_reply_without_a_program_is_malformed_and_costs_a_turn(env: gym.Env[str, str]) -> None:
    env.reset()
    for left in (2, 1):
        observation, reward, terminated, _, info = env.step("I can't do that.")
        assert f"You may hand in {left} more" in observation
        assert (reward, terminated, info["malformed"]) == (0.0, False, "there is no Python code block in it")
    _, reward, terminated, _, info = env.step("Really not.")
    assert (reward, terminated) == (0.0, True)
    assert (info["verdict"]["score"], info["verdict"]["passed"]) == (0.0, False)


def test_references_are_played_by_level(env: gym.Env[str, str]) -> None:
    env.reset()
    assert env.step(env.unwrapped.reference_action("good"))[1] == 1.0  # type: ignore[attr-defined]
    with pytest.raises(TaskNotFound, match="its levels: good"):
        env.unwrapped.reference_action("best")  # type: ignore[attr-defined]


def test_render_shows_the_transcript(tasks: str, quick_sandbox: object) -> None:
    env = CodeEnv(tasks=tasks, split="test", render_mode="ansi")
    env.reset()
    env.step(RIGHT)
    text = env.render() or ""
    assert text.startswith("[environment]\nWrite a Python program")
    assert "[agent]\n```python\ndef double" in text
    assert text.endswith("2 of 2 hidden tests passed")
    env.close()


def test_the_seed_fixes_task_and_text() -> None:
    one, other = CodeEnv(), CodeEnv()
    drawn = {one.reset(seed=seed)[1]["task_id"] for seed in range(60)}
    assert len(drawn) > 20
    assert drawn <= set(one.task_ids("train"))
    assert [one.reset(seed=seed) for seed in range(5)] == [other.reset(seed=seed) for seed in range(5)]


def test_a_sandbox_that_breaks_twice_leaves_the_episode_unscored(tasks: str) -> None:
    env = CodeEnv(tasks=tasks, split="test")
    asked: list[Job] = []

    def lose(job: Job) -> ExecResult:
        asked.append(job)
        raise WorldLost("the engine went away")

    # Twice for the program, once to see whether it is to blame.
    env._grader = Grader(FakeSandbox(lose))
    env.reset()
    _, reward, terminated, truncated, info = env.step(RIGHT)
    assert (reward, terminated, truncated, len(asked)) == (0.0, False, True, 3)
    assert "score" not in info["verdict"]
    assert "the engine went away" in info["verdict"]["unscored"]


@pytest.mark.parametrize(
    ("arguments", "error", "named"),
    [
        ({"sandbox": "dokcer"}, BackendNotFound, "did you mean 'docker'"),
        ({"tasks": "nowhere.jsonl"}, TaskFileError, "nowhere.jsonl"),
        ({"split": "dev"}, InvalidOption, "'dev'"),
        ({"max_turns": 0}, InvalidOption, "max_turns is 0"),
        ({"render_mode": "human"}, InvalidOption, "'human'"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], error: type[Exception], named: str) -> None:
    with pytest.raises(error, match=named):
        CodeEnv(**arguments)  # type: ignore[arg-type]


def test_a_program_can_be_tried_on_the_examples_without_a_turn(env: gym.Env[str, str]) -> None:
    inside: CodeEnv = env.unwrapped  # type: ignore[assignment]
    env.reset()
    # Overfitted to the examples, and worth nothing by the hidden tests.
    shares = [inside.preview(action) for action in (RIGHT, WRONG, OVERFITTED, "no program", RIGHT + "x" * 100_000)]
    assert shares == [1.0, 0.5, 1.0, 0.0, 0.0]
    assert "You may hand in 2 more" in env.step(WRONG)[0]
    assert env.step(RIGHT)[1] == 1.0
    with pytest.raises(ResetNeeded):
        inside.preview(RIGHT)


def test_hidden_tests_never_run_when_a_program_is_tried(env: gym.Env[str, str]) -> None:
    inside: CodeEnv = env.unwrapped  # type: ignore[assignment]
    env.reset()
    hangs = "```python\ndef double(x):\n    while x < 2: pass\n    return 2 * x\n```"
    assert inside.preview(hangs) == 1.0


def test_without_examples_there_is_nothing_to_try_a_program_on(tmp_path: Path, quick_sandbox: object) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps(TASK | {"examples": ""}) + "\n")
    env = CodeEnv(tasks=str(path), split="test")
    env.reset()
    assert env.preview(RIGHT) is None
    env.close()


def test_a_sandbox_that_breaks_while_a_program_is_tried_is_the_environments_fault(tasks: str) -> None:
    def lose(job: Job) -> ExecResult:
        raise WorldLost("the engine went away")

    env = CodeEnv(tasks=tasks, split="test")
    env._grader = Grader(FakeSandbox(lose))
    env.reset()
    with pytest.raises(EnvironmentFault, match="the sandbox broke: the engine went away"):
        env.preview(RIGHT)
