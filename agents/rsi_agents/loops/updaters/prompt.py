# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`prompt`: teaches a chat model by showing it the best of what was learned, without training.

Source: R. Agarwal et al., Many-shot in-context learning, 2024 (2404.11018), whose reinforced examples are made by the
model and kept by a verifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from rsi_agents.loops.instructions import instructed
from rsi_agents.loops.lessons import read_rows

_BEGINNING = "Here is how tasks of this kind were done well before. Do the task that you are given as well or better."


class PromptUpdater:
    """Writes instructions that hold worked examples, and names the agent that follows them.

    Args:
        shown: Examples that are shown, at most, each of another task where there are as many.
        longest: Characters of an example, at most; longer ones are passed over.
    """

    def __init__(self, shown: Annotated[int, Field(ge=1)] = 3, longest: Annotated[int, Field(ge=1)] = 4000) -> None:
        self._shown, self._longest = shown, longest

    def train(self, agent: str, rows: Path, out: Path, *, seed: int) -> None:
        """Writes the instructions."""
        examples = [_shown(row) for row in self._chosen(list(read_rows(rows)), seed)]
        fitting = [text for text in examples if len(text) <= self._longest]
        out.write_text("\n\n".join([_BEGINNING, *fitting[: self._shown]]) + "\n", "utf-8")

    def named(self, agent: str, learned: Path) -> str:
        """Names the agent of the same model with these instructions instead of earlier ones.

        Raises:
            CannotUpdate: The agent takes no instructions.
        """
        return instructed(agent, learned)

    def _chosen(self, rows: list[Mapping[str, Any]], seed: int) -> list[Mapping[str, Any]]:
        """Orders rows: the best of each task first, tasks in an order drawn by the seed."""
        rng = np.random.default_rng(seed)
        tasks = sorted({row["task_id"] for row in rows})
        place = {tasks[i]: rank for rank, i in enumerate(rng.permutation(len(tasks)))}
        best = sorted(rows, key=lambda row: -float(row.get("score", row.get("margin", 0.0))))
        seen: dict[str, int] = {}
        ranked = []
        for row in best:
            seen[row["task_id"]] = seen.get(row["task_id"], 0) + 1
            ranked.append((seen[row["task_id"]], place[row["task_id"]], row))
        return [row for _, _, row in sorted(ranked, key=lambda one: one[:2])]


def _shown(row: Mapping[str, Any]) -> str:
    done = row.get("completion") or row["chosen"]
    parts = ["### Task", row["prompt"][0]["content"], "### Done well", done[-1]["content"]]
    if "rejected" in row:
        parts += ["### Done worse", row["rejected"][-1]["content"]]
    return "\n\n".join(parts)
