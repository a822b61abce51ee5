# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Loops made by hand, for reports about them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rsi_agents.leaderboard import Interval
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.rounds import HeldOut, RoundRecord, round_path
from rsi_agents.paired import Paired
from rsi_envs.core.budget import Usage
from tests.agents.adding_env import ADDING_ANYWHERE
from tests.report.made import episode, make_run

BASE = "python:somewhere:Base"
EPISODES = 4


def made_round(number: int, score: float | None, **fields: Any) -> RoundRecord:
    """A round whose generation scores so much, and gained 0.1 on its parent and 0.2 on the base; None makes none."""
    of_generation = score is not None
    gained = of_generation and number > 0
    given: dict[str, Any] = {
        "number": number,
        "agent": (f"{BASE}?generation={number}" if number else BASE) if of_generation else None,
        "parent": BASE if number else None,
        "kept": of_generation,
        "held_out": HeldOut(score, Interval(score - 0.05, score + 0.05), score, 0.9, 0.75, EPISODES, 1)
        if score is not None
        else None,
        "against_parent": Paired(0.1, Interval(0.05, 0.15), 0.04, EPISODES) if gained else None,
        "against_base": Paired(0.2, Interval(0.125, 0.275), 0.0004, EPISODES) if gained else None,
        "proxy_against_parent": None,
        "measures": {},
        "brakes": (),
        "stopped": False,
        "usage": Usage(1000, 234, 0.5, 7),
        "wall_s": 61.5,
    }
    return RoundRecord(**(given | fields))


def make_loop(
    folder: Path, records: Iterable[RoundRecord], *, measured: Iterable[int] | None = None, **asked: Any
) -> Path:
    """Writes a loop.

    Args:
        folder: Its folder.
        records: Of the rounds that are finished.
        measured: The rounds that have held-out episodes; those with a generation if left out.
        **asked: Its configuration, where that differs.
    """
    base = {"loop": "rest_em", "env": ADDING_ANYWHERE, "base": BASE, "rounds": 3}
    held = list(records)
    with LoopFolder.create(folder, checked_config(base | asked, "here")) as loop:
        for record in held:
            loop.append(record)
    for number in [record.number for record in held if record.agent] if measured is None else measured:
        path = round_path(folder, number)
        make_run(path / "held-out", [episode(f"agent {number}", i) for i in range(EPISODES)])
    return folder
