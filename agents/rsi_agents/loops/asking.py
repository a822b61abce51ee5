# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Asking an agent something in words, outside of any environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import gymnasium as gym

from rsi_agents.loops.minutes import Minutes
from rsi_agents.registry import agent_factory
from rsi_envs.core.agents import Attached, Closeable, SeatGuard
from rsi_envs.core.budget import Budget
from rsi_envs.core.errors import ModelRefused
from rsi_envs.core.hearing import ATTEMPTS
from rsi_envs.core.spaces import UnicodeText
from rsi_envs.core.text import MAX_TEXT_LENGTH


class Question:
    """What an agent is attached to that is asked something in words.

    Args:
        system_prompt: What to tell a model first.
    """

    action_space = UnicodeText(MAX_TEXT_LENGTH)
    observation_space = UnicodeText(MAX_TEXT_LENGTH)

    def __init__(self, system_prompt: str) -> None:
        self.system_prompt = system_prompt

    @property
    def unwrapped(self) -> Question:
        """This question, as an agent expects of an environment."""
        return self


class Asked:
    """An agent that is asked in words; may be asked from several threads at once.

    Args:
        name: Its name.
        minutes: Where its answers are kept; it is asked what has not been asked.
        system_prompt: What a model is told first.
        budget: What its model spends from.

    Raises:
        AgentNotFound: No agent has this name.
        AgentNameError: The name can't be read.
    """

    def __init__(self, name: str, minutes: Minutes, *, system_prompt: str, budget: Budget) -> None:
        self._name, self._minutes, self._system_prompt = name, minutes, system_prompt
        self._make = agent_factory(name, budget=budget)

    def ask(self, question: str, problem_of: Callable[[str], str | None], again: str, *, seed: int) -> str | None:
        """Asks until the answer can be used, `ATTEMPTS` times at most.

        Args:
            question: The first thing to ask.
            problem_of: Says what is wrong with an answer; None where it can be used.
            again: What to ask then, with `{problem}` in it.
            seed: What the agent's randomness comes from.

        Returns:
            The answer; None where none could be used, or its model refused.

        Raises:
            BudgetExhausted: The budget is spent.
            ChatError: The model can't be reached.
            EnvironmentFault: The agent broke.
        """
        asked = [self._name, self._system_prompt, question, seed]
        said = self._minutes.get(asked)
        if said is None:
            said = {"text": self._answer(question, problem_of, again, seed)}
            self._minutes.put(asked, said)
        return cast("str | None", said["text"])

    def _answer(self, question: str, problem_of: Callable[[str], str | None], again: str, seed: int) -> str | None:
        agent = self._make()
        try:
            with SeatGuard(f"the agent {self._name!r}"):
                if isinstance(agent, Attached):
                    agent.attach(cast("gym.Env[str, str]", Question(self._system_prompt)))
                agent.reset(seed)
                for _ in range(ATTEMPTS):
                    text = str(agent.act(question, {}))
                    problem = problem_of(text)
                    if problem is None:
                        return text
                    question = again.format(problem=problem)
        except ModelRefused:
            return None
        finally:
            if isinstance(agent, Closeable):
                agent.close()
        return None
