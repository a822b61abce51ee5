# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents import EpisodeRecord, Step, leaderboard
from rsi_agents.diversity import compression_ratio, distance, distinct
from rsi_agents.faults import Fault
from rsi_agents.leaderboard import bootstrap_interval, wilson_interval
from rsi_envs.core.budget import Usage
from rsi_envs.core.verdict import Verdict


def record(agent, seed, verdict=None, *, fault=None, reward=0.0, malformed=None, metrics=(), text="a", task=None):
    step = Step(text, reward, True, False, "", {"malformed": malformed})
    told = tuple(Step("a", 0.0, False, False, "", {"metrics": values}) for values in metrics)
    return EpisodeRecord(
        *(agent, None, seed, seed, "2026-01-01T00:00:00+00:00", 2.0, Usage(3, 4, 0.5, 1)),
        info={"task_id": task},
        steps=() if fault else (*told, step),
        verdict=verdict,
        fault=fault,
    )


def test_a_row_says_what_the_records_say():
    fault = Fault("EnvironmentFault", "gone", "environment", "")
    (row,) = leaderboard(
        [
            record("a", 0, Verdict(1.0, passed=True, references_beaten=3, references=4), reward=1.0),
            record("a", 1, Verdict(0.5, passed=False, references_beaten=1, references=4), reward=0.5, malformed="no"),
            record("a", 2, Verdict(unscored="no judge")),
            record("a", 3, fault=fault),
        ]
    )
    assert (row.episodes, row.scored, row.unscored, row.faults) == (4, 2, 1, 1)
    assert row.score == 0.75
    assert (row.passed, row.pass_rate) == (1, 0.5)
    assert row.references_beaten == 2.0
    assert row.reward == 0.5
    assert row.malformed == pytest.approx(1 / 3)
    assert (row.tokens, row.cost_usd, row.wall_s) == (28, 2.0, 8.0)


def test_a_fault_is_never_a_zero():
    rows = leaderboard([record("a", 0, Verdict(1.0)), record("a", 1, fault=Fault("E", "", "agent", ""))])
    assert rows[0].score == 1.0


def test_the_best_comes_first_and_those_without_scores_last():
    rows = leaderboard(
        [
            record("low", 0, Verdict(0.1)),
            record("none", 0),
            record("high", 0, Verdict(0.9)),
            record("other", 0, reward=5),
        ]
    )
    assert [row.agent for row in rows] == ["high", "low", "other", "none"]
    assert rows[-1].score is None


def test_wilson_gives_the_published_interval():
    # Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I: 81 of 263.
    interval = wilson_interval(81, 263)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2553, 0.3662)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_rate_within_the_unit_interval(counts):
    successes, trials = counts
    interval = wilson_interval(successes, trials)
    assert 0.0 <= interval.low <= successes / trials <= interval.high <= 1.0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_the_bootstrap_stays_within_the_scores_and_repeats_itself(scores):
    interval = bootstrap_interval(scores)
    rounding = 1e-9
    assert min(scores) - rounding <= interval.low <= interval.high + rounding <= max(scores) + 2 * rounding
    assert bootstrap_interval(scores) == interval


def test_the_bootstrap_agrees_with_the_normal_theory_of_many_scores():
    scores = [0.0, 1.0] * 200
    interval = bootstrap_interval(scores)
    assert interval.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.005)
    assert interval.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.005)


def test_too_little_gives_no_interval():
    assert bootstrap_interval([0.5]) is None
    assert wilson_interval(0, 0) is None


def test_metrics_are_means_over_episodes_of_means_over_steps():
    (row,) = leaderboard(
        [
            record("a", 0, Verdict(1.0), metrics=[{"loss": 10.0}, {"loss": 30.0, "other": 1.0}, {}]),
            record("a", 1, Verdict(1.0), metrics=[{"loss": 40.0}]),
            record("a", 2, Verdict(1.0)),
        ]
    )
    assert list(row.metrics) == ["loss", "other"]
    assert row.metrics["loss"].value == 30.0
    assert 20.0 <= row.metrics["loss"].interval.low <= row.metrics["loss"].interval.high <= 40.0
    assert (row.metrics["other"].value, row.metrics["other"].interval) == (1.0, None)


def test_what_an_environment_says_that_is_no_metric_counts_for_nothing():
    told = [{"loss": None, "mood": "high"}, {"loss": 2.0}, ["loss"], None]
    (row,) = leaderboard([record("a", 0, Verdict(1.0), metrics=told, task=["no", "id"])])
    assert {name: mean.value for name, mean in row.metrics.items()} == {"loss": 2.0}


def test_the_share_of_malformed_actions_has_wilsons_interval():
    (row,) = leaderboard([record("a", seed, Verdict(0.0), malformed="no" if seed else None) for seed in range(10)])
    assert row.malformed == 0.9
    assert (row.malformed_interval.low, row.malformed_interval.high) == pytest.approx((0.5958, 0.9821), abs=1e-4)


WORDS = st.lists(st.sampled_from("abcd"), max_size=12).map(" ".join)


@given(WORDS, WORDS)
def test_the_distance_of_texts_is_symmetric_and_0_for_the_same(one, other):
    assert distance(one, one.upper() + "!") == 0.0
    assert 0.0 <= distance(one, other) == distance(other, one) <= 1.0


def test_distance_counts_pairs_of_words():
    assert distance("a b c", "a b d") == pytest.approx(2 / 4)
    assert distance("one", "other") == 1.0
    assert distance("", "") == 0.0
    assert distance("", "a") == 1.0


def test_distinct_runs_are_counted_over_all_texts_and_within_each():
    texts = ["A b, a!", "a B"]
    assert distinct(texts, 1) == pytest.approx(2 / 5)
    assert distinct(texts, 2) == pytest.approx(2 / 3)
    assert distinct(texts, 3) == 1.0
    assert distinct(texts, 4) is None
    assert distinct(["", "?"], 1) is distinct([], 1) is None


@given(st.lists(WORDS, min_size=1, max_size=6), st.integers(1, 3))
def test_saying_everything_twice_halves_the_share_that_is_distinct(texts, n):
    share = distinct(texts, n)
    assert share is None or 0.0 < share <= 1.0
    assert distinct(texts * 2, n) == (None if share is None else pytest.approx(share / 2))


def test_texts_that_repeat_one_another_compress_better():
    words = [f"word{i * i % 97}" for i in range(60)]
    unlike = [" ".join(words[i : i + 12]) for i in range(0, 60, 12)]
    assert compression_ratio([unlike[0]] * 5) > 2 * compression_ratio(unlike) > 2.0
    assert compression_ratio([]) is None


def test_diversity_is_over_texts_for_the_same_task():
    texts = {"same": ["a b"] * 4, "unlike": list("abcd"), "few": list("xyz"), "many": ["a"] * 32 + ["b"] * 9}
    records = [record("a", i, text=text, task=task) for task in texts for i, text in enumerate(texts[task])]
    assert leaderboard(records)[0].diversity == pytest.approx((0.0 + 1.0 + 0.0) / 3)
    assert leaderboard([one for one in records if one.info["task_id"] == "few"])[0].diversity is None
    moves = [record("a", seed, text=3, task="t") for seed in range(9)]
    assert leaderboard(moves)[0].diversity is None
