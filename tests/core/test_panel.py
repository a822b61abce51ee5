# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A panel asks everybody in both orders at once, counts only what was said, and says when that is too little."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

import pytest

from rsi_envs.core.budget import Usage
from rsi_envs.core.errors import Abstained, BudgetExhausted, InvalidOption, ModelUnreachable
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judging import JudgingTask, Ranking
from rsi_envs.core.panel import Panel, Seat

TASK = JudgingTask("Which is longer?", ("aa", "a", "aaa"), "Length.")


class FakeJudge:
    """Ranks by a rule, and remembers what it was asked."""

    def __init__(self, name: str, score: Callable[[str], float] = len) -> None:
        self.name = name
        self._score = score
        self.asked: list[tuple[JudgingTask, int | None]] = []

    def judge(self, task: JudgingTask, *, seed: int | None = None) -> Ranking:
        self.asked.append((task, seed))
        return Ranking.of_scores([self._score(text) for text in task.candidates], usage=Usage(1, 1, 0.0, 1))


class FakeSilentJudge(FakeJudge):
    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(name)
        self._error = error

    def judge(self, task: JudgingTask, *, seed: int | None = None) -> Ranking:
        raise self._error


def test_everybody_is_asked_in_both_orders() -> None:
    judges = [FakeJudge("a"), FakeJudge("b")]
    opinion = Panel([Seat(judge) for judge in judges]).judge(TASK, seed=1)
    for judge in judges:
        assert [task.candidates for task, _ in judge.asked] in ([("aa", "a", "aaa"), ("aaa", "a", "aa")],
                                                                [("aaa", "a", "aa"), ("aa", "a", "aaa")])  # fmt: skip
    assert opinion.ranking.order == ((2,), (0,), (1,))
    assert [(vote.judge, vote.shown) for vote in opinion.votes] == [
        ("a", (0, 1, 2)), ("a", (2, 1, 0)), ("b", (0, 1, 2)), ("b", (2, 1, 0)),
    ]  # fmt: skip
    assert opinion.health.swap_consistency == 1.0
    assert opinion.health.agreement == 1.0
    assert opinion.usage == Usage(4, 4, 0.0, 4)


def test_seeds_differ_by_question_and_come_from_the_panels() -> None:
    first, again, other = FakeJudge("a"), FakeJudge("a"), FakeJudge("a")
    for judge, seed in ((first, 1), (again, 1), (other, 2)):
        Panel([Seat(judge)], concurrency=1).judge(TASK, seed=seed)
    assert [seed for _, seed in first.asked] == [seed for _, seed in again.asked]
    seeds = {seed for judge in (first, other) for _, seed in judge.asked}
    assert len(seeds) == 4
    # Gemini's API takes no seed beyond an int32.
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_pairs_are_compared_two_at_a_time() -> None:
    judge = FakeJudge("a")
    opinion = Panel([Seat(judge)], comparing="pairs").judge(TASK)
    assert len(judge.asked) == 6
    assert all(len(task.candidates) == 2 for task, _ in judge.asked)
    assert opinion.scores == {0: 0.5, 1: 0.0, 2: 1.0}


def test_only_the_named_pairs_are_compared() -> None:
    judge = FakeJudge("a")
    opinion = Panel([Seat(judge)]).judge(TASK, pairs=[(0, 1), (0, 2)])
    assert len(judge.asked) == 4
    assert opinion.scores == {0: 0.5, 1: 0.0, 2: 1.0}


def test_a_seat_may_have_criteria_of_its_own() -> None:
    plain, own = FakeJudge("a"), FakeJudge("b")
    Panel([Seat(plain), Seat(own, criteria="Rhythm.")]).judge(TASK)
    assert {task.criteria for task, _ in plain.asked} == {"Length."}
    assert {task.criteria for task, _ in own.asked} == {"Rhythm."}


def test_weights_decide() -> None:
    short = FakeJudge("short", lambda text: -len(text))
    opinion = Panel([Seat(FakeJudge("long")), Seat(short, weight=3.0)]).judge(TASK)
    assert opinion.ranking.order == ((1,), (0,), (2,))
    assert opinion.scores[1] == pytest.approx(0.75)


@pytest.mark.parametrize("error", [Abstained("said nothing"), ModelUnreachable("gave no reply")])
def test_a_silent_judge_abstains_and_the_quorum_decides(error: Exception) -> None:
    opinion = Panel([Seat(FakeJudge("a")), Seat(FakeJudge("b")), Seat(FakeSilentJudge("c", error))]).judge(TASK)
    assert opinion.unscored is None
    assert opinion.ranking.order == ((2,), (0,), (1,))
    assert opinion.health.abstentions == pytest.approx(1 / 3)
    assert [vote.problem for vote in opinion.votes if vote.judge == "c"] == [str(error)] * 2


def test_below_the_quorum_there_is_no_score() -> None:
    silent = [Seat(FakeSilentJudge(name, Abstained("said nothing"))) for name in "bc"]
    opinion = Panel([Seat(FakeJudge("a")), *silent]).judge(TASK)
    assert opinion.scores == {}
    assert opinion.unscored == "1 of 3 judges gave a ranking, and 2 must (b: said nothing; c: said nothing)"
    assert len(opinion.votes) == 6


