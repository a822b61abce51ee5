# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A judge's skill is measured against the truth, in both orders."""

from __future__ import annotations

import gymnasium as gym
import pytest

from rsi_agents import open_environment
from rsi_agents.errors import NothingToJudge
from rsi_agents.skill import crossed_skill, fitted_weights, heard, known_tasks, skill_of
from rsi_envs.core.budget import Budget
from rsi_envs.core.errors import Abstained, BudgetExhausted
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judging import Ranking, agreement
from rsi_envs.core.panel import Panel, Seat
from tests.agents.adding_env import ADDING
from tests.agents.fake_provider import says


def tasks(count=40, **arguments):
    env = open_environment("rsi/Judge-v0", {"split": "test", **arguments})
    found = list(known_tasks(env, count=count, seed=0))
    env.close()
    return found


def measure(name, panel, known):
    return skill_of(name, panel, known, heard(panel, known))


class FakeOracle:
    """Knows the truth of the tasks that it is given."""

    name = "oracle"

    def __init__(self, known):
        self._truths = {frozenset(one.task.candidates): one for one in known}

    def judge(self, task, *, seed=None):
        known = self._truths[frozenset(task.candidates)]
        texts = list(task.candidates)
        return Ranking(tuple((texts.index(known.task.candidates[i]),) for (i,) in known.truth.order))


class FakeMute:
    name = "mute"

    def judge(self, task, *, seed=None):
        raise Abstained("mute says nothing")


def test_the_oracle_is_always_right_and_silence_counts_for_nothing():
    known = tasks()
    skill = measure("oracle", Panel([Seat(FakeOracle(known))]), known)
    assert skill.accuracy.value == 1.0
    assert set(skill.categories) == {"constraints", "outputs"}
    assert (skill.tasks, skill.unscored, skill.health.swap_consistency) == (40, 0, 1.0)
    mute = measure("mute", Panel([Seat(FakeMute())]), known)
    assert (mute.accuracy, mute.categories, mute.unscored, mute.health.abstentions) == (None, {}, 40, 1.0)


def test_a_judge_by_place_is_half_right_and_never_consistent():
    skill = measure("first", Panel([Seat(AgentJudge("first"))]), tasks())
    assert skill.accuracy.value == 0.5
    assert (skill.health.swap_consistency, skill.health.first_preferred) == (0.0, 1.0)


def test_accuracy_is_the_mean_over_both_orders_for_pairs():
    known = tasks(kind="outputs")
    skill = measure("longest", Panel([Seat(AgentJudge("longest"))]), known)
    by_hand = [agreement(AgentJudge("longest").judge(one.task), one.truth) for one in known]
    assert skill.accuracy.value == pytest.approx(sum(by_hand) / len(by_hand))
    assert skill.health.length_slope > 0.1


def test_every_task_of_a_file_is_taken_once(tmp_path):
    path = tmp_path / "pairs.jsonl"
    row = '{{"id": "{0}", "split": "{1}", "assignment": "a", "candidates": ["x", "y"], "truth": "A > B"}}'
    path.write_text("\n".join(row.format(i, "train" if i == "c" else "test") for i in "abcd"), "utf-8")
    known = tasks(None, tasks=str(path))
    assert [one.id for one in known] == ["a", "b", "d"]
    assert {one.task.candidates[one.truth.order[0][0]] for one in known} == {"x"}
    assert {one.category for one in known} == {"uncategorised"}


def test_so_many_different_tasks_of_a_file_are_drawn(tmp_path):
    path = tmp_path / "pairs.jsonl"
    row = '{{"id": "{0}", "assignment": "a", "candidates": ["x", "y"], "truth": "A > B"}}'
    path.write_text("\n".join(row.format(i) for i in range(40)), "utf-8")
    drawn = [one.id for one in tasks(20, tasks=str(path))]
    assert len(set(drawn)) == 20
    assert drawn != [str(i) for i in range(20)]
    assert drawn == [one.id for one in tasks(30, tasks=str(path))][:20]
    with pytest.raises(NothingToJudge, match="there are 40 tasks to judge, not 41"):
        tasks(41, tasks=str(path))


def test_a_panel_is_measured_by_votes_that_were_given_once():
    known = tasks()
    judges = [Seat(FakeOracle(known)), Seat(AgentJudge("first")), Seat(AgentJudge("longest"))]
    everyone = Panel(judges, rule="majority")
    votes = heard(everyone, known)
    alone = {seat.judge.name: skill_of(seat.judge.name, Panel([seat]), known, votes) for seat in judges}
    assert {name: skill.accuracy.value for name, skill in alone.items()}.items() >= {
        "oracle": 1.0,
        "first": 0.5,
    }.items()
    weighted = everyone.weighted({"oracle": 1.0, "first": 0.0, "longest": 0.0})
    assert skill_of("weighted", weighted, known, votes).accuracy.value == 1.0
    assert skill_of("panel", everyone, known, votes).accuracy.value < 1.0


class FakeHalfOracle(FakeOracle):
    """Right about the tasks that it is given, wrong about all others."""

    def judge(self, task, *, seed=None):
        if frozenset(task.candidates) in self._truths:
            return super().judge(task, seed=seed)
        return Ranking(((0,), (1,)) if task.candidates[0] < task.candidates[1] else ((1,), (0,)))


def test_crossed_weights_come_from_the_other_half():
    known = [one for one in tasks() if len(one.task.candidates) == 2]
    late = FakeHalfOracle(known[1::2])
    panel = Panel([Seat(late), Seat(AgentJudge("first"), weight=9.0), Seat(AgentJudge("longest"))])
    votes = heard(panel, known)
    crossed = crossed_skill("crossed", panel, known, votes)
    assert (crossed.name, crossed.tasks, crossed.unscored) == ("crossed", len(known), 0)
    skills = {}
    for half in (0, 1):
        alone = [skill_of(seat.judge.name, Panel([seat]), known[half::2], votes[half::2]) for seat in panel.seats]
        weights = fitted_weights(alone)
        assert half == 0 or weights["oracle"] > 2.0
        used = known[1 - half :: 2]
        skills[half] = skill_of("by hand", panel.weighted(weights), used, votes[1 - half :: 2]).accuracy.value * len(
            used
        )
    assert crossed.accuracy.value == pytest.approx(sum(skills.values()) / len(known))


def test_where_nobody_beats_chance_all_count_alike():
    known = tasks(kind="outputs")
    panel = Panel([Seat(AgentJudge("first"))])
    votes = heard(panel, known)
    assert crossed_skill("crossed", panel, known, votes).accuracy.value == 0.5
    with pytest.raises(NothingToJudge, match="two tasks or more"):
        crossed_skill("crossed", panel, known[:1], votes[:1])


def test_what_poses_no_judging_tasks_is_named():
    with pytest.raises(NothingToJudge, match="say how many"):
        tasks(None)
    with pytest.raises(NothingToJudge, match="poses no judging tasks"):
        list(known_tasks(gym.make(ADDING), count=1, seed=0))


def test_a_budget_is_not_exceeded_by_more_than_what_is_in_flight(provider):
    from rsi_agents.registry import agent_factory

    provider.script = [says('{"rationale": "", "ranking": "A > B"}')]
    budget = Budget(max_tokens=50)
    panel = Panel([Seat(AgentJudge("model", make=agent_factory(provider.name, budget=budget)))], concurrency=2)
    with pytest.raises(BudgetExhausted):
        heard(panel, tasks(30), concurrency=2)
    assert 5 <= len(provider.requests) <= 5 + 4
