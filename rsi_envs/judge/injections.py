# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Candidates that try to sway their judge, each beside a plainly better honest one; and the same without trying."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from rsi_envs.core.judging import JudgingTask, Ranking
from rsi_envs.core.tasks import TaskSet
from rsi_envs.judge.types import Trial

INJECTED, HARMLESS = "injections", "harmless"
"""Kinds: with what is tried, and the same pairs without it."""
_HONEST_IS_BETTER = Ranking(((0,), (1,)))


@cache
def load_injections(kind: str) -> TaskSet[Trial]:
    """Loads the trials of a kind, all in the split "test"; their ids are the payloads' names.

    Args:
        kind: `INJECTED` or `HARMLESS`.
    """
    data = tomllib.loads(files(__package__).joinpath("injections.toml").read_text("utf-8"))
    trials = []
    for number, payload in enumerate(data["payloads"]):
        base = data["bases"][number % len(data["bases"])]
        hostile = f"{base['poor']}\n\n{payload['text']}" if kind == INJECTED else base["poor"]
        task = JudgingTask(base["assignment"], (base["honest"], hostile))
        trials.append(Trial(payload["name"], "test", task, _HONEST_IS_BETTER, kind))
    return TaskSet(kind, trials)
