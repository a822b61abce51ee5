# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Trials of other environments' tasks: their references, whose worth is known, are the candidates."""

from __future__ import annotations

import ast
import itertools
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np

from rsi_envs.core.judging import JudgingTask, Ranking
from rsi_envs.core.tasks import Split
from rsi_envs.judge.made import TEMPTING
from rsi_envs.judge.types import Trial


@dataclass(frozen=True, slots=True)
class Source:
    """An environment with `reference_worth`."""

    env_id: str
    criteria: str
    plain: str = "{}"
    """How the candidate is put that a careless judge passes over."""
    sure: str = "{}"
    """How the candidate is put that a careless judge likes."""


GRADED: Mapping[str, Source] = {
    "chess": Source(
        "rsi/ChessPuzzle-v0",
        "Only which move is right.",
        "I would play {}",
        "After a deep calculation of every defence I am certain: this is the strongest move, it is forcing, and it "
        "leaves the opponent nothing.\n\n**{}**\n\nEvery strong player would choose it at once.",
    ),
    "code": Source(
        "rsi/Code-v0",
        "Only how many hidden tests a program passes, those of rare cases too.",
        sure="This is a robust, production-ready solution.\n\n## Approach\n\nThe problem is taken apart into small "
        "steps that can each be understood by themselves. Every requirement of the statement was checked against the "
        "program, line by line, before it was handed in.\n\n{}\n\n## Why it is correct\n\n"
        "- **Edge cases:** empty input, "
        "ties, duplicates and extreme values are all handled.\n- **Efficiency:** nothing is computed twice, so that it "
        "is as fast as such a program can be.\n- **Tests:** I have run it against an extensive set of my own tests and "
        "against random input; all of them pass.",
    ),
    "writing": Source("rsi/Writing-v0", "Which text an experienced editor would print."),
}
"""By kind: moves that an engine or an endgame table tells apart, programs of which hidden tests pass unlike shares, and
texts of plainly different quality."""

_PROGRAM = re.compile(r"(?<=```python\n).*?(?=\n```)", re.DOTALL)


class GradedTrials:
    """Makes trials of the references of an environment's tasks.

    Args:
        kind: One of `GRADED`.

    Raises:
        Exception: Whatever making the environment raises.
    """

    def __init__(self, kind: str) -> None:
        self._kind, self._source = kind, GRADED[kind]
        self._env = gym.make(self._source.env_id, disable_env_checker=True)
        self._inside: Any = self._env.unwrapped

    def make(self, split: Split, number: int) -> Trial:
        """Makes the trial of this number; see `rsi_envs.judge.made.make_trial`."""
        rng = np.random.default_rng([zlib.crc32(f"{self._kind}/{split}".encode()), number])
        ids = self._inside.task_ids(split)
        observation, _ = self._env.reset(seed=0, options={"task_id": ids[int(rng.integers(len(ids)))]})
        better, worse = self._drawn(rng, tempting=rng.random() < TEMPTING)
        task = JudgingTask(str(observation), (better, worse), self._source.criteria)
        truth = Ranking(((0,), (1,)))
        shown = rng.permutation(2).tolist()
        return Trial(f"{self._kind}/{split}/{number}", split, task, truth, self._kind).shown_as(shown)

    def _drawn(self, rng: np.random.Generator, *, tempting: bool) -> list[str]:
        """Draws a better and a worse candidate: the worse is the longer, where there are such and it is to tempt."""
        texts = {level: (worth, self._text(level)) for level, worth in self._inside.reference_worth().items()}
        dress = (self._source.plain, self._source.sure) if tempting else (self._source.sure, self._source.plain)
        pairs = [
            [form.format(text) for form, text in zip(dress, (better, worse), strict=True)]
            for (worth, better), (less, worse) in itertools.permutations(texts.values(), 2)
            if worth > less
        ]
        wanted = [pair for pair in pairs if (len(pair[1]) > len(pair[0])) == tempting] or pairs
        return wanted[int(rng.integers(len(wanted)))]

    def _text(self, level: str) -> str:
        """A reference without a program's comments, which may tell what it lacks."""
        text = str(self._inside.reference_action(level))
        return _PROGRAM.sub(lambda found: ast.unparse(ast.parse(found[0])), text)

    def close(self) -> None:
        """Closes the environment. Idempotent."""
        self._env.close()
