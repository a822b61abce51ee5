# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Judging answers in `bench/Expressions-v0`: what a small model is shown of it, and in how few tokens it is said."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.self_improvement.expressions import GREATEST, GREATEST_EXPRESSIONS, make_expression
from rsi_agents.loops.lessons import Example, Origin
from rsi_agents.policies.weights import plain
from rsi_envs.core.judgements import SYSTEM_PROMPT, question, rankings_of
from rsi_envs.core.judging import JudgingTask

NONCE = r" · [0-9a-f]{16}(?=\]\])"
"""What differs in the marks around candidates; see `rsi_envs.core.untrusted`."""
ANSWERS = tuple(json.dumps({"ranking": order}) for order in rankings_of(2))
"""The first candidate is better; the second is."""
_ANYTHING = 0.25
_ASKED = re.compile(r"max\((.+)\)")
_CANDIDATE = re.compile(r"\[\[candidate ([A-Z]) · [0-9a-f]{16}\]\]\n(.*?)\n\[\[end of", re.DOTALL)
_PLACES = JudgingTask("0", ("1", "2"))


def phrases() -> list[str]:
    """Gives what judges are always asked and what they may answer: what a tokenizer spells as one token each."""
    asked = plain([{"content": SYSTEM_PROMPT}, {"content": question(_PLACES)}])
    before, *others = re.split(r"\d", re.sub(NONCE, "", asked))
    # The line break after an assignment belongs to the assignment's last phrase.
    return [before, others[0].removeprefix("\n"), *others[1:], *ANSWERS]


def judgement(number: int, draw: int) -> Example:
    """Shows how the right answer to a task of the train split and a wrong one are judged.

    Args:
        number: The task's.
        draw: Which of many judgements on it. One wrong answer in four is any number, the others stand in the task.
    """
    task, rng = make_expression("train", number, (GREATEST,)), np.random.default_rng([number, draw])
    wrong = task.value
    while wrong == task.value:
        anything = rng.random() < _ANYTHING
        wrong = str(rng.integers(10, 100)) if anything else str(rng.choice(task.texts))
    better = int(rng.integers(2))
    answers = (task.value, wrong) if better == 0 else (wrong, task.value)
    asked = {"role": "user", "content": question(JudgingTask(task.assignment, answers))}
    said = {"role": "assistant", "content": ANSWERS[better]}
    return Example(
        (asked,), (said,), 1.0, Origin(GREATEST_EXPRESSIONS, task.id, number, "train", "reference:right", "judge")
    )


class InformedJudge:
    """Judges by what Python computes: what a judge that is never wrong would make of a loop."""

    def reset(self, seed: int | None) -> None:
        """Nothing to forget, and nothing is drawn."""

    def act(self, observation: str, info: Mapping[str, Any]) -> str:
        """Puts right answers before wrong ones, and answers that are alike in this level."""
        asked = _ASKED.search(observation)
        right = max(json.loads(f"[{asked[1]}]")) if asked else ""
        places: tuple[list[str], list[str]] = [], []
        for letter, said in _CANDIDATE.findall(observation):
            places[said.strip() != right].append(letter)
        return json.dumps({"rationale": "", "ranking": " > ".join(" = ".join(alike) for alike in places if alike)})
