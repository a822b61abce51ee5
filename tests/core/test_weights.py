# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Weights follow skill, and a file of them is read or refused by name."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.weights import fitted_weight, read_weights, weight_in, write_weights


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 1000))
def test_the_better_judge_never_weighs_less(one: float, other: float, tasks: int) -> None:
    low, high = sorted((one, other))
    assert 0.0 <= fitted_weight(low, tasks) <= fitted_weight(high, tasks) < math.inf


def test_weights_are_the_logarithms_of_odds() -> None:
    assert fitted_weight(0.5, 10) == 0.0
    assert fitted_weight(0.2, 100) == 0.0
    assert fitted_weight(0.75, 10_000) == pytest.approx(math.log(3), abs=1e-3)
    assert fitted_weight(1.0, 8) == pytest.approx(math.log(9))
    assert fitted_weight(0.9, 10) < fitted_weight(0.9, 1000)


def test_a_weighted_majority_by_them_is_right_most_often() -> None:
    skills = (0.9, 0.6, 0.6, 0.6, 0.55)

    def right(weights: tuple[float, ...]) -> float:
        """The chance that the weighted majority is right, over every way in which judges may be right or wrong."""
        share = 0.0
        for votes in itertools.product((1, -1), repeat=len(skills)):
            chance = math.prod(p if vote > 0 else 1 - p for p, vote in zip(skills, votes, strict=True))
            balance = sum(w * vote for w, vote in zip(weights, votes, strict=True))
            share += chance * (1.0 if balance > 0 else 0.5 if balance == 0 else 0.0)
        return share

    fitted = tuple(fitted_weight(skill, 10**9) for skill in skills)
    assert right(fitted) > right((1.0,) * 5)
    assert right(fitted) >= right((1.0, 0.0, 0.0, 0.0, 0.0)) - 1e-9


def test_a_file_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    write_weights(path, {"first": 0.0, "llm:openai/x": 1.5})
    assert read_weights(path) == {"first": 0.0, "llm:openai/x": 1.5}
    assert weight_in(read_weights(path), "first") == 0.0
    with pytest.raises(InvalidOption, match="no weight for the judge 'longest'; there are some for first"):
        weight_in(read_weights(path), "longest")


@pytest.mark.parametrize("text", ["[1]", '{"a": -1}', '{"a": "1"}', '{"a": true}', '{"a": Infinity}', "{"])
def test_what_holds_no_weights_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidOption, match="weights"):
        read_weights(path)
    with pytest.raises(InvalidOption, match="can't be read"):
        read_weights(tmp_path / "nothing.json")
    with pytest.raises(InvalidOption, match="can't be written"):
        write_weights(tmp_path / "nowhere" / "weights.json", {})
