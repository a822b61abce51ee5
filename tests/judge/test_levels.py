# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Judgements are judged by their nearness to the truth and by what they claim, on every level alike."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

import rsi_envs  # noqa: F401 - registers
from rsi_agents import make_agent, rollout
from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.judgements import META_CRITERIA, read
from rsi_envs.core.judging import JudgingTask, Ranking, agreement
from rsi_envs.judge import JudgeEnv, MetaJudgeEnv
from rsi_envs.judge.levels import claims_that_hold, raised, worth_of
from rsi_envs.judge.made import KINDS, make_trial
from rsi_envs.judge.types import Trial

NUMBERS = range(100)


def trials(kind: str) -> list[Trial]:
    return [make_trial(kind, "test", number) for number in NUMBERS]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_judgement_nearer_to_the_truth_stands_above(kind: str) -> None:
    for trial in trials(kind):
        above = raised(trial)
        judgements = [read(text, len(trial.task.candidates)).ranking for text in above.task.candidates]
        worth = [worth_of(judgement, trial) for judgement in judgements if judgement]
        assert len(worth) == len(above.task.candidates) in (2, 3)
        assert above.truth == Ranking.of_scores(worth)
        nearness = [agreement(judgement, trial.truth) for judgement in judgements if judgement]
        assert {nearness[i] for i in above.truth.order[0]} == {1.0}
        assert {nearness[i] for i in above.truth.order[-1]} == {0.0}
        assert above.task.criteria == META_CRITERIA


def test_the_same_trial_is_raised_to_the_same() -> None:
    for trial in trials("outputs")[:20]:
        assert raised(trial) == raised(trial)
    sizes = [len(raised(trial).task.candidates) for trial in trials("outputs")]
    assert 25 < sizes.count(3) < 75


def test_claims_are_checked() -> None:
    task = JudgingTask("a", ("one two three", "one"))
    assert claims_that_hold("Candidate A has 3 words.", task) == 1.0
    assert claims_that_hold("Candidate A has 3 words, candidate B has 1 word.", task) == 1.0
    assert claims_that_hold("Candidate A has 3 words, Candidate B has 2 words.", task) == 0.5
    assert claims_that_hold("Candidate C has 3 words.", task) == 0.0
    assert claims_that_hold("It is better.", task) == 1.0
    trial = Trial("t", "test", task, Ranking(((0,), (1,))), "")
    false_claim = Ranking(((0,), (1,)), "Candidate A has 4 words.")
    assert worth_of(Ranking(((0,), (1,)), "Better."), trial) > worth_of(false_claim, trial) > 0.9
    assert worth_of(Ranking(((1,), (0,)), "Candidate A has 3 words."), trial) == pytest.approx(0.1)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_neither_manner_nor_numbers_nor_claims_tell_which_ranking_is_right(kind: str) -> None:
    # Goes with the majority, then with claims that hold, then with modesty, and never looks at what is judged.
    right = []
    for number in range(1000):
        trial = make_trial(kind, "train", number)
        above = raised(trial)
        read_off = [read(text, 2).ranking for text in above.task.candidates]
        judgements = [judgement for judgement in read_off if judgement]
        scores = [
            100.0 * sum(other.order == judgement.order for other in judgements)
            + 10.0 * claims_that_hold(judgement.rationale, trial.task)
            - len(judgement.rationale) / 1000
            for judgement in judgements
        ]
        right.append(agreement(Ranking.of_scores(scores), above.truth))
    assert 0.45 < float(np.mean(right)) < 0.6


@pytest.mark.parametrize("level", [2, 3, 4])
def test_every_level_is_the_same_environment(level: int) -> None:
    env = gym.make("rsi/MetaJudge-v0", level=level, split="test")
    for agent, score in (("reference:oracle", 1.0), ("reference:wrong", 0.0)):
        assert {rollout(env, make_agent(agent), seed=seed).verdict.score for seed in range(10)} == {score}
    observation, info = env.reset(seed=0)
    # Each level's question stands within that of the level above.
    assert observation.count("These are the candidates:") == level
    assert info["judging"]["criteria"] == META_CRITERIA
    env.close()


def test_chance_is_a_half_and_length_no_more() -> None:
    env = MetaJudgeEnv(split="test")
    means = {}
    for agent in ("random", "longest"):
        scores = np.array([rollout(env, make_agent(agent), seed=seed).verdict.score for seed in range(300)])
        means[agent] = scores.mean()
    assert abs(means["random"] - 0.5) < 0.09
    assert abs(means["longest"] - 0.5) < 0.1


def test_levels_out_of_range_are_refused() -> None:
    for level in (0, 5):
        with pytest.raises(InvalidOption, match=f"level is {level}"):
            JudgeEnv(level=level)
