# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`best_of of AGENT`: several candidates for every action, of which feedback or a judge chooses one.

Source: Cobbe et al., Training Verifiers to Solve Math Word Problems, arXiv 2110.14168, which ranks samples by a
verifier; Stiennon et al., Learning to summarize from human feedback, arXiv 2009.01325, by a model of preferences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np

from rsi_agents.errors import UnfitEnvironment
from rsi_agents.policies import prompts
from rsi_agents.policies.fitting import check_text, name_of
from rsi_agents.policies.wrapping import Factory, WrappingAgent
from rsi_agents.registry import agent_factory
from rsi_envs.core.agents import Agent
from rsi_envs.core.budget import Budget
from rsi_envs.core.constraints import Constraint, findings
from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judging import MOST, JudgingTask
from rsi_envs.core.options import check_count
from rsi_envs.core.panel import Panel, Seat
from rsi_envs.core.personas import cast_of

FEEDBACK = "feedback"
"""The choice by what the environment lets an agent find out by itself."""
_DIGITS = 9
"""Decimals of a judge's scores; what differs beyond is rounding."""


class BestOf(WrappingAgent):
    """Draws a candidate of each agent within and plays the best; of equals the first.

    The agents within go on as if each had drawn the one that is played. Without `panel`, what `TextEnv.preview` says of
    candidates decides; with it, the panel does, which is shown the assignment and what was observed last.

    Args:
        inner: The agents within.
        panel: Who chooses; None for the environment's feedback.
    """

    def __init__(self, inner: Sequence[Agent], panel: Panel | None = None) -> None:
        super().__init__(inner)
        self._panel = panel

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Takes the environment whose feedback is asked for.

        Raises:
            UnfitEnvironment: It is not played in text, or gives no feedback where feedback is to choose.
        """
        check_text("best_of", env)
        self._env: Any = env.unwrapped
        if self._panel is None and not getattr(self._env, "previews", False):
            raise UnfitEnvironment(f"{name_of(env)} gives no feedback before an action; name a judge: best_of?judge=…")
        super().attach(env)

    def reset(self, seed: int | None) -> None:
        """Begins an episode."""
        super().reset(seed)
        self._seeds = None if seed is None else np.random.default_rng([seed, self.depth])
        self._opening: str | None = None
        self._constraints: tuple[Constraint, ...] = ()

    def act(self, observation: str, info: Mapping[str, Any]) -> str:
        """Plays the best of the candidates.

        Raises:
            Exception: Whatever an agent within, the feedback or the judge raises.
        """
        if self._opening is None:
            self._opening = observation
            self._constraints = tuple(map(Constraint.from_dict, info.get("constraints", ())))
        candidates = self._drawn(observation, info)
        different = list(dict.fromkeys(candidates))
        score = self._previewed(different) if self._panel is None else self._judged(different, observation)
        action: str = self._chosen(candidates, [score[candidate] for candidate in candidates])
        return action

    def _previewed(self, candidates: Sequence[str]) -> dict[str, float | None]:
        return {candidate: self._env.preview(candidate) for candidate in candidates}

    def _judged(self, candidates: Sequence[str], observation: str) -> dict[str, float | None]:
        """Asks the panel; where it comes to nothing, or there is nothing to choose, no candidate has a score."""
        seed = None if self._seeds is None else int(self._seeds.integers(2**31))
        if self._panel is None or len(candidates) == 1:
            return dict.fromkeys(candidates)
        assignment = self._opening or ""
        if observation != assignment:
            assignment = prompts.GONE_ON.format(assignment=assignment, observation=observation)
        facts = tuple(findings(self._constraints, text) for text in candidates) if self._constraints else ()
        task = JudgingTask(assignment, tuple(candidates), constraints=self._constraints, facts=facts)
        opinion = self._panel.judge(task, seed=seed)
        self._own += opinion.usage
        scores = {i: round(score, _DIGITS) for i, score in opinion.scores.items()}
        return {candidate: scores.get(i) for i, candidate in enumerate(candidates)}


def best_of(inner: Factory, /, *, n: int = 4, judge: str = FEEDBACK, budget: Budget | None = None) -> Factory:
    """Wraps an agent so that the best of several candidates is played.

    Args:
        inner: Makes the agents that draw candidates.
        n: How many.
        judge: "feedback", or the name of an agent that ranks candidates as a panel of one, in both orders.
        budget: What the judge spends from; None for no bound.

    Raises:
        InvalidOption: `n` is no such number, or more than a judge can rank.
        Exception: Whatever `agent_factory` raises for a judge's name.
    """
    check_count("n", n)
    panel = None
    if judge != FEEDBACK:
        if n > MOST:
            raise InvalidOption(f"n is {n}; a judge ranks {MOST} candidates at most")
        make = agent_factory(cast_of(judge).agent, budget=budget)
        panel = Panel([Seat(AgentJudge(judge, make=make))])
    return lambda: BestOf([inner() for _ in range(n)], panel)
