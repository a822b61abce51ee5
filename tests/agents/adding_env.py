# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A small text environment of the tests' own: add two numbers, in at most two turns."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

import gymnasium as gym

from rsi_envs.core.errors import TaskNotFound
from rsi_envs.core.tasks import Split, TaskSet
from rsi_envs.core.text import Opening, TextEnv, Turn
from rsi_envs.core.tools import MalformedCall, Tool, parse_call
from rsi_envs.core.verdict import Verdict

ADDING = "test/Adding-v0"
ADDING_ANYWHERE = f"tests.agents.adding_env:{ADDING}"
"""The id under which a process finds it that has not imported this module."""


@dataclass(frozen=True, slots=True)
class Sum:
    id: str
    split: Split
    left: int
    right: int


SUMS = TaskSet(
    "sums",
    [Sum(f"{a}+{b}", "train" if a < 3 else "test", a, b) for a in range(5) for b in range(3)],
)


class AddingEnv(TextEnv):
    """Add two numbers.

    References are "wrong" and "right". A wrong number on the first turn earns a second one.
    """

    system_prompt = "You add numbers."
    references: ClassVar[tuple[str, ...]] = ("wrong", "right")

    def __init__(
        self, *, render_mode: str | None = None, split: Split = "train", max_turns: int = 2, delay_s: float = 0.0
    ) -> None:
        super().__init__(render_mode=render_mode, split=split)
        self.max_turns = max_turns
        self._delay_s = delay_s
        self.tools = (Tool.of(self.answer),)

    def answer(self, number: int) -> str:
        """Gives the sum.

        Args:
            number: The sum.
        """
        return str(number)

    def task_ids(self, split: Split | None = None) -> tuple[str, ...]:
        return SUMS.ids(split)

    def reference_action(self, level: str) -> str:
        if level not in self.references:
            raise TaskNotFound(f"no reference {level!r}; there are {', '.join(self.references)}")
        total = self._sum.left + self._sum.right
        return str(total if level == "right" else total + 1)

    def _open(self, task_id: str | None) -> Opening:
        self._sum = SUMS.get(task_id) if task_id else SUMS.pick(self.np_random, self.split)
        self._turns = 0
        return Opening(f"What is {self._sum.id}? Answer with a number alone.", self._sum.id)

    def _respond(self, action: str) -> Turn:
        time.sleep(self._delay_s)
        try:
            call = parse_call(action)
            number = int(call.arguments["number"] if call else action)
        except (MalformedCall, ValueError, KeyError, TypeError):
            return self._refuse("no number")
        return self._turn(number == self._sum.left + self._sum.right, None)

    def _refuse(self, reason: str) -> Turn:
        return self._turn(False, reason)

    def _turn(self, right: bool, malformed: str | None) -> Turn:
        self._turns += 1
        if not right and self._turns < self.max_turns:
            return Turn("Not so; try again.", malformed=malformed)
        verdict = Verdict(
            score=float(right),
            passed=right,
            parts={"correctness": float(right)},
            references_beaten=int(right),
            references=2,
        )
        return Turn("Done.", float(right), terminated=True, verdict=verdict, malformed=malformed)


gym.register(ADDING, entry_point=AddingEnv)
