# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An environment of ten turns that does nothing, and a chat model that answers at once."""

from __future__ import annotations

import time
from typing import Any

import gymnasium as gym

from rsi_agents.policies.llm import LLMAgent
from rsi_envs.core.chat import Reply
from rsi_envs.core.text import Opening, TextEnv, Turn
from rsi_envs.core.verdict import Verdict

TURNS = 10
TURNS_ID = "rollout_contest.instant:contest/Turns-v0"
INSTANT = "python:rollout_contest.instant:instant_model"
ASSIGNMENT = "Say anything, ten times. " * 20


class TurnsEnv(TextEnv):
    """Takes any text, `TURNS` times."""

    def _open(self, task_id: str | None) -> Opening:
        self._turn = 0
        return Opening(ASSIGNMENT)

    def _respond(self, action: str) -> Turn:
        self._turn += 1
        over = self._turn == TURNS
        return Turn("Go on.", terminated=over, verdict=Verdict(score=1.0) if over else None)

    def _refuse(self, reason: str) -> Turn:
        return self._respond(reason)


class InstantChat:
    """Answers the same to everything."""

    name = "instant"

    def complete(self, messages: Any, **_: Any) -> Reply:
        """Answers, having let other threads run, as a call over the network does."""
        time.sleep(0)
        return Reply("All right.")


def instant_model() -> LLMAgent:
    """Makes the agent that a chat model is, on one that takes no time."""
    return LLMAgent(InstantChat())


gym.register("contest/Turns-v0", TurnsEnv, disable_env_checker=True)
