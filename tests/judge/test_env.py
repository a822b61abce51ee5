# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""rsi/Judge-v0 pays what a ranking is worth, in both orders, by both scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rsi_envs  # noqa: F401 - registers
from rsi_agents import make_agent, rollout
from rsi_envs.core.errors import InvalidOption, TaskNotFound
from rsi_envs.core.judging import Ranking
from rsi_envs.judge import JudgeEnv
from rsi_envs.judge.env import brier

THREE = {
    "id": "t",
    "assignment": "Sort.",
    "candidates": ["mid", "best", "worst"],
    "truth": "B > A > C",
    "category": "c",
}


@pytest.fixture
def three(tmp_path: Path) -> str:
    path = tmp_path / "three.jsonl"
    path.write_text(json.dumps(THREE), "utf-8")
    return str(path)


def letters(observation: str, *texts: str) -> list[str]:
    """The letters under which these candidates are shown."""
    ordered = sorted(THREE["candidates"], key=lambda text: observation.index(f"]]\n{text}\n[[end"))
    return ["ABC"[ordered.index(text)] for text in texts]


def score_of(agent: str, count: int = 60, **arguments: Any) -> np.ndarray:
    env = gym.make("rsi/Judge-v0", split="test", **arguments)
    scores = [rollout(env, make_agent(agent), seed=seed).verdict.score for seed in range(count)]
    env.close()
    return np.array(scores)


@pytest.mark.parametrize("kind", ["constraints", "outputs", "any"])
@pytest.mark.parametrize("swap", [False, True])
def test_the_oracle_is_always_right_and_its_opposite_never(kind: str, swap: bool) -> None:
    assert (score_of("reference:oracle", 20, kind=kind, swap=swap) == 1.0).all()
    assert (score_of("reference:wrong", 20, kind=kind, swap=swap) == 0.0).all()


def test_what_knows_nothing_is_right_half_the_time() -> None:
    scores = score_of("random", 400)
    assert abs(scores.mean() - 0.5) < 4 * scores.std() / np.sqrt(len(scores))
    assert set(scores) == {0.0, 1.0}


def test_shallow_habits_earn_no_more_than_chance() -> None:
    assert abs(score_of("longest", 400, kind="outputs").mean() - 0.5) < 0.1
    assert abs(score_of("first", 400).mean() - 0.5) < 0.1
    assert (score_of("constraints", kind="constraints") == 1.0).all()


def test_a_judge_that_goes_by_place_is_punished_when_asked_twice() -> None:
    assert set(score_of("first", 20, swap=True)) == {0.25}


def test_a_ranking_is_paid_by_the_pairs_that_it_orders_rightly(three: str) -> None:
    env = JudgeEnv(tasks=three)
    paid = {("best", "mid", "worst"): 1.0, ("best", "worst", "mid"): 2 / 3, ("mid", "worst", "best"): 1 / 3}
    for order, score in paid.items():
        observation, info = env.reset(seed=0, options={"task_id": "t"})
        assert len(info["legal_actions"]) == 6
        ranking = " > ".join(letters(observation, *order))
        _, reward, terminated, truncated, info = env.step(json.dumps({"ranking": ranking}))
        assert (reward, terminated, truncated) == (pytest.approx(score), True, False)
        assert info["verdict"]["parts"] == {"agreement": pytest.approx(score)}
        assert info["verdict"]["passed"] == (score == 1.0)
        assert info["metrics"] == {"c agreement": pytest.approx(score)}


def test_candidates_change_places_from_seed_to_seed(three: str) -> None:
    env = JudgeEnv(tasks=three, split="test")
    orders = {tuple(env.reset(seed=seed)[1]["judging"]["candidates"]) for seed in range(40)}
    assert len(orders) == 6
    assert env.reset(seed=3)[0] == env.reset(seed=3)[0]


