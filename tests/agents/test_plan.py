# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents import EnvironmentNotFound, InvalidPlan, Plan, make_plan, open_environment
from tests.agents.adding_env import ADDING, ADDING_ANYWHERE, SUMS


@given(
    agents=st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True),
    episodes=st.integers(1, 30),
    task_ids=st.lists(st.text(min_size=1), max_size=7, unique=True),
    seed=st.integers(0, 2**32),
)
def test_every_agent_plays_the_same_tasks_with_the_same_seeds(agents, episodes, task_ids, seed):
    specs = list(Plan("x", tuple(agents), episodes, task_ids=tuple(task_ids), seed=seed).specs())
    assert len({spec.key for spec in specs}) == len(specs) == episodes * len(agents)
    games = {agent: [(s.task_id, s.seed) for s in specs if s.agent == agent] for agent in agents}
    assert all(game == games[agents[0]] for game in games.values())
    for index, (task_id, episode_seed) in enumerate(games[agents[0]]):
        assert episode_seed == seed + index
        assert task_id == (task_ids[index % len(task_ids)] if task_ids else None)


def test_without_a_number_every_test_task_is_played_once():
    plan = make_plan(ADDING, ["random"])
    assert (plan.split, plan.env_kwargs) == ("test", {"split": "test"})
    assert tuple(spec.task_id for spec in plan.specs()) == SUMS.ids("test")


def test_a_split_among_the_environments_arguments_counts():
    assert make_plan(ADDING, ["random"], env_kwargs={"split": "train"}).task_ids == SUMS.ids("train")


def test_an_environment_without_tasks_is_played_once():
    plan = make_plan("CartPole-v1", ["random"])
    assert [(s.task_id, s.seed) for s in plan.specs()] == [(None, 0)]
    assert plan.split is None


def test_a_module_before_the_id_is_imported():
    assert make_plan(ADDING_ANYWHERE, ["random"]).episodes == len(SUMS.ids("test"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"agents": []}, "needs an agent"),
        ({"agents": ["random", "random"]}, "named twice"),
        ({"episodes": 0}, "episodes is 0; it must be at least 1"),
        ({"seed": -1}, "seed is -1"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"episode_timeout_s": 0.0}, "must be above 0"),
        ({"env_kwargs": {"delay_s": {1}}}, "must be JSON values"),
        ({"env_kwargs": {"colour": 1}}, "takes no argument 'colour'; it takes delay_s, max_turns"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(settings, message):
    with pytest.raises(InvalidPlan, match=message):
        make_plan(ADDING, **{"agents": ["random"], **settings})


def test_a_split_of_an_environment_without_splits_is_refused():
    with pytest.raises(InvalidPlan, match="has no splits"):
        make_plan("CartPole-v1", ["random"], split="test")


@pytest.mark.parametrize("env_id", ["test/Addin-v0", "Adding-v0", "no.such.module:x", "rsi/", ""])
def test_an_unknown_environment_is_named_with_the_nearest(env_id):
    with pytest.raises(EnvironmentNotFound):
        open_environment(env_id)
