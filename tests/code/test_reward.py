# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The score orders programs as they deserve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.code.reward import efficiency, score

SECONDS = st.floats(1e-6, 1e3)


@given(SECONDS, SECONDS, SECONDS)
def test_faster_is_more_efficient_without_a_ceiling(one: float, other: float, best: float) -> None:
    assert 0 < efficiency(one, best) < 1
    assert (efficiency(one, best) > efficiency(other, best)) == (one < other) or one == pytest.approx(other)


@given(SECONDS)
def test_the_best_references_time_is_worth_one_half(best: float) -> None:
    assert efficiency(best, best) == 0.5


@given(st.floats(0, 1, exclude_max=True), SECONDS, SECONDS)
def test_every_correct_program_scores_above_every_incorrect_one(share: float, seconds: float, best: float) -> None:
    assert 0 <= score(share, 0.0) < score(1.0, efficiency(seconds, best)) <= 1


@given(st.floats(0, 1))
def test_without_run_time_the_score_is_the_share(share: float) -> None:
    assert score(share, None) == share
