# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Several agents as one: by feedback, by a judge, by majority, on a player's seat and on an environment's."""

from __future__ import annotations

from urllib.parse import quote

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents import UnfitEnvironment, make_agent, rollout
from rsi_agents.policies.best_of import BestOf
from rsi_agents.policies.majority import Majority, meaning_of
from rsi_agents.policies.wrapping import WrappingAgent
from rsi_envs.core.budget import Budget
from rsi_envs.core.errors import BudgetExhausted, EnvironmentFault
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judging import JudgingTask
from rsi_envs.core.panel import Panel, Seat
from rsi_envs.core.personas import PERSONAS
from tests.agents.adding_env import ADDING
from tests.agents.fake_provider import says
from tests.agents.fakes import HINTING, MASKED, FakeRecordingAgent, FakeScriptedAgent, FakeTellingAgent

FAKES = "python:tests.agents.fakes"
DRAWING = f"{FAKES}:FakeDrawingAgent"
TASK = {"task_id": "1+2"}
PAIR = JudgingTask("Which is it?", ("this", "that"))


def of_scripts(*scripts: str) -> list[FakeTellingAgent]:
    return [FakeTellingAgent(script=script) for script in scripts]


def played(env_id, agent, seed=0):
    return rollout(gym.make(env_id), agent, seed=seed, options=TASK)


def actions(trajectory) -> list[str]:
    return [step.action for step in trajectory.steps]


def test_feedback_chooses_the_best_candidate():
    agent = BestOf(of_scripts("9", "3", "4"))
    assert played(HINTING, agent).verdict.score == 1.0
    assert agent.trace == {"candidates": ["9", "3", "4"], "scores": [1 / 7, 1.0, 0.5], "chosen": 1}


def test_of_equals_the_first_is_played():
    agent = BestOf(of_scripts("9", "2", "4"))
    assert actions(played(HINTING, agent))[0] == "2"


def test_a_candidate_without_feedback_stands_behind_those_with_it():
    assert actions(played(HINTING, BestOf(of_scripts("?", "99", "?"))))[0] == "99"
    assert actions(played(HINTING, BestOf(of_scripts("?", "?"))))[0] == "?"


def test_agents_that_drew_others_are_told_what_was_played_and_only_they():
    inner = of_scripts("9", "4", "5")
    played(HINTING, BestOf(inner))
    # The wrong number that was played earns a second turn.
    assert [agent.overrules for agent in inner] == [["4", "4"], [], ["4", "4"]]


def test_within_another_wrapper_everybody_is_told():
    inner = of_scripts("9", "9", "4")
    played(HINTING, BestOf([Majority(inner[:2]), Majority(inner[2:])]))
    assert [agent.overrules[-1:] for agent in inner] == [["4"], ["4"], []]


def test_an_environment_without_feedback_is_named():
    with pytest.raises(UnfitEnvironment, match=r"^test/Adding-v0 gives no feedback .*best_of\?judge="):
        played(ADDING, make_agent("best_of of random"))


@pytest.mark.parametrize("name", ["best_of?judge=first", "reflexion", "self_refine"])
def test_what_is_not_played_in_text_is_refused_by_what_handles_text(name):
    who = name.partition("?")[0]
    with pytest.raises(
        UnfitEnvironment, match=rf"^{who} reads and writes text, but test/FakeMasked-v0 .* Discrete\(5\)"
    ):
        rollout(gym.make(MASKED), make_agent(f"{name} of random"), seed=0)


def test_a_judge_chooses_whatever_the_order_of_candidates():
    agent = BestOf(of_scripts("short", "the longest", "longer"), Panel([Seat(AgentJudge("longest"))]))
    assert actions(played(ADDING, agent))[0] == "the longest"


def test_a_judge_that_prefers_a_place_leaves_a_tie_and_the_first_is_played():
    assert actions(played(ADDING, BestOf(of_scripts("a", "b"), Panel([Seat(AgentJudge("first"))]))))[0] == "a"


def test_a_judge_is_not_asked_where_all_candidates_are_alike(provider):
    name = f"best_of?n=3&judge={quote(provider.name)} of {FAKES}:FakeScriptedAgent"
    played(ADDING, make_agent(name))
    assert provider.requests == []


