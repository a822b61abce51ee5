# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An agent notes why it failed, and is shown its notes when it meets the same task again within a run."""

from __future__ import annotations

import gymnasium as gym
import pytest

from rsi_agents import agent_factory, make_agent, rollout, run_plan
from rsi_agents.policies.reflexion import MOST_CHARACTERS, Memory, Reflexion
from rsi_envs.core.budget import Budget
from tests.agents.adding_env import ADDING
from tests.agents.fake_provider import fails, says
from tests.agents.fakes import LISTING, UNJUDGED, FakeLearningAgent, FakeTellingAgent, FakeUnjudgedEnv

LEARNING = "reflexion of python:tests.agents.fakes:FakeLearningAgent"


def play(agent, task_id="1+2", env_id=ADDING, **kwargs):
    kwargs.setdefault("max_turns", 1)
    return rollout(gym.make(env_id, **kwargs), agent, seed=0, options={"task_id": task_id})


def openings(agent: FakeTellingAgent) -> list[str]:
    return [observation for observation, info in agent.shown if info["tools"]]


def test_a_failed_trial_teaches_the_next_at_the_same_task():
    agent = make_agent(LEARNING)
    assert [play(agent).verdict.score for _ in range(3)] == [0.0, 1.0, 1.0]
    assert agent.trace == {"trial": 3, "notes": [FakeLearningAgent.NOTE]}


def test_another_task_is_not_told():
    inner = FakeTellingAgent(script="9|Think.|9|Think.|3")
    agent = Reflexion(inner, Memory(3))
    for task_id in ("1+2", "2+2", "1+2"):
        play(agent, task_id)
    first, other, again = openings(inner)
    assert first == "What is 1+2? Answer with a number alone."
    assert other == "What is 2+2? Answer with a number alone."
    assert again.endswith(first)
    assert "- Think.\n" in again


def test_a_note_is_asked_for_with_the_end_and_the_score_and_nothing_more():
    inner = FakeTellingAgent(script="9|Think.")
    play(Reflexion(inner, Memory(3)))
    request, info = inner.shown[-1]
    assert request.startswith("Done.\n\nThis is over, and it did not succeed: the score is 0.00 of 1.")
    assert info == {"task_id": "1+2", "split": None, "tools": [], "malformed": None, "metrics": {}}


def test_a_passed_trial_leaves_no_note():
    inner = FakeTellingAgent(script="3")
    play(Reflexion(inner, Memory(3)))
    assert len(inner.shown) == 1


def test_the_latest_notes_alone_are_shown():
    inner = FakeTellingAgent(script="9|first|9|second|9|third|9|fourth|9")
    agent = Reflexion(inner, Memory(2))
    for _ in range(4):
        play(agent)
    last = openings(inner)[-1]
    assert "- second\n- third\n" in last
    assert "first" not in last
    assert agent.trace["trial"] == 4


def test_notes_stand_before_the_assignment_alone():
    inner = FakeTellingAgent(script="9|9|Think.|9|9")
    agent = Reflexion(inner, Memory(1))
    for _ in range(2):
        play(agent, max_turns=2)
    assert openings(inner)[-1] == "Not so; try again."


def test_a_note_is_cut_and_an_empty_one_not_kept():
    memory = Memory(1)
    play(Reflexion(FakeTellingAgent(script="9|" + "x" * 5000), memory))
    assert memory.recall("1+2").notes == ("x" * MOST_CHARACTERS,)
    play(Reflexion(FakeTellingAgent(script="9|  "), memory), "2+2")
    assert memory.recall("2+2").notes == ()


def test_an_unscored_trial_has_not_failed(monkeypatch):
    monkeypatch.setattr(FakeUnjudgedEnv, "judge_is_back", False)
    inner = FakeTellingAgent(script="9")
    play(Reflexion(inner, Memory(1)), "3+1", UNJUDGED)
    assert len(inner.shown) == 1


@pytest.mark.parametrize(("passing_score", "asked"), [(None, 1), (0.5, 2)])
def test_where_nothing_is_called_passed_the_score_decides_if_one_is_set(passing_score, asked):
    inner = FakeTellingAgent(script="heads")
    rollout(gym.make(LISTING), Reflexion(inner, Memory(1), passing_score=passing_score), seed=0)
    assert len(inner.shown) == asked


def test_all_agents_of_a_factory_share_a_memory_and_others_have_their_own():
    make = agent_factory(LEARNING)
    assert play(make()).verdict.score == 0.0
    assert play(make()).verdict.score == 1.0
    assert play(make_agent(LEARNING)).verdict.score == 0.0


def test_a_run_learns_from_episode_to_episode(new_run):
    folder = new_run(agents=(LEARNING,), split="train", episodes=18, concurrency=1, env_kwargs={"max_turns": 1})
    run_plan(folder)
    scores = {record.index: record.verdict.score for record in folder.records() if record.task_id == "1+2"}
    assert [scores[index] for index in sorted(scores)] == [0.0, 1.0]


def test_a_model_that_gives_no_note_costs_the_note_and_not_the_episode(provider):
    provider.script = [says("9"), fails(400), says("9")]
    agent = make_agent(f"reflexion of {provider.name}")
    assert play(agent).verdict.score == 0.0
    play(agent)
    assert provider.requests[2]["messages"][-1]["content"] == "What is 1+2? Answer with a number alone."


def test_a_spent_budget_costs_the_note_and_not_the_episode(provider):
    provider.script = [says("9")]
    agent = make_agent(f"reflexion of {provider.name}", budget=Budget(max_tokens=10))
    trajectory = play(agent)
    assert trajectory.verdict.score == 0.0
    assert trajectory.usage.calls == 1


def test_the_tokens_of_a_note_are_the_episodes(provider):
    provider.script = [says("9"), says("Think.")]
    assert play(make_agent(f"reflexion of {provider.name}")).usage.calls == 2
