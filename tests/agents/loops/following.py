# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An agent that does as it is told, and agents that write what it is told."""

from __future__ import annotations

import random
import re
from pathlib import Path

FOLLOWER = "python:tests.agents.loops.following:Follower"
WRITER = "python:tests.agents.loops.following:Writer"
BARE_CARE = 2


class Follower:
    """Adds rightly as often in ten as its instructions say: "Care N."; two times without any.

    Instructions that say "break" break it on sums with a 0.
    """

    def __init__(self, *, instructions: str = "") -> None:
        self._told = Path(instructions).read_text() if instructions else ""

    def reset(self, seed):
        self._luck = random.Random(seed).random()

    def act(self, observation, info):
        left, right = map(int, re.findall(r"\d+", observation))
        if "break" in self._told and 0 in (left, right):
            raise RuntimeError("broken as told")
        care = int(re.search(r"Care (\d+)", self._told)[1]) if self._told else BARE_CARE
        return str(left + right + (self._luck >= care / 10))


class Writer:
    """Writes that more care be taken than in the instructions shown last, by 1 or 2.

    Args:
        manner: "well"; "mumbling", without marks at seeds that divide by 3; "never", without marks at all; "stubborn",
            always the same; "carelessly", that less care be taken; "breaking", perfect care, but what breaks.
    """

    def __init__(self, *, manner: str = "well") -> None:
        self._manner = manner

    def reset(self, seed):
        self._seed = seed

    def act(self, observation, info):
        PROMPTS.append(observation)
        care = max(map(int, re.findall(r"Care (\d+)", observation)), default=BARE_CARE)
        more = care + 1 + random.Random(self._seed).randrange(2)
        match self._manner:
            case "never":
                return f"Care {more}."
            case "mumbling" if self._seed % 3 == 0:
                return f"<INS>Care {more}."
            case "stubborn":
                return "<INS>Care 5.</INS>"
            case "carelessly":
                return f"<INS>Care {self._seed % 2}.</INS>"
            case "breaking":
                return f"<INS>Care 10, then break {self._seed} things.</INS>"
        return f"Here they are:\n<INS>\nCare {more}.\n</INS>"


PROMPTS: list[str] = []
"""What writers were asked, in order."""
