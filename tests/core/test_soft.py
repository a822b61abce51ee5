# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Probabilities are read from the place where a model chose the first letter, and from nowhere else."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rsi_envs.core.chat import Token
from rsi_envs.core.judgements import read
from rsi_envs.core.judging import Ranking
from rsi_envs.core.soft import weighed

ANSWER = '{"rationale": "B is \\"ranking\\": short.", "ranking": "A > B"}'


def written_with(answer: str, at: str, **odds: float) -> list[Token]:
    """The answer's letters as tokens, the one at the last of these texts with these odds."""
    place = answer.rindex(at) + len(at) - 1
    return [
        Token(letter, {text: math.log(p) for text, p in (odds if i == place else {letter: 1.0}).items()})
        for i, letter in enumerate(answer)
    ]


def chances(answer: str, tokens: list[Token], count: int = 2) -> Any:
    ranking = read(weighed(answer, tokens, count), count).ranking
    assert ranking is not None
    return ranking.probabilities


def test_the_odds_of_the_first_letter_become_probabilities() -> None:
    tokens = written_with(ANSWER, '"ranking": "A', A=0.5, B=0.3, C=0.2)
    assert chances(ANSWER, tokens) == {0: pytest.approx(0.625), 1: pytest.approx(0.375)}
    assert json.loads(weighed(ANSWER, tokens, 2))["ranking"] == "A > B"
    assert json.loads(weighed(ANSWER, tokens, 2))["rationale"] == json.loads(ANSWER)["rationale"]


@given(st.lists(st.floats(0.001, 1.0), min_size=2, max_size=2))
def test_they_are_in_proportion_to_the_odds_and_decide(odds: list[float]) -> None:
    assume(odds[0] == odds[1] or not math.isclose(*odds))  # what differs by less is lost in the logarithms
    tokens = written_with(ANSWER, '"ranking": "A', **dict(zip("AB", odds, strict=True)))
    ranking = read(weighed(ANSWER, tokens, 2), 2).ranking
    assert ranking is not None
    assert ranking.probabilities == {i: pytest.approx(p / sum(odds)) for i, p in enumerate(odds)}
    assert ranking.order == Ranking.of_scores(odds).order
    assert ranking.rationale == 'B is "ranking": short.'


@pytest.mark.parametrize("pieces", [[' "', "A", " > B"], [' "A', " > B"], [' "', "A >", " B"]])
def test_however_the_text_is_cut_into_tokens(pieces: list[str]) -> None:
    tokens = [Token(text, {text: math.log(0.7), text.replace("A", "B"): math.log(0.1)}) for text in pieces]
    tokens = [Token('{"ranking":', {}), *tokens, Token('"}', {})]
    assert chances("".join(token.text for token in tokens), tokens) == {
        0: pytest.approx(0.875),
        1: pytest.approx(0.125),
    }


def test_what_begins_with_a_letter_but_goes_on_is_not_that_letter() -> None:
    tokens = written_with(ANSWER, '"ranking": "A', A=0.5, Both=0.4, B=0.1)
    assert chances(ANSWER, tokens)[1] == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("answer", "at"),
    [
        ("no ranking", "n"),
        ('{"ranking": "A = B"}', '"ranking": "A'),
        ('{"ranking": "A > B", "probabilities": {"A": 0.5, "B": 0.5}}', '"ranking": "A'),
        ('{"ranking": "A > B > C"}', '"ranking": "A'),
    ],
    ids=["unreadable", "tie", "has its own", "of three"],
)
def test_other_answers_stay_as_they_are(answer: str, at: str) -> None:
    assert weighed(answer, written_with(answer, at, A=0.9, B=0.1), 3 if "C" in answer else 2) == answer


def test_an_answer_without_tokens_or_odds_stays_as_it_is() -> None:
    assert weighed(ANSWER, [], 2) == ANSWER
    assert weighed(ANSWER, [Token(letter, {}) for letter in ANSWER], 2) == ANSWER
    assert weighed(ANSWER, written_with(ANSWER, '"ranking": "A', x=1.0), 2) == ANSWER
    assert weighed(ANSWER, [Token(letter, {"A": math.nan, "B": -math.inf}) for letter in ANSWER], 2) == ANSWER
