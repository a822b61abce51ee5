# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`self_refine of AGENT`: an agent criticises its own answer, and answers again.

Source: Madaan et al., Self-Refine: Iterative Refinement with Self-Feedback, arXiv 2303.17651.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym

from rsi_agents.policies import prompts
from rsi_agents.policies.fitting import check_text
from rsi_agents.policies.wrapping import Factory, WrappingAgent, aside
from rsi_envs.core.agents import Agent
from rsi_envs.core.options import check_count


class SelfRefine(WrappingAgent):
    """Plays what the agent within makes of its answer, criticising it in between.

    The agent within is shown requests as further turns of the episode, so it must be one that remembers its turns.

    Args:
        inner: The agent within.
        rounds: How often it criticises and improves, at most.
    """

    def __init__(self, inner: Agent, *, rounds: int = 2) -> None:
        super().__init__([inner])
        self._rounds = rounds

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Hands the environment on.

        Raises:
            UnfitEnvironment: It is not played in text.
        """
        check_text("self_refine", env)
        super().attach(env)

    def act(self, observation: str, info: Mapping[str, Any]) -> str:
        """Plays the last draft."""
        (agent,) = self._inner
        drafts, criticisms = [agent.act(observation, info)], []
        for _ in range(self._rounds):
            criticisms.append(str(agent.act(prompts.CRITICISE, aside(info))))
            if is_content(criticisms[-1]):
                break
            drafts.append(agent.act(prompts.IMPROVE, info))
        self._tell(agent, candidates=drafts, chosen=len(drafts) - 1, criticisms=criticisms)
        action: str = drafts[-1]
        return action


def self_refine(inner: Factory, /, *, rounds: int = 2) -> Factory:
    """Wraps an agent so that it improves its answers before they are played.

    Args:
        inner: Makes the agent.
        rounds: How often it criticises and improves, at most; it stops when it finds nothing to improve.

    Raises:
        InvalidOption: `rounds` is no such number.
    """
    check_count("rounds", rounds)
    return lambda: SelfRefine(inner(), rounds=rounds)


def is_content(criticism: str) -> bool:
    """Tells whether a line of a criticism says, and says no more than, that there is nothing to improve."""
    return any(line.strip(" \t*_`\"'.").casefold() == prompts.CONTENT.casefold() for line in criticism.splitlines())
