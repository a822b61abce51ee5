# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A judge that is an agent: it is asked in words, again where its answer can't be read, and its ranking read off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

import gymnasium as gym

from rsi_envs.core.agents import Agent, Attached, Closeable, Metered, SeatGuard, make_agent
from rsi_envs.core.budget import Usage, shared_budget
from rsi_envs.core.errors import Abstained
from rsi_envs.core.judgements import MOST_LISTED, SYSTEM_PROMPT, question, rankings_of, read, schema
from rsi_envs.core.judging import JudgingTask, Ranking
from rsi_envs.core.options import check_count
from rsi_envs.core.personas import cast_of
from rsi_envs.core.spaces import UnicodeText
from rsi_envs.core.text import MAX_TEXT_LENGTH

AGAIN = "That can't be read: {problem}. Answer again, with one JSON object and nothing else."
ATTEMPTS = 3
"""How often a judge is asked, at most."""


def judging_info(task: JudgingTask, *, probabilities: bool = False) -> dict[str, Any]:
    """Makes what the info dict says of a task besides the question: the task as data, and the form of an answer.

    `judging` is the task's `as_dict`, for judges that read no prose; `schema` the JSON schema of an answer;
    `legal_actions` lists an answer for every ranking, for up to four candidates.
    """
    count = len(task.candidates)
    info: dict[str, Any] = {"judging": task.as_dict(), "schema": schema(count, probabilities=probabilities)}
    if count <= MOST_LISTED:
        info["legal_actions"] = [f'{{"ranking": "{order}"}}' for order in rankings_of(count)]
    return info


class Hearing:
    """The environment that a judge is attached to, and what it is asked there.

    Args:
        task: What is judged.
        persona: What to tell the judge of itself before everything else; empty for nothing.
        guarded: False asks as plainly as can be, without a system prompt; there to be measured against.
    """

    action_space = UnicodeText(MAX_TEXT_LENGTH)
    observation_space = UnicodeText(MAX_TEXT_LENGTH)

    def __init__(self, task: JudgingTask, persona: str = "", *, guarded: bool = True) -> None:
        self.system_prompt = "\n\n".join(filter(None, (persona, SYSTEM_PROMPT if guarded else "")))
        self.observation = question(task, guarded=guarded)
        self.info = {"task_id": None, "split": None, "tools": [], "malformed": None, "metrics": {}} | judging_info(task)

    @property
    def unwrapped(self) -> Hearing:
        """This hearing, as an agent expects of an environment."""
        return self


class AgentJudge:
    """Makes a `Judge` of any agent that answers in text.

    Every task gets an agent of its own, so that a judge may be asked from several threads at once.

    Args:
        name: An agent's name (see `rsi_agents.registry`); " as PERSONA" may follow (see `rsi_envs.core.personas`).
        make: Makes the agent; None makes the one of this name, which spends from the budget that is shared now.
        persona: What to tell the judge of itself; None for what the name says.
        attempts: How often to ask until an answer can be read, at least 1.
        guarded: As `Hearing` takes it.

    Raises:
        InvalidOption: `attempts` is no such number, or no persona is called so.
    """

    def __init__(
        self,
        name: str,
        *,
        make: Callable[[], Agent] | None = None,
        persona: str | None = None,
        attempts: int = ATTEMPTS,
        guarded: bool = True,
    ) -> None:
        check_count("attempts", attempts)
        self.name = name
        agent, own = cast_of(name)
        self._make = make or partial(make_agent, agent, budget=shared_budget())
        self._persona = own if persona is None else persona
        self._attempts = attempts
        self._guarded = guarded

    def judge(self, task: JudgingTask, *, seed: int | None = None) -> Ranking:
        """Ranks the candidates; see `Judge.judge`.

        Raises:
            Abstained: No answer could be read; the message says what was wrong with the last.
            EnvironmentFault: The agent broke, or judges nothing.
            RsiError: It broke in another way that has a name.
            Exception: Whatever making an agent of this name raises.
        """
        hearing = Hearing(task, self._persona, guarded=self._guarded)
        agent = self._make()
        try:
            with SeatGuard(f"the judge {self.name!r}"):
                if isinstance(agent, Attached):
                    agent.attach(cast("gym.Env[Any, Any]", hearing))
                agent.reset(seed)
                return self._heard(agent, hearing.observation, hearing.info, len(task.candidates))
        finally:
            if isinstance(agent, Closeable):
                agent.close()

    def _heard(self, agent: Agent, observation: str, info: Mapping[str, Any], count: int) -> Ranking:
        problem = None
        for _ in range(self._attempts):
            reading = read(str(agent.act(observation, info)), count)
            if reading.ranking is not None:
                return replace(reading.ranking, usage=_usage(agent))
            problem = reading.problem
            observation = AGAIN.format(problem=problem)
        said = f"{self.name} gave no ranking in {self._attempts} attempts; the last time, {problem}"
        raise Abstained(said, _usage(agent))


def _usage(agent: Agent) -> Usage:
    return agent.usage if isinstance(agent, Metered) else Usage()
