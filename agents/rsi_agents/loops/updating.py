# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Updaters: what makes a new generation of lessons."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from rsi_agents.loops.contract import Round

_GENERATION = "generation"


class Updater(Protocol):
    """Makes a new agent of an old one and of lessons."""

    def train(self, agent: str, rows: Path, out: Path, *, seed: int) -> None:
        """Learns.

        Args:
            agent: The name of the agent to begin with.
            rows: A file that `rsi_agents.loops.lessons.write_lessons` wrote, of at least one row.
            out: The file or folder to write what was learned to. It is moved to its place afterwards.
            seed: What the updater's randomness comes from.

        Raises:
            CannotUpdate: This agent can't be updated in this way.
        """
        ...

    def named(self, agent: str, learned: Path) -> str | None:
        """Gives the name of the agent that has learned.

        Args:
            agent: The name of the agent that was begun with.
            learned: What `train` wrote, in its place.

        Returns:
            Its name; None where training happens elsewhere, so that the loop stops here.

        Raises:
            CannotUpdate: This agent can't be updated in this way.
        """
        ...


def learned(updater: Updater, round_: Round, agent: str, rows: Path, name: str = _GENERATION) -> str | None:
    """Teaches an agent the rows of a round, unless that has been done, and names the agent that has learned.

    Args:
        updater: How.
        round_: The round.
        agent: The agent's name.
        rows: What to teach.
        name: What to call the file or folder in the round's folder that holds what was learned.

    Raises:
        CannotUpdate: The updater can't teach this agent.
    """
    out = round_.once(name, lambda path: updater.train(agent, rows, path, seed=round_.seed))
    return updater.named(agent, out)
