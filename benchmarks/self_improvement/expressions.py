# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`bench/Expressions-v0`: what does an expression evaluate to? Made for models of a few hundred thousand weights.

rsi eval benchmarks.self_improvement.expressions:bench/Expressions-v0 --agent reference:right
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import gymnasium as gym
import numpy as np

from rsi_envs.core.errors import TaskNotFound
from rsi_envs.core.tasks import Split
from rsi_envs.core.text import Opening, TextEnv, Turn
from rsi_envs.core.verdict import Verdict

ENV_ID, GREATEST_ID = "bench/Expressions-v0", "bench/Greatest-v0"
EXPRESSIONS, GREATEST_EXPRESSIONS = f"{__name__}:{ENV_ID}", f"{__name__}:{GREATEST_ID}"
"""The ids under which a process finds them that has not imported this module."""
ASKS, ENDS = "What does this Python expression evaluate to?\n\n", "\n\nReply with the value alone."
LISTED = 200
"""Tasks of the test split; those of the train split are made without end."""
_TEST_SHARE = 8
"""One expression in so many belongs to the test split."""
_NUMBERS = 2**31


@dataclass(frozen=True, slots=True)
class Kind:
    """A form of expression."""

    before: str
    between: str
    """Empty where there is one text of digits only."""
    after: str
    digits: int
    """Of each text or number."""
    value: Callable[..., str]
    drawn: int = 2
    """Texts or numbers that are drawn; the first alone is written where nothing stands between."""

    def source(self, *texts: str) -> str:
        """Writes the expression."""
        return self.before + (self.between.join(texts) if self.between else texts[0]) + self.after


KINDS = (
    Kind('"".join(sorted("', "", '"))', 4, lambda a, *_: "".join(sorted(a))),
    Kind('"', "", '"[::-1]', 4, lambda a, *_: a[::-1]),
    Kind('max("', '", "', '")', 3, max),
    Kind("str(", " + ", ")", 2, lambda a, b: str(int(a) + int(b))),
)
"""Python would compute the same; tests ask it."""
GREATEST = Kind('max("', '", "', '")', 2, max, drawn=4)
"""Of which it is easier to say which of two answers is better than to give the best one."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A task."""

    id: str
    source: str
    value: str
    texts: tuple[str, ...]
    """What was drawn."""

    @property
    def assignment(self) -> str:
        """What is asked."""
        return f"{ASKS}{self.source}{ENDS}"


def make_expression(split: Split, number: int, kinds: Sequence[Kind] = KINDS) -> Expression:
    """Makes the expression of this number; the same number makes the same one for ever. Splits share none."""
    rng = np.random.default_rng([zlib.crc32(split.encode()), number])
    while True:
        kind = kinds[int(rng.integers(len(kinds)))]
        texts = tuple(str(n) for n in rng.integers(10 ** (kind.digits - 1), 10**kind.digits, kind.drawn))
        source = kind.source(*texts)
        if (zlib.crc32(source.encode()) % _TEST_SHARE == 0) == (split == "test"):
            return Expression(f"{split}/{number}", source, kind.value(*texts), texts)


class ExpressionsEnv(TextEnv):
    """Say what a Python expression on digits evaluates to.

    ## Description
    Sorting, reversing, comparing and adding: each task is decided by what Python computes.

    ## Action Space
    Text: the value, with white space around it or not.

    ## Observation Space
    Text: the expression.

    ## Starting State
    An expression of the split: "test" has 200 tasks, "train" is made without end. No expression is in both.

    ## Rewards
    1 for the value, else 0.

    ## Episode End
    After one action.

    ## Information
    Nothing besides what every text environment gives.

    ## Arguments
    Args:
        render_mode: "ansi" or None.
        split: "train" or "test".
    """

    kinds: Sequence[Kind] = KINDS

    def task_ids(self, split: Split | None = None) -> tuple[str, ...]:
        """Lists the tasks of the test split; none of the train split, which has no end."""
        return tuple(f"test/{number}" for number in range(LISTED)) if split == "test" else ()

    def reference_action(self, level: str) -> str:
        """Gives the value, "right", or the value with its first digit at the end, "wrong"."""
        right = self._task.value
        return right if level == "right" else right[1:] + right[0]

    def _open(self, task_id: str | None) -> Opening:
        if task_id is None:
            numbers = LISTED if self.split == "test" else _NUMBERS
            task_id = f"{self.split}/{int(self.np_random.integers(numbers))}"
        match task_id.split("/"):
            case ["train" | "test" as split, number] if number.isdecimal():
                self._task = make_expression(split, int(number), self.kinds)
                return Opening(self._task.assignment, task_id, split)
        raise TaskNotFound(f"no task {task_id!r}; an id is train/NUMBER or test/NUMBER")

    def _respond(self, action: str) -> Turn:
        right = action.strip() == self._task.value
        verdict = Verdict(float(right), right, {"right": float(right)})
        return Turn(f"It is {self._task.value}.", float(right), terminated=True, verdict=verdict)

    def _refuse(self, reason: str) -> Turn:
        verdict = Verdict(0.0, False, {"right": 0.0}, reason=reason)
        return Turn("That is too long.", terminated=True, verdict=verdict, malformed=reason)


class GreatestEnv(ExpressionsEnv):
    """Say which of four texts of two digits is the greatest, as `ExpressionsEnv` asks it.

    Of the train split it lists 400 tasks, so that several samples of each can be compared.
    """

    kinds = (GREATEST,)

    def task_ids(self, split: Split | None = None) -> tuple[str, ...]:
        """Lists the tasks of a split; those of the train split are far from those that demonstrations are about."""
        if split == "train":
            return tuple(f"train/{_NUMBERS + number}" for number in range(2 * LISTED))
        return super().task_ids(split)


for _env_id, _env in ((ENV_ID, ExpressionsEnv), (GREATEST_ID, GreatestEnv)):
    if _env_id not in gym.registry:
        gym.register(_env_id, entry_point=_env)
