# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Tokens are drawn as the model's probabilities say, and the same again from the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents.policies.sampling import draw

CHANCES = np.array([0.5, 0.3, 0.15, 0.05])
LOGITS = np.log(CHANCES) + 7.0

logits = st.lists(st.floats(-50, 50), min_size=1, max_size=12)
temperatures = st.floats(0, 5)
shares = st.floats(0.001, 1)


def shares_drawn(draws=4000, **settings):
    rng = np.random.default_rng(0)
    drawn = [draw(LOGITS, rng, **settings).token_id for _ in range(draws)]
    return np.bincount(drawn, minlength=len(LOGITS)) / draws


def test_without_settings_tokens_are_as_frequent_as_they_are_probable():
    assert shares_drawn() == pytest.approx(CHANCES, abs=0.03)


def test_a_low_temperature_favours_the_likeliest_token_and_a_high_one_the_others():
    assert shares_drawn(temperature=0.5) == pytest.approx(CHANCES**2 / (CHANCES**2).sum(), abs=0.03)
    assert shares_drawn(temperature=2.0) == pytest.approx(CHANCES**0.5 / (CHANCES**0.5).sum(), abs=0.03)


def test_at_temperature_0_the_likeliest_token_is_taken_and_nothing_is_drawn():
    rng = np.random.default_rng(0)
    assert draw([0.0, 3.0, 1.0], rng, temperature=0.0).token_id == 1
    assert rng.random() == np.random.default_rng(0).random()


def test_top_p_leaves_the_fewest_likeliest_tokens_that_reach_it():
    assert shares_drawn(top_p=0.79) == pytest.approx([0.625, 0.375, 0, 0], abs=0.03)
    assert shares_drawn(top_p=0.81) == pytest.approx(np.array([50, 30, 15, 0]) / 95, abs=0.03)
    assert shares_drawn(top_p=0.001) == pytest.approx([1, 0, 0, 0])


def test_the_probability_that_is_told_is_the_models_own():
    for settings in ({"temperature": 0.0}, {"temperature": 0.3, "top_p": 0.1}):
        assert draw(LOGITS, np.random.default_rng(0), **settings).logprob == pytest.approx(np.log(0.5))


@given(logits, st.integers(0, 99), temperatures, shares)
def test_the_same_seed_draws_the_same_token(values, seed, temperature, top_p):
    first, second = (draw(values, np.random.default_rng(seed), temperature=temperature, top_p=top_p) for _ in range(2))
    assert first == second
    assert 0 <= first.token_id < len(values)
    assert first.logprob <= 1e-9


@given(logits, st.integers(0, 99), shares)
def test_what_is_drawn_is_among_the_likeliest_that_reach_top_p(values, seed, top_p):
    chances = np.exp(np.array(values) - max(values))
    chances /= chances.sum()
    token = draw(values, np.random.default_rng(seed), top_p=top_p).token_id
    assert chances[chances > chances[token]].sum() < top_p + 1e-9


@given(logits, st.integers(0, 99), st.floats(-20, 20))
def test_only_differences_of_logits_count(values, seed, shift):
    moved = [value + shift for value in values]
    first, second = (draw(one, np.random.default_rng(seed)) for one in (values, moved))
    assert first.logprob == pytest.approx(second.logprob, abs=1e-6) or first.token_id != second.token_id
