# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A verdict scores or says why it can't."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.core.verdict import Verdict

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(
    score=st.floats(0, 1),
    parts=st.dictionaries(st.text(), FINITE),
    votes=st.lists(st.dictionaries(st.text(), st.text())),
)
def test_a_verdict_survives_json(score: float, parts: dict[str, float], votes: list[dict[str, str]]) -> None:
    verdict = Verdict(score=score, parts=parts, votes=tuple(votes), references=4, references_beaten=2)
    assert Verdict.from_dict(json.loads(json.dumps(verdict.as_dict()))) == verdict


@pytest.mark.parametrize("score", [-0.001, 1.001, math.nan, math.inf])
def test_a_score_outside_the_unit_interval_is_refused(score: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        Verdict(score=score)


def test_neither_or_both_of_score_and_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="not both"):
        Verdict()
    with pytest.raises(ValueError, match="not both"):
        Verdict(score=0.0, unscored="the judge was out")


def test_a_part_that_is_no_finite_number_is_refused() -> None:
    with pytest.raises(ValueError, match="speed"):
        Verdict(score=1.0, parts={"speed": math.inf})


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError):
        Verdict.from_dict({"score": 1.0, "luck": 3})