def test_where_only_judges_without_weight_speak_there_is_no_score() -> None:
    silent = Seat(FakeSilentJudge("b", Abstained("said nothing")))
    opinion = Panel([Seat(FakeJudge("a"), weight=0.0), silent], quorum=1).judge(TASK)
    assert opinion.scores == {}
    assert opinion.unscored == "every judge with a weight abstained"


def test_the_quorum_is_of_every_pair_that_is_compared() -> None:
    class FakeChoosyJudge(FakeJudge):
        def judge(self, task: JudgingTask, *, seed: int | None = None) -> Ranking:
            if "ccc" in task.candidates:
                raise Abstained("not that one")
            return super().judge(task, seed=seed)

    task = JudgingTask("Order.", ("a", "bb", "ccc"))
    opinion = Panel([Seat(FakeChoosyJudge("a")), Seat(FakeJudge("b"))], comparing="pairs", quorum=2).judge(task)
    assert opinion.scores == {}
    assert opinion.unscored == "1 of 2 judges ranked every pair, and 2 must (a: not that one)"
    assert Panel([Seat(FakeChoosyJudge("a")), Seat(FakeJudge("b"))], comparing="pairs", quorum=1).judge(task).scores


@pytest.mark.parametrize("weight", [-1.0, math.nan, math.inf])
def test_a_weight_is_finite_and_at_least_0(weight: float) -> None:
    with pytest.raises(InvalidOption, match="finite and at least 0"):
        Seat(FakeJudge("a"), weight=weight)


def test_weights_that_add_up_to_another_are_in_balance() -> None:
    short = [Seat(FakeJudge(name, lambda text: -len(text)), weight=weight) for name, weight in (("b", 0.1), ("c", 0.2))]
    opinion = Panel([Seat(FakeJudge("a"), weight=0.3), *short], rule="majority").judge(TASK.shown_as((0, 1)))
    assert opinion.scores == {0: 0.5, 1: 0.5}


@pytest.mark.parametrize("error", [BudgetExhausted("the budget of 1 tokens is spent"), KeyError("a bug")])
def test_a_spent_budget_and_a_bug_are_raised(error: Exception) -> None:
    before = threading.active_count()
    with pytest.raises(type(error)):
        Panel([Seat(FakeJudge("a")), Seat(FakeSilentJudge("b", error))]).judge(TASK)
    assert threading.active_count() == before


def test_questions_are_asked_at_the_same_time_up_to_the_bound() -> None:
    meeting = threading.Barrier(4, timeout=30)

    def meet(text: str) -> float:
        if text == "aa":
            meeting.wait()
        return len(text)

    Panel([Seat(FakeJudge("a", meet)), Seat(FakeJudge("b", meet))], concurrency=4).judge(TASK)
    assert not meeting.broken


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"seats": []}, "judges of different names"),
        ({"seats": [Seat(FakeJudge("a")), Seat(FakeJudge("a"))]}, "judges of different names"),
        ({"seats": [Seat(FakeJudge("a"), weight=0.0)]}, "none of a has a weight above 0"),
        ({"rule": "dictator"}, "rule is 'dictator'"),
        ({"comparing": "all"}, "comparing is 'all'"),
        ({"quorum": 2}, "there are 1 judges"),
        ({"quorum": 0}, "at least 1"),
        ({"concurrency": 0}, "at least 1"),
    ],
)
def test_what_makes_no_panel_is_refused(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidOption, match=problem):
        Panel(**({"seats": [Seat(FakeJudge("a"))]} | arguments))
    with pytest.raises(InvalidOption, match="at least 0"):
        Seat(FakeJudge("a"), weight=-1.0)


class FakeTalker:
    """An agent that says its lines in turn, and remembers what it was shown."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.shown: list[str] = []
        self.seeds: list[int | None] = []

    def attach(self, env: Any) -> None:
        self.prompt = env.unwrapped.system_prompt

    def reset(self, seed: int | None) -> None:
        self.seeds.append(seed)

    def act(self, observation: str, info: Any) -> str:
        self.shown.append(observation)
        return self.lines.pop(0)


def test_a_judge_is_asked_again_until_it_can_be_read() -> None:
    talker = FakeTalker("I like both", '{"rationale": "longest", "ranking": "C > A > B"}')
    ranking = AgentJudge("talker", make=lambda: talker, persona="You are old.").judge(TASK, seed=5)
    assert ranking.order == ((2,), (0,), (1,))
    assert ranking.rationale == "longest"
    assert talker.seeds == [5]
    assert talker.prompt.startswith("You are old.\n\nYou are an impartial judge.")
    assert "[[candidate A · " in talker.shown[0]
    assert talker.shown[1].startswith("That can't be read: the answer holds no JSON object")


def test_a_judge_that_can_never_be_read_abstains() -> None:
    talker = FakeTalker("?", "??", "???", '{"ranking": "A > B > C"}')
    with pytest.raises(Abstained, match="gave no ranking in 3 attempts; the last time, the answer holds no JSON"):
        AgentJudge("talker", make=lambda: talker).judge(TASK)
    assert len(talker.shown) == 3
    with pytest.raises(InvalidOption, match="attempts is 0"):
        AgentJudge("talker", attempts=0)