def test_a_judge_that_can_not_be_read_chooses_nothing_and_its_tokens_are_counted(provider):
    provider.script = [says("?")]
    drawing = f"{DRAWING}?most=1000000"
    trajectory = played(ADDING, make_agent(f"best_of?n=2&judge={quote(provider.name)} of {drawing}"))
    assert actions(trajectory) == actions(played(ADDING, make_agent(drawing)))
    assert trajectory.usage.total_tokens == 10 * len(provider.requests) == 2 * 2 * 3 * 10


def test_a_judge_is_somebody_and_shown_the_assignment_and_what_came_last(provider):
    provider.script = [says('{"ranking": "A > B"}')]
    played(ADDING, make_agent(f"best_of?n=2&judge={quote(provider.name)}+as+sceptic of {DRAWING}?most=1000000"))
    questions = [request["messages"] for request in provider.requests]
    assert len(questions) == 4
    assert all(system["content"].startswith(PERSONAS["sceptic"]) for system, _ in questions)
    assert all("What is 1+2?" in user["content"] for _, user in questions)
    assert ["Not so; try again." in user["content"] for _, user in questions] == [False, False, True, True]


def test_constraints_choose_where_the_environment_says_what_is_checked():
    env = gym.make("rsi/Writing-v0")
    env.reset(seed=0)
    texts = [env.unwrapped.reference_action(level) for level in ("poor", "good")]
    for panel in (None, Panel([Seat(AgentJudge("constraints"))])):
        agent = BestOf(of_scripts(*texts), panel)
        assert actions(rollout(env, agent, seed=0)) == [texts[1]]
    env.close()


@given(st.lists(st.sampled_from(["1", "2", " 2", "3\n"]), min_size=1, max_size=8))
def test_a_majority_is_the_first_drawn_of_the_most_frequent(drawn):
    agent = Majority([FakeScriptedAgent(action=action) for action in drawn])
    agent.reset(0)
    meant = [action.strip() for action in drawn]
    most = max(map(meant.count, meant))
    assert agent.act("", {}) == next(action for action in drawn if meant.count(action.strip()) == most)


@pytest.mark.parametrize(
    ("one", "other", "info"),
    [
        ("a\n", " a", {}),
        ('{"name": "f", "arguments": {"x": 1, "y": 2}}', '{"arguments":{"y":2,"x":1},"name":"f"}', {}),
        ("I play <move>e2e4</move>.", "e2e4", {"legal_actions": ["e2e4", "d2d4"]}),
        ('{"rationale": "So.", "ranking": "A = B > C"}', "Ranking: B=A>C", {"judging": {"candidates": "abc"}}),
        (np.int64(3), 3, {}),
    ],
)
def test_what_differs_in_writing_alone_is_the_same(one, other, info):
    assert meaning_of(one, info) == meaning_of(other, info) is not None


@pytest.mark.parametrize(
    ("one", "other", "info"),
    [
        ("a b", "ab", {}),
        ("not e2e4 but d2d4", "e2e4", {"legal_actions": ["e2e4", "d2d4"]}),
        ("A > B", '{"ranking": "B > A"}', {"judging": {"candidates": "ab"}}),
        ("[" * 100_000, "[", {}),
        (3, 4, {}),
    ],
)
def test_what_differs_otherwise_is_not(one, other, info):
    assert meaning_of(one, info) != meaning_of(other, info)


def test_judgements_that_can_not_be_read_never_outvote_one_that_can():
    agent = Majority(of_scripts("Well.", "Well.", '{"ranking": "B > A"}'))
    agent.reset(0)
    assert agent.act("", {"judging": {"candidates": ["x", "y"]}}) == '{"ranking": "B > A"}'
    assert agent.trace["scores"] == [0, 0, 1]


def test_a_majority_plays_what_is_no_text_too():
    agent = make_agent("majority?n=3 of random")
    assert rollout(gym.make(MASKED), agent, seed=0).reward == 10.0


@pytest.mark.parametrize("name", ["majority?n=3", "best_of?n=3", "majority?n=2 of best_of?n=2"])
def test_the_same_seed_draws_the_same_and_another_draws_other(name):
    agent = make_agent(f"{name} of {DRAWING}?most=1000")
    traces = []
    for seed in (5, 5, 6):
        played(HINTING, agent, seed)
        traces.append(agent.trace)
    assert traces[0] == traces[1] != traces[2]


