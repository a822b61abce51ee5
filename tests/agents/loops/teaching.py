# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An agent that can be taught sums in an instant, and what teaches it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from rsi_agents.loops.lessons import read_rows

GUESSER = "python:tests.agents.loops.teaching:Guesser"
TEACHER = "tests.agents.loops.teaching:Teacher"
OFFSETS = (-1, 0, 1)


class Guesser:
    """Answers a sum that is off by as much as it has seen done: by -1, 0 or 1 before it has learned."""

    def __init__(self, *, habits: str = "") -> None:
        self._offsets = json.loads(Path(habits).read_text()) if habits else list(OFFSETS)

    def reset(self, seed):
        self._rng = np.random.default_rng([7, seed])

    def act(self, observation, info):
        if "What is" in observation:
            self._sum = sum(map(int, re.findall(r"\d+", observation)))
        return str(self._sum + int(self._rng.choice(self._offsets)))


class Teacher:
    """Teaches a `Guesser` the habits that the rows have."""

    def __init__(self, forget: bool = False) -> None:
        self._forget = forget

    def train(self, agent, rows, out, *, seed):
        habits = [1, -1] if self._forget else [self._offset(row) for row in read_rows(rows)]
        out.write_text(json.dumps(habits))

    def named(self, agent, learned):
        return f"{GUESSER}?habits={learned}"

    @staticmethod
    def _offset(row):
        asked = sum(map(int, re.findall(r"\d+", row["prompt"][0]["content"])))
        return int(row["completion"][-1]["content"]) - asked
