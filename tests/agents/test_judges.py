# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Judges by name, and language models as judges, whatever their server does."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import gymnasium as gym
import pytest

from rsi_agents import make_agent, rollout
from rsi_agents.errors import NothingToJudge
from rsi_envs.core.constraints import Constraint
from rsi_envs.core.errors import Abstained, EnvironmentFault, ModelUnreachable
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judgements import schema
from rsi_envs.core.judging import JudgingTask
from rsi_envs.core.panel import Panel, Seat
from tests.agents.adding_env import ADDING
from tests.agents.fake_provider import HANGS, Answer, fails, says

TASK = JudgingTask("Say it in two words.", ("one", "two words", "many more words"), "", (Constraint("words", most=2),))
PAIR = TASK.shown_as((1, 2))
READABLE = says('{"rationale": "It is two words.", "ranking": "A > B"}')


@pytest.mark.parametrize(
    ("name", "order"),
    [("first", ((0,), (1,), (2,))), ("longest", ((2,), (1,), (0,))), ("constraints", ((0, 1), (2,)))],
)
def test_judges_without_a_model_follow_their_rule(name, order):
    assert AgentJudge(name).judge(TASK).order == order


def test_a_random_judge_gives_every_ranking_and_the_same_for_the_same_seed():
    orders = [AgentJudge("random").judge(TASK, seed=seed).order for seed in range(60)]
    assert len(set(orders)) == 6
    assert orders[:10] == [AgentJudge("random").judge(TASK, seed=seed).order for seed in range(10)]


def test_a_judge_plays_nothing_else():
    with pytest.raises(NothingToJudge, match="no candidates to judge"):
        rollout(gym.make(ADDING), make_agent("longest"), seed=0)


def test_a_model_is_asked_for_the_schema(provider):
    provider.script = [READABLE]
    ranking = AgentJudge(provider.name).judge(PAIR, seed=3)
    assert ranking.order == ((0,), (1,))
    assert ranking.rationale == "It is two words."
    assert ranking.usage.total_tokens == 10
    request = provider.requests[0]
    assert request["response_format"]["json_schema"]["schema"] == schema(2)
    assert [message["role"] for message in request["messages"]] == ["system", "user"]


def test_a_soft_judge_is_as_sure_as_its_tokens(provider, tmp_path):
    odds = {"A": math.log(0.6), "B": math.log(0.2), "x": math.log(0.2)}
    pieces = [('{"rationale": "", "ranking":', {}), (' "', {}), ("A", odds), (" > B", {}), ('"}', {})]
    provider.script = [says("".join(text for text, _ in pieces), logprobs=pieces)]
    judge = AgentJudge(f"{provider.name}&soft=true&cache={tmp_path / 'replies'}")
    for _ in range(2):
        assert judge.judge(PAIR, seed=0).probabilities == {0: pytest.approx(0.75), 1: pytest.approx(0.25)}
    (request,) = provider.requests
    assert (request["logprobs"], request["top_logprobs"]) == (True, 20)


def test_a_soft_judge_without_odds_gives_its_ranking_alone(provider):
    provider.script = [READABLE]
    assert AgentJudge(f"{provider.name}&soft=true").judge(PAIR).probabilities is None


def test_a_judge_is_not_soft_unless_told(provider):
    provider.script = [READABLE]
    AgentJudge(provider.name).judge(PAIR)
    assert not {"logprobs", "top_logprobs"} & set(provider.requests[0])


def test_a_server_without_schemas_is_asked_without(provider):
    provider.script = [fails(400), READABLE]
    assert AgentJudge(provider.name).judge(PAIR).order == ((0,), (1,))
    assert ["response_format" in request for request in provider.requests] == [True, False]


def test_a_server_is_asked_for_a_schema_once_only(provider):
    provider.script = [fails(400), says("?"), READABLE]
    AgentJudge(provider.name).judge(PAIR)
    assert ["response_format" in request for request in provider.requests] == [True, False, False]


def test_a_panel_asks_a_server_for_a_schema_once_only(provider):
    provider.script = [fails(400), READABLE]
    panel = Panel([Seat(AgentJudge(provider.name))], concurrency=1)
    for _ in range(3):
        panel.judge(PAIR)
    assert ["response_format" in request for request in provider.requests] == [True] + [False] * 6


def test_a_judge_that_breaks_is_named():
    with pytest.raises(EnvironmentFault, match="the judge 'reference:good' broke: NoReferences"):
        AgentJudge("reference:good").judge(PAIR)


@pytest.mark.parametrize(
    "answer",
    [
        says(""),
        says("I can't help with that."),
        says('{"rationale": "half an ans'),
        says('{"winner": "A"}'),
        says('{"ranking": "A > Z"}'),
    ],
    ids=["empty", "refusal", "half JSON", "wrong schema", "unknown letter"],
)
def test_unreadable_answers_are_asked_again_and_then_an_abstention(provider, answer):
    provider.script = [answer, READABLE]
    assert AgentJudge(provider.name).judge(PAIR).order == ((0,), (1,))
    assert len(provider.requests) == 2
    provider.script = [answer]
    with pytest.raises(Abstained, match="in 3 attempts"):
        AgentJudge(provider.name).judge(PAIR)


@pytest.mark.parametrize(
    "answer",
    [
        fails(429, retry_after="0"),
        fails(500),
        fails(503),
        Answer(b'{"id": "r", "choices": [{"index"'),
        replace(READABLE, cut=True),
        HANGS,
    ],
    ids=["429", "500", "503", "half a reply", "connection cut", "hangs"],
)
def test_passing_faults_are_passed_over_and_lasting_ones_an_abstention(provider, answer):
    provider.script = [answer, READABLE]
    assert AgentJudge(f"{provider.name}&max_attempts=2&timeout_s=2").judge(PAIR).order == ((0,), (1,))
    provider.script = [answer]
    silent = AgentJudge(f"{provider.name}&max_attempts=1&timeout_s=2")
    with pytest.raises(ModelUnreachable):
        silent.judge(PAIR)
    opinion = Panel([Seat(silent), Seat(AgentJudge("constraints"))], quorum=1).judge(PAIR)
    assert opinion.ranking.order == ((0,), (1,))
    assert opinion.health.abstentions == 0.5
    assert Panel([Seat(silent)]).judge(PAIR).unscored.startswith("0 of 1 judges gave a ranking, and 1 must")


def test_a_panels_votes_are_json(provider):
    provider.script = [READABLE]
    opinion = Panel([Seat(AgentJudge(provider.name)), Seat(AgentJudge("constraints"))]).judge(PAIR)
    votes = json.loads(json.dumps([vote.as_dict() for vote in opinion.votes]))
    assert [vote["order"] for vote in votes] == [[[0], [1]], [[1], [0]], [[0], [1]], [[0], [1]]]
    assert opinion.health.swap_consistency == 0.5
