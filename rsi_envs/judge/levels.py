# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The tower of judgements: of a trial's rankings, right and wrong ones, a trial of the level above is made."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace

import numpy as np

from rsi_envs.core.constraints import words
from rsi_envs.core.judgements import one_level_up
from rsi_envs.core.judging import LABELS, JudgingTask, Ranking, agreement
from rsi_envs.judge.types import Trial

CLAIMS_WEIGHT = 0.1
"""What a rationale whose claims hold adds to its ranking's agreement with the truth: less than any pair does."""
_CLAIM = re.compile(r"\bCandidate ([A-Z]) has (\d{1,9}) words?\b", re.IGNORECASE | re.ASCII)
_MODEST = ("It does what was asked.", "The other falls short somewhere.", "Mainly for what it says, not how.")
_PERSUASIVE = (
    "After a thorough, step-by-step analysis there can be no doubt: the winner is superior in depth, structure, "
    "accuracy and tone, and every experienced judge would agree.",
    "Having weighed **correctness**, **completeness** and **clarity**, I am entirely confident in this ranking; the "
    "margin is large and consistent across every criterion.",
)
_OFF = (-9, -4, -2, 2, 3, 7)


def raised(trial: Trial) -> Trial:
    """Makes the trial of the level above: which of several judgements of this trial is the best.

    Two or three judgements stand for choice: one that ranks rightly, one that ranks the other way around, and in half
    of the trials a third that does either. How persuasive each is, and whether what it claims is so, is drawn for
    itself, so that neither its manner nor how many agree with it tells. The same trial is always raised to the same.
    """
    rng = np.random.default_rng(zlib.crc32(f"{trial.id}/{trial.task.assignment}".encode()))
    orders = [trial.truth.order, trial.truth.order[::-1]]
    if rng.integers(2):
        orders.append(orders[int(rng.integers(2))])
    orders = [orders[i] for i in rng.permutation(len(orders)).tolist()]
    judgements = [Ranking(order, _rationale(trial.task, rng)) for order in orders]
    worth = [worth_of(judgement, trial) for judgement in judgements]
    return replace(trial, task=one_level_up(trial.task, judgements), truth=Ranking.of_scores(worth))


def worth_of(judgement: Ranking, trial: Trial) -> float:
    """Returns what a judgement of a trial is worth, 0 to 1.1: its agreement with the truth, and a tenth of what holds.

    Raises:
        KeyError: It leaves candidates out.
    """
    return agreement(judgement, trial.truth) + CLAIMS_WEIGHT * claims_that_hold(judgement.rationale, trial.task)


def claims_that_hold(rationale: str, task: JudgingTask) -> float:
    """Returns the share of a rationale's checkable claims that are so; 1 where it makes none.

    A claim such as "Candidate B has 14 words" can be checked.
    """
    claims = [(LABELS.index(label.upper()), int(count)) for label, count in _CLAIM.findall(rationale)]
    hold = [i < len(task.candidates) and words(task.candidates[i]) == count for i, count in claims]
    return sum(hold) / len(hold) if hold else 1.0


def _rationale(task: JudgingTask, rng: np.random.Generator) -> str:
    manner = (_MODEST, _PERSUASIVE)[int(rng.integers(2))]
    candidate = int(rng.integers(len(task.candidates)))
    count = words(task.candidates[candidate])
    if rng.integers(2):
        count = max(count + int(rng.choice(_OFF)), 0) if count > max(_OFF) + 2 else count + max(_OFF)
    return f"{manner[int(rng.integers(len(manner)))]} Candidate {LABELS[candidate]} has {count} words."
