# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Judges without a model: `constraints` knows what a program can check, `first` and `longest` are biased baselines.

They judge wherever `info["judging"]` holds the task (see `rsi_envs.core.hearing.judging_info`), and answer as a
language model would.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rsi_agents.errors import NothingToJudge
from rsi_envs.core.constraints import share_met
from rsi_envs.core.judgements import written
from rsi_envs.core.judging import JudgingTask, Ranking


class RuleJudge:
    """An agent that judges by a rule.

    Args:
        rule: Ranks the candidates of a task.
    """

    def __init__(self, rule: Callable[[JudgingTask], Ranking]) -> None:
        self._rule = rule

    def reset(self, seed: int | None) -> None:
        """Nothing to forget."""

    def act(self, observation: str, info: Mapping[str, Any]) -> str:
        """Answers with a ranking.

        Raises:
            NothingToJudge: There are no candidates here.
        """
        if "judging" not in info:
            raise NothingToJudge("there are no candidates to judge here; choose an agent that plays this environment")
        return written(self._rule(JudgingTask.from_dict(info["judging"])))


def first() -> RuleJudge:
    """Makes the judge that ranks candidates as they are shown."""

    def rule(task: JudgingTask) -> Ranking:
        return Ranking(tuple((i,) for i in range(len(task.candidates))), "The first shown is the best.")

    return RuleJudge(rule)


def longest() -> RuleJudge:
    """Makes the judge that ranks candidates by their number of characters."""

    def rule(task: JudgingTask) -> Ranking:
        return Ranking.of_scores(list(map(len, task.candidates)), rationale="The longest is the best.")

    return RuleJudge(rule)


def constraints() -> RuleJudge:
    """Makes the judge that ranks by the share of the task's constraints met; where it has none, all are tied."""

    def rule(task: JudgingTask) -> Ranking:
        scores = [share_met(task.constraints, text) for text in task.candidates]
        rationale = f"The {len(task.constraints)} constraints that a program checks decide."
        return Ranking.of_scores(scores, rationale=rationale)

    return RuleJudge(rule)
