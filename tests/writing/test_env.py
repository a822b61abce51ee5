# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""rsi/Writing-v0 pays for constraints met and comparisons won, says who judged, and never invents a score."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from rsi_agents.errors import AgentNotFound
from rsi_envs.core.errors import EnvironmentFault, InvalidOption, TaskFileError, TaskNotFound
from rsi_envs.writing import WritingEnv
from tests.agents.fake_provider import fails, says

TASK = {
    "id": "greet",
    "split": "test",
    "genre": "letter",
    "assignment": "Greet a neighbour.",
    "criteria": "Warmth.",
    "constraints": [{"kind": "words", "most": 4}, {"kind": "begins", "text": "Dear", "least": 1}],
    "references": [
        {"level": "poor", "text": "Go away now, all of you, please."},
        {"level": "fair", "text": "Dear neighbour, I would like to greet you."},
        {"level": "good", "text": "Dear Ana, welcome home!"},
    ],
}
FOR_THE_FIRST = says('{"rationale": "The first is warmer.", "ranking": "A > B"}')


@pytest.fixture
def tasks(tmp_path):
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps(TASK), "utf-8")
    return str(path)


def write(env: WritingEnv, *texts: str) -> dict[str, Any]:
    env.reset(seed=0, options={"task_id": "greet"})
    for text in texts:
        observation, reward, terminated, truncated, info = env.step(text)
    return {"observation": observation, "reward": reward, "over": terminated or truncated} | info


def test_the_assignment_says_what_is_checked_and_judged(tasks):
    observation, info = WritingEnv(tasks=tasks, split="test").reset(seed=0)
    assert observation == (
        "Greet a neighbour.\n\nWhat a program checks:\n\n- It has at most 4 words.\n- It begins with “Dear”.\n\n"
        "What the judges look at: Warmth.\n\nYour whole reply is the text, nothing before it and nothing after it."
    )
    assert info["task_id"] == "greet"


@pytest.mark.parametrize(
    ("text", "met", "wins", "beaten", "place"),
    [
        ("Dear Bo, hello!", 1.0, (1 + 1 + 0.5) / 3, 2, 1),
        ("Hello Bo!", 0.5, (1 + 0.5 + 0) / 3, 1, 2),
        ("Hello to you, my good neighbour Bo!", 0.0, (0.5 + 0 + 0) / 3, 0, 4),
    ],
)
def test_without_a_model_the_constraints_judge(tasks, text, met, wins, beaten, place):
    last = write(WritingEnv(tasks=tasks), text)
    verdict = last["verdict"]
    assert verdict["parts"]["constraints"] == met
    assert verdict["parts"]["win_rate"] == pytest.approx(wins)
    assert verdict["score"] == last["reward"] == pytest.approx((met + wins) / 2)
    assert (verdict["references_beaten"], verdict["references"]) == (beaten, 3)
    assert verdict["judged_by"] == ["constraints"]
    assert verdict["health"]["swap_consistency"] == 1.0
    assert len(verdict["votes"]) == 6
    assert verdict["parts"]["place"] == place


def test_judges_are_told_the_demands_and_what_a_program_found(tasks, provider):
    provider.script = [FOR_THE_FIRST]
    write(WritingEnv(tasks=tasks, judges=[provider.name]), "Hello to you, my good neighbour Bo!")
    assert len(provider.requests) == 6
    for request in provider.requests:  # in whichever order they came, for they are asked at the same time
        asked = request["messages"][-1]["content"]
        (label,) = re.findall(r"\[\[candidate ([AB]) · \w+\]\]\nHello to you", asked)
        assert "What a program checks:\n\n- It has" in asked
        assert f"Candidate {label} meets 0 of the 2 demands that a program checks. Not met:" in asked
        assert f"Candidate {'BA'['AB'.index(label)]} meets" in asked


def test_every_reference_is_compared_in_both_orders_and_nothing_else(tasks, provider):
    provider.script = [FOR_THE_FIRST]
    verdict = write(WritingEnv(tasks=tasks, judges=[provider.name]), "Dear Bo, hello!")["verdict"]
    assert len(provider.requests) == 6
    shown = [request["messages"][-1]["content"] for request in provider.requests]
    assert all("Dear Bo, hello!" in text for text in shown)
    # A judge that always prefers the first is worth nothing, and its health says so.
    assert verdict["parts"]["win_rate"] == 0.5
    assert verdict["health"]["swap_consistency"] == 0.0
    assert verdict["judged_by"] == [provider.name]


def test_votes_count_what_the_file_of_weights_says(tasks, tmp_path):
    weights = tmp_path / "weights.json"
    weights.write_text('{"constraints": 3, "longest": 1}', "utf-8")
    judges = ["constraints", "longest"]
    alike = write(WritingEnv(tasks=tasks, judges=judges), "Dear Bo!")["verdict"]["parts"]["win_rate"]
    weighed = write(WritingEnv(tasks=tasks, judges=judges, weights=str(weights)), "Dear Bo!")["verdict"]["parts"]
    # By constraints it wins 5 of 6 comparisons, by length none.
    assert alike == pytest.approx((5 / 6 + 0) / 2)
    assert weighed["win_rate"] == pytest.approx(5 / 6 * 3 / 4)
    with pytest.raises(InvalidOption, match="no weight for the judge 'first'"):
        WritingEnv(tasks=tasks, judges=["first"], weights=str(weights))


