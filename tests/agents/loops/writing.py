# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An agent without a model that plays every part in the example configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rsi_envs.core.judgements import written
from rsi_envs.core.judging import JudgingTask, Ranking

SCORE = "What was written answers it.\nScore: 5"


class FakeWriter:
    """Writes as many words as it draws, judges by words with a rationale that it draws, and rates everything well."""

    def __init__(self, *, instructions: str = "") -> None:
        self._instructions = instructions

    def reset(self, seed: int | None) -> None:
        self._rng = np.random.default_rng([3, seed or 0])

    def act(self, observation: str, info: Mapping[str, Any]) -> str:
        count = int(self._rng.integers(2, 90))
        if "judging" in info:
            task = JudgingTask.from_dict(info["judging"])
            said = [len(text.split()) for text in task.candidates]
            return written(Ranking.of_scores(said, rationale=" ".join(["more"] * count)))
        return SCORE if "Score: N" in observation else " ".join(["word"] * count)
