# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A trial is told with its truth, what the judge said, and how right it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsi_envs.core.story import CastVote, told
from rsi_envs.judge import JudgeEnv, MetaJudgeEnv
from tests.judge.test_env import THREE
from tests.recorded import Reciting, recorded, story_of


@pytest.fixture
def three(tmp_path: Path) -> str:
    path = tmp_path / "three.jsonl"
    path.write_text(json.dumps(THREE), "utf-8")
    return str(path)


def answer(ranking: str, rationale: str = "") -> str:
    return json.dumps({"ranking": ranking, "rationale": rationale})


def test_candidates_are_told_with_their_true_places(three: str) -> None:
    env = JudgeEnv(tasks=three)
    assignment, *candidates, _, rightness, _ = story_of(env, "reference:oracle", task_id="t", seed=3)
    assert (assignment.title, assignment.text) == ("Assignment", "Sort.")
    places = {candidate.text: candidate.title for candidate in candidates}
    assert [places[text].partition(", ")[2] for text in ("best", "mid", "worst")] == [
        "in truth 1 of 3",
        "in truth 2 of 3",
        "in truth 3 of 3",
    ]
    assert [candidate.title[:11] for candidate in candidates] == ["Candidate A", "Candidate B", "Candidate C"]
    truth = " > ".join(places[text][10] for text in ("best", "mid", "worst"))
    assert rightness.rows == (("the right ranking", truth), ("ranked rightly", "yes"), ("agreement", "1"))


def test_answers_that_could_not_be_read_abstain(three: str) -> None:
    env = JudgeEnv(tasks=three)
    told_ = story_of(env, Reciting("A", answer("B > A = C", "B is best.")), task_id="t")
    assert told_[4].votes == (
        CastVote("the agent", "", "", abstained='the answer holds no JSON object with "ranking"'),
        CastVote("the agent", "B > A = C", "B is best."),
    )
    *_, votes, rightness, _ = story_of(env, Reciting("A", "B", "C"), task_id="t")
    assert all(vote.abstained for vote in votes.votes)
    assert rightness.rows[1] == ("ranked rightly", "no")


def test_the_second_question_is_told_in_the_letters_of_the_first(three: str) -> None:
    env = JudgeEnv(tasks=three, swap=True)
    *_, votes, rightness, _ = story_of(env, Reciting(answer("A > B > C"), "What?", answer("A > B > C")), task_id="t")
    assert [vote.ranking for vote in votes.votes] == [
        "A > B > C",
        "",
        "C (shown as A) > B > A (shown as C)",
    ]
    assert dict(rightness.rows)["consistent"] == "0"


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(["constraints", "outputs"]), st.booleans())
def test_the_truth_of_a_record_is_what_the_oracle_said(number: int, kind: str, swap: bool) -> None:
    env = JudgeEnv(kind=kind, swap=swap)
    record = recorded(env, "reference:oracle", task_id=f"{kind}/train/{number}")
    *_, votes, rightness, _ = told(JudgeEnv, record)
    assert votes.votes[0].ranking == record.steps[-1].info["truth"]
    assert dict(rightness.rows)["ranked rightly"] == "yes"
    assert ["truth" in step.info for step in record.steps] == [False] * (len(record.steps) - 1) + [True]


def test_what_a_program_checks_of_candidates_is_told() -> None:
    record = recorded(JudgeEnv(kind="constraints"), "reference:oracle")
    _, *candidates, _, _, _ = told(JudgeEnv, record)
    best, worst = sorted(candidates, key=lambda candidate: candidate.title[-6:])
    assert all(check.passed for check in best.checks)
    assert not all(check.passed for check in worst.checks)


def test_judgements_are_told_as_candidates_are() -> None:
    assignment, *candidates, votes, _, _ = story_of(MetaJudgeEnv(), "random")
    assert assignment.text.startswith("This is the assignment:")
    assert all("ranking" in json.loads(candidate.text) for candidate in candidates)
    assert votes.votes[0].ranking


def test_a_record_without_the_truth_is_told_without_it(three: str) -> None:
    record = recorded(JudgeEnv(tasks=three), "reference:wrong", task_id="t")
    last = record.steps[-1]
    info = {key: value for key, value in last.info.items() if key != "truth"}
    _, first, *_, rightness, _ = told(JudgeEnv, replace(record, steps=(replace(last, info=info),)))
    assert first.title == "Candidate A"
    assert rightness.rows == (("ranked rightly", "no"), ("agreement", "0"))
