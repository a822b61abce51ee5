# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`reflexion of AGENT`: an agent notes what went wrong, and reads it when it meets the same task again.

Source: Shinn et al., Reflexion: Language Agents with Verbal Reinforcement Learning, arXiv 2303.11366.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

import gymnasium as gym

from rsi_agents.policies import prompts
from rsi_agents.policies.fitting import check_text
from rsi_agents.policies.wrapping import Factory, WrappingAgent, aside
from rsi_envs.core.agents import Agent
from rsi_envs.core.errors import ChatError, InvalidOption
from rsi_envs.core.options import check_count
from rsi_envs.core.verdict import Verdict

MOST_CHARACTERS = 2_000
"""What is kept of a note, because it is shown again and again."""
_log = logging.getLogger("rsi_agents")


class Recollection(NamedTuple):
    """What is remembered of a task."""

    trials: int
    """How many have ended, whatever came of them."""
    notes: tuple[str, ...]
    """The latest notes, oldest first."""


class Memory:
    """Notes on tasks, shared by all agents of a run; safe to use from several threads.

    Args:
        latest: How many notes on a task are kept.
    """

    def __init__(self, latest: int) -> None:
        self._latest = latest
        self._lock = threading.Lock()
        self._tasks: dict[str | None, Recollection] = {}

    def recall(self, task_id: str | None) -> Recollection:
        """Returns what is remembered of a task."""
        with self._lock:
            return self._tasks.get(task_id, Recollection(0, ()))

    def add(self, task_id: str | None, note: str | None) -> None:
        """Counts a trial that has ended, and keeps the note on it, if there is one."""
        with self._lock:
            trials, notes = self._tasks.get(task_id, Recollection(0, ()))
            kept = (*notes, note[:MOST_CHARACTERS])[-self._latest :] if note else notes
            self._tasks[task_id] = Recollection(trials + 1, kept)


class Reflexion(WrappingAgent):
    """Shows the agent within its notes on a task before the assignment, and has it note why a trial failed.

    The agent within is asked for a note as for a further turn of the episode, so it must be one that remembers its
    turns. A model that gives none then costs the note, not the episode.

    Args:
        inner: The agent within.
        memory: Where notes are kept.
        passing_score: The score below which a trial has failed too; None goes by `verdict["passed"]` alone.
    """

    def __init__(self, inner: Agent, memory: Memory, *, passing_score: float | None = None) -> None:
        super().__init__([inner])
        self._memory = memory
        self._passing_score = passing_score

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Hands the environment on.

        Raises:
            UnfitEnvironment: It is not played in text.
        """
        check_text("reflexion", env)
        super().attach(env)

    def reset(self, seed: int | None) -> None:
        """Begins an episode; what is remembered stays."""
        super().reset(seed)
        self._recollection: Recollection | None = None

    def act(self, observation: str, info: Mapping[str, Any]) -> Any:
        """Plays what the agent within does, to whom the episode begins with its notes."""
        (agent,) = self._inner
        if self._recollection is None:
            self._task_id = info.get("task_id")
            self._recollection = self._memory.recall(self._task_id)
            if self._recollection.notes:
                notes = "\n".join(f"- {note}" for note in self._recollection.notes)
                observation = prompts.REMEMBER.format(notes=notes, assignment=observation)
        action = agent.act(observation, info)
        self._tell(agent, trial=1 + self._recollection.trials, notes=list(self._recollection.notes))
        return action

    def observe(
        self, observation: Any, reward: float, terminated: bool, truncated: bool, info: Mapping[str, Any]
    ) -> None:
        """Has the agent within note what went wrong, when the episode is over and was not passed."""
        super().observe(observation, reward, terminated, truncated, info)
        if info.get("verdict"):
            verdict = Verdict.from_dict(info["verdict"])
            note = self._note(observation, info, verdict.score or 0.0) if self._failed(verdict) else None
            self._memory.add(self._task_id, note)

    def _failed(self, verdict: Verdict) -> bool:
        """An episode without a score has not failed, because nobody knows."""
        if verdict.score is None:
            return False
        return verdict.passed is False or (self._passing_score is not None and verdict.score < self._passing_score)

    def _note(self, observation: Any, info: Mapping[str, Any], score: float) -> str | None:
        (agent,) = self._inner
        try:
            said = agent.act(prompts.REFLECT.format(observation=observation, score=score), aside(info))
        except ChatError as error:
            _log.warning("no note on %s was taken: %s", self._task_id, error)
            return None
        return str(said).strip()


def reflexion(inner: Factory, /, *, trials: int = 3, passing_score: float | None = None) -> Factory:
    """Wraps an agent so that it learns, within a run, from trials at the same task that failed.

    All agents that the returned factory makes share one memory, which begins empty.

    Args:
        inner: Makes the agent.
        trials: How many failed trials at a task are remembered, the latest.
        passing_score: The score, in [0, 1], below which a trial has failed; None goes by what the verdict calls passed.

    Raises:
        InvalidOption: A number out of its range.
    """
    check_count("trials", trials)
    if passing_score is not None and not 0.0 <= passing_score <= 1.0:
        raise InvalidOption(f"passing_score is {passing_score}; scores are in [0, 1]")
    memory = Memory(trials)
    return lambda: Reflexion(inner(), memory, passing_score=passing_score)
