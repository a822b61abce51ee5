# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What decides a made trial is so, and what a careless judge likes is more often wrong."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable

import numpy as np
import pytest

from rsi_envs.core.constraints import words
from rsi_envs.core.judging import Ranking, agreement
from rsi_envs.judge.made import KINDS, PROGRAMS, make_trial

NUMBERS = range(200)
EVERY_KIND = pytest.mark.parametrize("kind", sorted(KINDS))


@EVERY_KIND
def test_a_number_makes_the_same_trial_for_ever(kind: str) -> None:
    for number in NUMBERS[:20]:
        assert make_trial(kind, "train", number) == make_trial(kind, "train", number)
        assert make_trial(kind, "train", number).task != make_trial(kind, "test", number).task
    assert len({make_trial(kind, "train", number).task for number in NUMBERS}) == len(NUMBERS)


@EVERY_KIND
def test_either_place_is_as_often_the_better(kind: str) -> None:
    first = sum(make_trial(kind, "test", number).truth.order == ((0,), (1,)) for number in NUMBERS)
    assert 70 <= first <= 130


def test_the_better_text_meets_every_demand_and_the_worse_does_not() -> None:
    for number in NUMBERS:
        trial = make_trial("constraints", "train", number)
        (better,), (worse,) = trial.truth.order
        texts = trial.task.candidates
        assert all(constraint.holds(texts[better]) for constraint in trial.task.constraints)
        assert not all(constraint.holds(texts[worse]) for constraint in trial.task.constraints)
        assert all(str(constraint) in trial.task.assignment for constraint in trial.task.constraints)


def test_programs_print_what_their_twin_computes() -> None:
    rng = np.random.default_rng(0)
    for program in PROGRAMS:
        for _ in range(50):
            values, k = rng.integers(1, 30, int(rng.integers(5, 9))).tolist(), int(rng.integers(2, 5))
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(program.source.format(values=values, k=k), {})
            assert printed.getvalue().strip() == str(program.prints(values, k))


def test_the_better_candidate_names_what_the_program_prints() -> None:
    for number in NUMBERS:
        trial = make_trial("outputs", "train", number)
        source = trial.task.assignment.partition("\n\n")[2]
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(source, {})
        (better,), (worse,) = trial.truth.order
        assert printed.getvalue().strip() in trial.task.candidates[better]
        assert trial.task.candidates[better] != trial.task.candidates[worse]


@EVERY_KIND
def test_length_says_nothing(kind: str) -> None:
    lengths = np.array([judged_by(kind, number, len) for number in range(1000)])
    assert abs(lengths.mean() - 0.5) < 4 * lengths.std() / np.sqrt(len(lengths))


def test_confidence_says_nothing() -> None:
    sure = np.array([judged_by("outputs", number, lambda text: text.count("certain")) for number in range(1000)])
    assert abs(sure.mean() - 0.5) < 4 * sure.std() / np.sqrt(len(sure))
    assert sure.std() > 0.2


def judged_by(kind: str, number: int, measure: Callable[[str], int]) -> float:
    """How rightly a judge ranks that only measures."""
    trial = make_trial(kind, "test", number)
    return agreement(Ranking.of_scores(list(map(measure, trial.task.candidates))), trial.truth)


def test_every_flaw_breaks_a_demand_and_half_of_them_make_the_text_longer() -> None:
    found = [make_trial("constraints", "test", number) for number in range(1000)]
    longer = sum(
        words(trial.task.candidates[trial.truth.order[1][0]]) > trial.task.constraints[1].most for trial in found
    )
    shorter = sum(
        words(trial.task.candidates[trial.truth.order[1][0]]) < trial.task.constraints[1].least for trial in found
    )
    assert longer > 250
    assert shorter > 250
