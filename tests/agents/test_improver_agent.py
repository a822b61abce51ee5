# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`improver of AGENT` plays what an improver makes of an agent's answer."""

from __future__ import annotations

from pathlib import Path

import gymnasium as gym
import pytest

from rsi_agents import AgentNameError, RunFolder, UnfitEnvironment, make_agent, make_plan, rollout, run_plan
from rsi_agents.names import with_wrapper_setting
from rsi_envs.core.budget import Budget
from tests.agents.adding_env import ADDING
from tests.agents.fakes import MASKED
from tests.agents.loops.improving import MODEL, NEARING, TEMPTING

LAST_OF_THREE = """\
def improve(program, utility, language_model):
    for _ in range(3):
        program = language_model([f"Lower this:\\n{program}"])[0].strip("`python\\n")
    return program.removeprefix("Here it is:").strip().removeprefix("```python").strip()
"""
TEMPTED = f"def improve(program, utility, language_model):\n    return max([program, '{TEMPTING}'], key=utility)\n"
BROKEN = (
    "def improve(program, utility, language_model):\n    import socket\n    socket.socket().connect(('127.0.0.1', 1))\n"
)


@pytest.fixture(autouse=True)
def _sandbox(quick_sandbox: object) -> None:
    """Skips where there is none."""


def played(name: str, *, env_id: str = NEARING, task: str = "1+2", seed: int = 0, **kwargs):
    env, agent = gym.make(env_id, **kwargs), make_agent(name)
    try:
        return rollout(env, agent, seed=seed, options={"task_id": task})
    finally:
        agent.close()
        env.close()


def written(tmp_path: Path, source: str) -> Path:
    (tmp_path / "improver of mine.py").write_text(source)
    return tmp_path / "improver+of+mine.py"


def test_the_seed_plays_what_feedback_takes_for_the_best():
    trajectory = played(f"improver of {MODEL}")
    (step,) = trajectory.steps
    assert step.action == "```python\n5\n```"
    assert trajectory.verdict.score == pytest.approx(1 / 3)
    assert step.trace["candidates"] == ["Here it is:\n\n```python\n6\n```", "```python\n5\n```"]
    assert step.trace["scores"] == [pytest.approx(1 / 4), pytest.approx(1 / 3)]
    assert step.trace["chosen"] == 1
    assert step.trace["improver"] == {"problem": None, "violations": {}, "notes": []}
    assert trajectory.usage.calls == 5


def test_a_file_holds_another_improver_and_its_name_may_hold_anything(tmp_path):
    file = written(tmp_path, LAST_OF_THREE)
    assert played(f"improver?program={file} of {MODEL}?fenced=false").verdict.score == 1.0


def test_what_is_in_no_code_block_is_improved_and_played_bare():
    assert played(f"improver of {MODEL}?fenced=false").steps[0].action == "5"


def test_where_nothing_can_be_known_beforehand_the_seed_plays_what_it_was_given():
    trajectory = played(f"improver of {MODEL}?fenced=false", env_id=ADDING, max_turns=1)
    assert trajectory.steps[0].action == "6"
    assert trajectory.steps[0].trace["scores"] == [None]


def test_an_improver_that_breaks_leaves_the_answer_as_it_was_and_is_told(tmp_path):
    trajectory = played(f"improver?program={written(tmp_path, BROKEN)} of {MODEL}")
    assert trajectory.steps[0].action == "Here it is:\n\n```python\n6\n```"
    told = trajectory.steps[0].trace["improver"]
    assert told["violations"] == {"network": 1}
    assert told["notes"] == ["network: socket.connect ('127.0.0.1', 1)"]
    assert told["problem"].startswith("it raised ")


def test_verdicts_as_utility_are_not_fooled_by_what_fools_feedback(tmp_path):
    file = written(tmp_path, TEMPTED)
    assert TEMPTING in played(f"improver?program={file} of {MODEL}").steps[0].action
    assert "6" in played(f"improver?program={file}&utility=verdict of {MODEL}").steps[0].action


def test_verdicts_are_for_training_tasks_alone():
    with pytest.raises(UnfitEnvironment, match="verdicts on tasks of the split 'train' alone, not of 'test'"):
        played(f"improver?utility=verdict of {MODEL}", task="3+1")


def test_actions_must_be_text():
    with pytest.raises(UnfitEnvironment, match=r"^improver reads and writes text"):
        played(f"improver of {MODEL}", env_id=MASKED)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("program=/nowhere/improver.py", "can't be read"),
        ("prompts=0", "prompts is 0"),
        ("utility=mine", "'feedback' or 'verdict'"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings, problem):
    with pytest.raises(AgentNameError, match=problem):
        make_agent(f"improver?{settings} of {MODEL}")


def test_it_plays_runs_and_stops_at_the_budget(tmp_path):
    plan = make_plan(NEARING, (f"improver of {MODEL}",), split="train", concurrency=1)
    with RunFolder.create(tmp_path / "run", plan) as folder:
        outcome = run_plan(folder, budget=Budget(max_tokens=12))
        assert "12 tokens" in outcome.exhausted
        assert outcome.missing == 9 - 2
        assert run_plan(folder).missing == 0
        assert [record.score for record in folder.records()] == pytest.approx([1 / 3] * 9)


def test_it_writes_programs_that_are_graded(tmp_path):
    """On a real task: what fails the examples loses against what passes them."""
    script = tmp_path / "script.py"
    script.write_text("def improve(program, utility, language_model):\n    return max(BOTH, key=utility)\n")
    env = gym.make("rsi_envs:rsi/Code-v0", split="train")
    env.reset(seed=0)
    good = env.unwrapped.reference_action(list(env.unwrapped.reference_worth())[-1])
    program = good.removeprefix("```python\n").removesuffix("```")
    script.write_text(f"BOTH = ['pass', {program!r}]\n{script.read_text()}")
    agent = make_agent(f"improver?program={script}&utility=verdict of python:tests.agents.fakes:FakeScriptedAgent")
    trajectory = rollout(env, agent, seed=0)
    assert trajectory.verdict.passed
    assert trajectory.steps[0].trace["scores"][1] > 0.5
    agent.close()
    env.close()


def test_a_wrappers_settings_are_changed_and_those_within_stay():
    name = with_wrapper_setting("improver?prompts=2&program=a of best_of?n=2 of llm:x?n=1", "program", "/a b.py")
    assert name == "improver?prompts=2&program=/a+b.py of best_of?n=2 of llm:x?n=1"
    assert with_wrapper_setting("improver of random", "program", "b") == "improver?program=b of random"
