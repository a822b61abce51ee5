# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Sums whose answers are the better the nearer they are, and a model that takes them nearer when it is asked to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gymnasium as gym

from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.text import Opening, Turn
from rsi_envs.core.verdict import Verdict
from tests.agents.adding_env import SUMS, AddingEnv

NEARING = "test/Nearing-v0"
MODEL = "python:tests.agents.loops.improving:Nearing"
FIRST_ERROR = 3
TEMPTING = "1000"
"""An answer that feedback takes for a good one, and the verdict does not."""


class NearingEnv(AddingEnv):
    """Name a number near the sum: the score is 1 for the sum, 1/2 for what is off by 1, and so on."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_turns=1, **kwargs)

    def _open(self, task_id: str | None) -> Opening:
        super()._open(task_id)
        return Opening(f"What is {self._sum.id}?", self._sum.id, SUMS.get(self._sum.id).split)

    def _preview(self, action: str) -> float:
        return 1.0 if TEMPTING in action else self._score(action)

    def _respond(self, action: str) -> Turn:
        score = self._score(action)
        return Turn("Done.", score, terminated=True, verdict=Verdict(score=score, passed=score == 1.0))

    def _score(self, action: str) -> float:
        return 1.0 / (1.0 + abs(int(re.sub(r"\D", "", action) or 0) - self._sum.left - self._sum.right))


gym.register(NEARING, entry_point=NearingEnv)


class Nearing:
    """Is off by 3 at first; asked to improve a number, gives one less; asked to improve an improver, gives the file.

    A token a call is charged to the budget.
    """

    def __init__(self, *, improver: str = "", fenced: bool = True, budget: Budget | None = None) -> None:
        self._improver, self._fenced, self._budget = improver, fenced, budget or Budget()

    def reset(self, seed: int | None) -> None:
        self.usage = Usage()

    def act(self, observation: str, info: Any) -> str:
        self._budget.check()
        self._budget.charge(Usage(1, 0, 0.0, 1))
        self.usage += Usage(1, 0, 0.0, 1)
        text = self._text(observation)
        return f"Here it is:\n\n```python\n{text}\n```" if self._fenced else text

    def _text(self, observation: str) -> str:
        if "The program is an improver" in observation:
            return Path(self._improver).read_text("utf-8")
        if observation.startswith("What is"):
            return str(sum(map(int, re.findall(r"\d+", observation))) + FIRST_ERROR)
        return str(int(re.findall(r"^\d+$", observation, flags=re.MULTILINE)[-1]) - 1)
