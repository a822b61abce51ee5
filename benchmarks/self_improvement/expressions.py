# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`bench/Expressions-v0`: what does an expression evaluate to? Made for models of a few hundred thousand weights.

rsi eval benchmarks.self_improvement.expressions:bench/Expressions-v0 --agent reference:right
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import gymnasium as gym
import numpy as np

from rsi_envs.core.errors import TaskNotFound
from rsi_envs.core.tasks import Split
from rsi_envs.core.text import Opening, TextEnv, Turn
from rsi_envs.core.verdict import Verdict

ENV_ID = "bench/Expressions-v0"
EXPRESSIONS = f"{__name__}:{ENV_ID}"
"""The id under which a process finds it that has not imported this module."""
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
    value: Callable[[str, str], str]

    def source(self, first: str, second: str) -> str:
        """Writes the expression."""
        return self.before + first + (self.between + second if self.between else "") + self.after


KINDS = (
    Kind('"".join(sorted("', "", '"))', 4, lambda a, _: "".join(sorted(a))),
    Kind('"', "", '"[::-1]', 4, lambda a, _: a[::-1]),
    Kind('max("', '", "', '")', 3, max),
    Kind("str(", " + ", ")", 2, lambda a, b: str(int(a) + int(b))),
)
"""Python would compute the same; tests ask it."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A task."""

    id: str
    source: str
    value: str


def make_expression(split: Split, number: int) -> Expression:
    """Makes the expression of this number; the same number makes the same one for ever. Splits share none."""
    rng = np.random.default_rng([zlib.crc32(split.encode()), number])
    while True:
        kind = KINDS[int(rng.integers(len(KINDS)))]
        first, second = (str(n) for n in rng.integers(10 ** (kind.digits - 1), 10**kind.digits, 2))
        source = kind.source(first, second)
        if (zlib.crc32(source.encode()) % _TEST_SHARE == 0) == (split == "test"):
            return Expression(f"{split}/{number}", source, kind.value(first, second))


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
                self._task = make_expression(split, int(number))
                return Opening(f"{ASKS}{self._task.source}{ENDS}", task_id, split)
        raise TaskNotFound(f"no task {task_id!r}; an id is train/NUMBER or test/NUMBER")

    def _respond(self, action: str) -> Turn:
        right = action.strip() == self._task.value
        verdict = Verdict(float(right), right, {"right": float(right)})
        return Turn(f"It is {self._task.value}.", float(right), terminated=True, verdict=verdict)

    def _refuse(self, reason: str) -> Turn:
        verdict = Verdict(0.0, False, {"right": 0.0}, reason=reason)
        return Turn("That is too long.", terminated=True, verdict=verdict, malformed=reason)


if ENV_ID not in gym.registry:
    gym.register(ENV_ID, entry_point=ExpressionsEnv)