def test_the_second_turn_shows_the_candidates_in_reverse(three: str) -> None:
    env = JudgeEnv(tasks=three, swap=True)
    _, info = env.reset(seed=0, options={"task_id": "t"})
    observation, reward, terminated, _, again = env.step('{"ranking": "A > B > C"}')
    assert (reward, terminated) == (0.0, False)
    assert again["judging"]["candidates"] == info["judging"]["candidates"][::-1]
    assert observation.startswith("The same candidates once more")
    _, reward, terminated, _, last = env.step('{"ranking": "C > B > A"}')
    assert terminated
    assert last["verdict"]["parts"]["consistent"] == 1.0
    assert last["verdict"]["score"] == last["verdict"]["parts"]["agreement"] == reward


def test_unreadable_answers_may_be_given_again_and_then_score_zero(three: str) -> None:
    env = JudgeEnv(tasks=three)
    env.reset(seed=0, options={"task_id": "t"})
    for left in (2, 1):
        observation, reward, terminated, _, info = env.step("A")
        assert (reward, terminated) == (0.0, False), left
        assert observation.startswith("That can't be read")
        assert info["malformed"] == 'the answer holds no JSON object with "ranking"'
        assert info["schema"]["required"] == ["rationale", "ranking"]
    _, reward, terminated, _, info = env.step("A")
    assert (reward, terminated) == (0.0, True)
    assert info["verdict"]["score"] == 0.0
    assert info["verdict"]["reason"] == "no ranking in 3 attempts"


CHANCES = st.lists(st.integers(0, 20), min_size=3, max_size=3).filter(any)


@given(CHANCES, CHANCES)
def test_brier_lies_between_0_and_1_and_honesty_pays(believed: list[int], told: list[int]) -> None:
    def expected(weights: list[int]) -> float:
        ranking = Ranking(((0, 1, 2),), probabilities={i: weight / sum(weights) for i, weight in enumerate(weights)})
        costs = [brier(ranking, Ranking.of_scores({i: float(i == best) for i in range(3)})) for best in range(3)]
        assert all(0.0 <= cost <= 1.0 for cost in costs)
        return sum(weight * cost for weight, cost in zip(believed, costs, strict=True)) / sum(believed)

    assert expected(believed) <= expected(told) + 1e-9


def test_brier_pays_for_probabilities(three: str) -> None:
    env = JudgeEnv(tasks=three, scoring="brier")
    observation, info = env.reset(seed=0, options={"task_id": "t"})
    assert '"probabilities": {"A": 0.33, "B": 0.33, "C": 0.33}}' in observation
    assert list(info["schema"]["properties"]) == ["rationale", "ranking", "probabilities"]
    assert info["schema"]["properties"]["probabilities"]["required"] == ["A", "B", "C"]
    best, mid, worst = letters(observation, "best", "mid", "worst")
    action = {"ranking": f"{best} > {mid} > {worst}", "probabilities": {best: 0.6, mid: 0.4, worst: 0.0}}
    *_, info = env.step(json.dumps(action))
    assert info["verdict"]["parts"] == {"agreement": 1.0, "brier": pytest.approx(0.16)}
    assert info["verdict"]["score"] == pytest.approx(0.84)
    assert (score_of("random", 40, scoring="brier") % 1.0 == 0.0).all()


def test_a_trial_can_be_named() -> None:
    env = JudgeEnv()
    _, info = env.reset(options={"task_id": "outputs/test/7"})
    assert (info["task_id"], info["split"]) == ("outputs/test/7", "test")
    assert env.task_ids() == ()
    for task_id in ("outputs/test", "chess/test/1", "outputs/dev/1", "outputs/test/-1"):
        with pytest.raises(TaskNotFound, match="an id is constraints/train/NUMBER"):
            env.reset(options={"task_id": task_id})


def test_bad_arguments_are_named() -> None:
    with pytest.raises(InvalidOption, match="kind is 'go'"):
        JudgeEnv(kind="go")
    with pytest.raises(InvalidOption, match="scoring is 'log'"):
        JudgeEnv(scoring="log")  # type: ignore[arg-type]
    env = JudgeEnv()
    env.reset(seed=0)
    with pytest.raises(TaskNotFound, match="references wrong, oracle, not 'best'"):
        env.reference_action("best")