def test_an_unreachable_panel_leaves_the_episode_unscored(tasks, provider):
    provider.script = [fails(500)]
    last = write(WritingEnv(tasks=tasks, judges=[f"{provider.name}&max_attempts=1"]), "Dear Bo, hello!")
    assert last["over"]
    assert "score" not in last["verdict"]
    assert last["verdict"]["unscored"].startswith("0 of 1 judges gave a ranking")
    assert last["reward"] == 0.0
    assert last["verdict"]["parts"] == {"constraints": 1.0}


def test_a_text_may_be_revised_after_the_panels_critique(tasks, provider):
    provider.script = [FOR_THE_FIRST]
    env = WritingEnv(tasks=tasks, judges=[provider.name], revisions=1)
    first = write(env, "Hello Bo!")
    assert not first["over"]
    found = "Your text meets 1 of the 2 demands that a program checks. Not met: It begins with “Dear”."
    assert f"- {found}\n" in first["observation"]
    assert "yours being candidate A: The first is warmer." in first["observation"]
    assert "verdict" not in first
    last = write(env, "Hello Bo!", "Dear Bo!")
    assert last["over"]
    assert last["verdict"]["parts"]["constraints"] == 1.0


def test_a_duel_is_against_the_opponents_text(tasks, provider):
    provider.script = [says("Hello Bo!")]
    env = WritingEnv(tasks=tasks, opponent=provider.name)
    verdict = write(env, "Dear Bo, hello!")["verdict"]
    assert verdict["passed"] is True
    assert verdict["parts"] == {"constraints": 1.0, "win_rate": 1.0}
    assert "references_beaten" not in verdict
    assert "Greet a neighbour." in provider.requests[0]["messages"][-1]["content"]
    assert write(env, "Hi!")["verdict"]["parts"]["win_rate"] == 0.5
    env.close()
    env.close()


def test_an_opponent_that_breaks_is_no_fault_of_the_agent(tasks):
    env = WritingEnv(tasks=tasks, opponent="longest")
    env.reset(seed=0, options={"task_id": "greet"})
    with pytest.raises(EnvironmentFault, match="the opponent 'longest' broke: NothingToJudge"):
        env.step("Dear Bo!")


def test_replies_without_a_word_may_be_given_again_and_then_score_zero(tasks):
    env = WritingEnv(tasks=tasks)
    again = write(env, " \n-")
    assert (again["over"], again["malformed"]) == (False, "the reply holds no word")
    last = write(env, "", "…", "\n")
    assert (last["over"], last["verdict"]["score"]) == (True, 0.0)
    assert last["verdict"]["reason"] == "no text in 3 attempts"


def test_bad_arguments_are_named(tasks):
    with pytest.raises(InvalidOption, match="revisions is -1"):
        WritingEnv(revisions=-1)
    with pytest.raises(InvalidOption, match="judges of different names"):
        WritingEnv(judges=[])
    with pytest.raises(InvalidOption, match="rule is 'dictator'"):
        WritingEnv(rule="dictator")
    with pytest.raises(AgentNotFound):
        WritingEnv(opponent="nobody")
    env = WritingEnv(tasks=tasks)
    env.reset(options={"task_id": "greet"})
    with pytest.raises(TaskNotFound, match="references poor, fair, good, not 'best'"):
        env.reference_action("best")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"references": TASK["references"][:1]}, "field 'references': expected at least two"),
        ({"references": [{"text": "x"}]}, "field 'references': expected objects with level and text"),
        ({"constraints": [{"kind": "rhymes", "least": 1}]}, "field 'constraints': kind is 'rhymes'"),
        ({"split": "dev"}, "field 'split': 'dev' is not among"),
        ({"assignment": 3}, "field 'assignment': expected text, got int"),
        ({"title": "x"}, "field 'title': is not among assignment"),
    ],
)
def test_a_broken_assignment_is_named_by_line_and_field(tmp_path, change, problem):
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps({**TASK, **change}), "utf-8")
    with pytest.raises(TaskFileError) as caught:
        WritingEnv(tasks=str(path))
    assert str(caught.value).startswith(f"{path}, line 1: {problem}")


def test_a_text_can_be_tried_on_the_constraints_without_a_turn(tasks, tmp_path):
    env = WritingEnv(tasks=tasks, split="test")
    _, info = env.reset(seed=0)
    texts = {"Dear Bo!": 1.0, "Hello Bo!": 0.5, "Hello to you, my good Bo!": 0.0, "  ": 0.0}
    assert {text: env.preview(text) for text in texts} == texts
    assert [constraint["kind"] for constraint in info["constraints"]] == ["words", "begins"]
    assert env.step("Dear Bo, hello!")[4]["verdict"]["parts"]["constraints"] == 1.0
    path = tmp_path / "free.jsonl"
    path.write_text(json.dumps(TASK | {"constraints": []}), "utf-8")
    free = WritingEnv(tasks=str(path), split="test")
    free.reset(seed=0)
    assert free.preview("Dear Bo!") is None


@pytest.mark.parametrize("judge", ["feedback", "constraints"])
def test_an_opponent_may_choose_by_the_constraints(tasks, judge):
    drawing = "python:tests.agents.fakes:FakeDrawingReference?levels=poor,good"
    duel = write(WritingEnv(tasks=tasks, opponent=f"best_of?n=12&judge={judge} of {drawing}"), "Dear neighbour, hello!")
    # The good reference, whose constraints are all met as well.
    assert duel["verdict"]["parts"]["win_rate"] == 0.5
