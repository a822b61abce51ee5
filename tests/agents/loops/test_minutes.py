# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What was said to a loop's questions is kept, whole, and read back as it was."""

from __future__ import annotations

import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents.errors import RecordsDiskFull, RunFolderBroken
from rsi_agents.loops.asking import Asked
from rsi_agents.loops.minutes import KeptJudge, Minutes
from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.errors import Abstained, ModelUnreachable
from rsi_envs.core.judging import JudgingTask, Ranking
from tests.agents.fake_provider import FakeProvider, fails, says

TASK = JudgingTask("Do it.", ("one", "tw\u00f6"))


class FakeJudge:
    """Answers in turn, and counts."""

    name = "fake"

    def __init__(self, *answers):
        self.answers = list(answers)

    def judge(self, task, *, seed=None):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_judgement_is_given_again_as_it_was(tmp_path):
    ranking = Ranking(((1,), (0,)), "B\u00fccher \ud800", {0: 0.25, 1: 0.75}, Usage(3, 4, 0.5, 1))
    judge = FakeJudge(ranking, Ranking(((0, 1),)))
    first = KeptJudge(judge, Minutes(tmp_path / "said"))
    assert first.judge(TASK, seed=1) == first.judge(TASK, seed=1) == ranking
    assert first.judge(TASK, seed=2) == Ranking(((0, 1),))
    again = KeptJudge(FakeJudge(), Minutes(tmp_path / "said"))
    assert again.judge(TASK, seed=1) == ranking
    assert again.judge(TASK, seed=2) == Ranking(((0, 1),))


def test_an_abstention_is_kept_and_a_judge_that_is_away_is_asked_again(tmp_path):
    judge = FakeJudge(Abstained("mumbled"), ModelUnreachable("away"), Ranking(((0,), (1,))))
    kept = KeptJudge(judge, Minutes(tmp_path / "said"))
    for _ in range(2):
        with pytest.raises(Abstained, match="mumbled"):
            kept.judge(TASK, seed=1)
    with pytest.raises(ModelUnreachable):
        kept.judge(TASK, seed=2)
    assert kept.judge(TASK, seed=2).order == ((0,), (1,))


@given(st.integers(0, 400))
def test_wherever_the_file_is_cut_whole_answers_stay_and_the_next_can_be_kept(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("minutes") / "said"
    minutes = Minutes(path)
    for number in range(4):
        minutes.put(["q", number], {"text": str(number)})
    whole = path.read_bytes()
    os.truncate(path, min(cut, len(whole)))
    kept = whole[:cut].count(b"\n")
    again = Minutes(path)
    assert [again.get(["q", number]) for number in range(4)] == [
        {"text": str(number)} if number < kept else None for number in range(4)
    ]
    again.put("more", [1])
    assert Minutes(path).get("more") == [1]


def test_a_full_disk_leaves_no_half_of_an_answer(tmp_path, monkeypatch):
    minutes = Minutes(tmp_path / "said")
    minutes.put("one", 1)

    def half(descriptor, data):
        os.write(descriptor, data[:9])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("rsi_agents.records.disk.write_whole", half)
    with pytest.raises(RecordsDiskFull):
        minutes.put("two", 2)
    assert minutes.get("two") is None
    monkeypatch.undo()
    minutes.put("three", 3)
    assert Minutes(tmp_path / "said").get("three") == 3


def test_a_file_of_something_else_is_named(tmp_path):
    (tmp_path / "said").write_text('{"asked": "it"}\n')
    with pytest.raises(RunFolderBroken, match="said holds a line that is no answer"):
        Minutes(tmp_path / "said")


def asked(provider, path):
    return Asked(f"{provider.name}&max_attempts=1", Minutes(path), system_prompt="Be brief.", budget=Budget())


def shouts(answer):
    return None if answer.isupper() else "it is not loud"


def test_a_model_is_asked_until_its_answer_can_be_used(tmp_path):
    with FakeProvider() as provider:
        provider.script = [says("quiet"), says("LOUD")]
        for _ in range(2):
            answer = asked(provider, tmp_path / "said").ask("Say it.", shouts, "Again: {problem}.", seed=3)
            assert answer == "LOUD"
        assert len(provider.requests) == 2
        assert [message["content"] for message in provider.requests[1]["messages"]] == [
            "Be brief.",
            "Say it.",
            "quiet",
            "Again: it is not loud.",
        ]


def test_a_model_that_never_answers_rightly_or_refuses_gives_none_and_one_that_is_away_raises(tmp_path):
    with FakeProvider() as provider:
        provider.script = [says("quiet")]
        assert asked(provider, tmp_path / "said").ask("Say it.", shouts, "{problem}", seed=3) is None
        assert len(provider.requests) == 3
        provider.script = [fails(400)]
        assert asked(provider, tmp_path / "refused").ask("Say it.", shouts, "{problem}", seed=3) is None
        provider.script = [fails(500)]
        with pytest.raises(ModelUnreachable):
            asked(provider, tmp_path / "away").ask("Say it.", shouts, "{problem}", seed=3)
        provider.script = [says("LOUD")]
        assert asked(provider, tmp_path / "away").ask("Say it.", shouts, "{problem}", seed=3) == "LOUD"
