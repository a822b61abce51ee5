# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The judges of a loop: who they are, and what they are asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from pydantic import Field

from rsi_agents.loops.config import StrictModel
from rsi_agents.loops.contract import Round
from rsi_agents.loops.minutes import KeptJudge, Minutes, pausing
from rsi_agents.registry import agent_factory
from rsi_envs.core.aggregation import Rule
from rsi_envs.core.errors import Abstained
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judging import Judge, JudgingTask, Ranking
from rsi_envs.core.panel import Comparing, Opinion, Panel, Seat
from rsi_envs.core.parallel import in_parallel
from rsi_envs.core.personas import cast_of

SELF = "self"
"""What a judge is called that is the generation whose samples are judged."""
_MINUTES = "judgements.jsonl"
ResultT = TypeVar("ResultT")


class Judging(StrictModel):
    """Who judges, and how."""

    judges: tuple[str, ...] = Field(default=(SELF,), min_length=1)
    """Agents' names; "self" is the generation that is judged, and "self as sceptic" the same as somebody."""
    rule: Rule = "borda"
    """How votes are put together; see `rsi_envs.core.aggregation`."""
    comparing: Comparing = "pairs"
    """"pairs" shows candidates two at a time, "list" all at once; both in both orders."""
    concurrency: int = Field(default=4, ge=1)
    """Questions asked at the same time."""
    proxy_tasks: int = Field(default=16, ge=0)
    """Held-out episodes, the first so many, that judges compare with the base's; 0 leaves the proxy out."""


class Case(NamedTuple):
    """What judges are asked."""

    task: JudgingTask
    seed: int


class Bench:
    """The judges of a round, who are asked nothing twice.

    Args:
        round_: Whose parent is the judge "self".
        judging: Who judges, and how.

    Raises:
        AgentNotFound: No agent has a judge's name.
        AgentNameError: A judge's name can't be read.
        InvalidOption: The judges make no panel.
    """

    def __init__(self, round_: Round, judging: Judging) -> None:
        self._path, self._concurrency = round_.path, judging.concurrency
        self._minutes = Minutes(round_.path / _MINUTES)
        seats = [Seat(self._kept(_named(name, round_.parent))) for name in judging.judges]
        # Questions are asked at the same time across cases, so within one they take turns.
        self._panel = Panel(seats, rule=judging.rule, comparing=judging.comparing, concurrency=1)

    def opinions(self, cases: Sequence[Case]) -> list[Opinion]:
        """Asks the panel about every case.

        Raises:
            LoopPaused: The budget is spent.
        """
        return self._all([partial(self._panel.judge, case.task, seed=case.seed) for case in cases])

    def rankings(self, name: str, cases: Sequence[Case]) -> list[Ranking | None]:
        """Asks one agent about every case once, as it is shown.

        Returns:
            Its rankings; None where it abstained.

        Raises:
            LoopPaused: The budget is spent.
            ChatError: Its model can't be reached.
        """
        judge = self._kept(name)
        return self._all([partial(_ranking, judge, case) for case in cases])

    def _kept(self, name: str) -> KeptJudge:
        agent_factory(cast_of(name).agent)
        return KeptJudge(AgentJudge(name), self._minutes)

    def _all(self, calls: Sequence[Callable[[], ResultT]]) -> list[ResultT]:
        with pausing(self._path):
            return in_parallel(calls, self._concurrency)


def _ranking(judge: Judge, case: Case) -> Ranking | None:
    try:
        return judge.judge(case.task, seed=case.seed)
    except Abstained:
        return None


def _named(name: str, parent: str) -> str:
    return parent + name.removeprefix(SELF) if name == SELF or name.startswith(f"{SELF} as ") else name
