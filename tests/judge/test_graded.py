# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Other environments' references, whose worth is known, examine judges."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import gymnasium as gym
import numpy as np
import pytest

import rsi_envs  # noqa: F401 - registers
from rsi_agents import make_agent, rollout
from rsi_envs.judge.graded import GRADED, GradedTrials
from rsi_envs.judge.made import make_trial
from tests.components import need

KINDS = sorted(GRADED)
NUMBERS = range(100)


@pytest.fixture(params=KINDS)
def trials(request: pytest.FixtureRequest) -> Iterator[GradedTrials]:
    if request.param == "code":
        need("bubblewrap")
    made = GradedTrials(request.param)
    yield made
    made.close()


@pytest.fixture
def env(request: pytest.FixtureRequest) -> Iterator[gym.Env]:
    made = gym.make(request.param)
    yield made
    made.close()


def test_a_number_makes_the_same_trial_for_ever(trials: GradedTrials) -> None:
    for number in NUMBERS[:10]:
        assert trials.make("train", number) == trials.make("train", number)
    assert len({trials.make("train", number).task for number in NUMBERS}) > 60
    shared = {trials.make("train", number).task for number in NUMBERS}
    assert not shared & {trials.make("test", number).task for number in NUMBERS}


def test_either_place_is_as_often_the_better(trials: GradedTrials) -> None:
    first = sum(trials.make("test", number).truth.order == ((0,), (1,)) for number in NUMBERS)
    assert 30 <= first <= 70


@pytest.mark.parametrize("kind", KINDS)
def test_habits_earn_no_more_than_chance(kind: str) -> None:
    if kind == "code":
        need("bubblewrap")
    env = gym.make("rsi/Judge-v0", kind=kind, split="test")

    def mean(agent: str) -> float:
        return float(np.mean([rollout(env, make_agent(agent), seed=seed).verdict.score for seed in NUMBERS]))

    assert (mean("reference:oracle"), mean("reference:wrong")) == (1.0, 0.0)
    assert abs(mean("first") - 0.5) < 0.2
    assert abs(mean("longest") - 0.5) < 0.2
    env.close()


def test_programs_do_not_tell_what_they_lack() -> None:
    need("bubblewrap")
    trials = GradedTrials("code")
    for number in NUMBERS:
        for text in trials.make("train", number).task.candidates:
            (program,) = re.findall(r"```python\n(.*?)\n```", text, re.DOTALL)
            assert program == ast.unparse(ast.parse(program))
            assert "#" not in re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "", program)
    trials.close()


@pytest.mark.parametrize("env", ["rsi/ChessPuzzle-v0", "rsi/Judge-v0"], indirect=True)
def test_a_reference_is_worth_what_it_is_paid(env: gym.Env) -> None:
    for seed in range(30):
        env.reset(seed=seed)
        worth = env.unwrapped.reference_worth()
        assert len(worth) == 2
        for level, paid in worth.items():
            env.reset(seed=seed)
            assert env.step(env.unwrapped.reference_action(level))[1] == paid


@pytest.mark.parametrize("env", ["rsi/Writing-v0"], indirect=True)
def test_the_rungs_of_a_ladder_are_worth_their_place(env: gym.Env) -> None:
    env.reset(seed=0)
    assert list(env.unwrapped.reference_worth().items()) == [("poor", 0.0), ("fair", 0.5), ("good", 1.0)]


def test_a_graded_trial_can_be_named() -> None:
    env = gym.make("rsi/Judge-v0", kind="chess", split="train")
    _, info = env.reset(options={"task_id": "chess/test/7"})
    assert (info["task_id"], info["split"]) == ("chess/test/7", "test")
    assert make_trial("outputs", "test", 7).id == "outputs/test/7"