def test_every_agent_within_has_a_seed_of_its_own_and_the_first_plays_as_if_it_were_bare():
    inner = of_scripts(*"123456789")
    BestOf([Majority(inner[i : i + 3]) for i in (0, 3, 6)]).reset(7)
    seeds = [agent.seeds[0] for agent in inner]
    assert seeds[0] == 7
    assert len(set(seeds)) == 9
    # Gemini's API takes no seed beyond an int32.
    assert all(0 <= seed < 2**31 for seed in seeds)
    Majority(inner).reset(None)
    assert {agent.seeds[1] for agent in inner} == {None}


def test_the_trace_holds_that_of_the_agent_whose_action_is_played():
    agent = BestOf([Majority(of_scripts("9")), Majority(of_scripts("3"))])
    played(HINTING, agent)
    assert agent.trace["inner"] == {"candidates": ["3"], "scores": [1], "chosen": 0}


def test_a_wrapper_that_tells_nothing_leaves_no_trace():
    class Passing(WrappingAgent):
        def act(self, observation, info):
            return self._inner[0].act(observation, info)

    assert played(ADDING, Passing(of_scripts("3"))).steps[0].trace == {}


def test_all_agents_within_spend_from_the_runs_budget_and_are_counted():
    budget = Budget(max_tokens=45)
    agent = make_agent(f"majority?n=2 of majority?n=2 of {FAKES}:FakeMeteredAgent", budget=budget)
    with pytest.raises(BudgetExhausted):
        played(ADDING, agent)
    assert budget.spent == agent.usage
    assert 40 <= budget.spent.total_tokens < 90


def test_every_optional_method_reaches_the_agents_within():
    FakeRecordingAgent.calls.clear()
    agent = make_agent(f"majority?n=2 of {FAKES}:FakeRecordingAgent?action=3")
    played(ADDING, agent, seed=5)
    agent.close()
    calls = FakeRecordingAgent.calls
    assert calls[:3] == ["attach", "attach", "reset 5"]
    assert calls[4:] == ["act", "act", "observe True", "observe True", "close", "close"]


def test_closing_goes_on_where_one_agent_fails_to_close():
    closed = []

    class Closing(FakeScriptedAgent):
        def close(self):
            closed.append(self)
            raise OSError("stuck")

    with pytest.raises(OSError, match="stuck"):
        Majority([Closing(), Closing()]).close()
    assert len(closed) == 2


def test_models_go_on_from_what_was_played(provider):
    provider.script = [says("4"), says("4"), says("9"), says("3")]
    played(ADDING, make_agent(f"majority?n=3 of {provider.name}"))
    conversations = [request["messages"] for request in provider.requests[3:]]
    assert len(conversations) == 3
    for conversation in conversations:
        assert [message["role"] for message in conversation] == ["system", "user", "assistant", "user"]
        assert conversation[2]["content"] == "4"
    assert len({request["seed"] for request in provider.requests[:3]}) == 3


def test_a_model_goes_on_from_a_tool_call_that_was_played_for_it(provider):
    agent = make_agent(provider.name)
    env = gym.make(ADDING)
    agent.attach(env)
    agent.reset(0)
    agent.act(*env.reset(seed=0))
    agent.overruled('{"name": "answer", "arguments": {"number": 9}}')
    agent.act("Not so.", {})
    call, result = provider.requests[1]["messages"][-2:]
    assert call["tool_calls"][0]["function"] == {"name": "answer", "arguments": '{"number": 9}'}
    assert result == {"role": "tool", "tool_call_id": call["tool_calls"][0]["id"], "content": "Not so."}


def test_a_wrapped_model_judges_as_somebody(provider):
    provider.script = [says('{"ranking": "A > B"}'), says('{"ranking": "B > A"}')]
    ranking = AgentJudge(f"majority?n=3 of {provider.name} as sceptic").judge(PAIR, seed=0)
    assert ranking.order == ((1,), (0,))
    assert ranking.usage.calls == 3
    assert all(request["messages"][0]["content"].startswith(PERSONAS["sceptic"]) for request in provider.requests)


def test_a_wrapper_that_needs_feedback_judges_nothing():
    with pytest.raises(EnvironmentFault, match="the judge 'best_of of random' broke: UnfitEnvironment"):
        AgentJudge("best_of of random").judge(PAIR)


def test_a_wrapped_agent_is_an_opponent():
    env = gym.make("rsi/ChessText-v0", opponent="majority?n=3 of random", max_plies=8)
    first, again = (rollout(env, make_agent("random"), seed=3) for _ in range(2))
    assert actions(first) == actions(again)
    assert first.verdict.score is not None
    env.close()
