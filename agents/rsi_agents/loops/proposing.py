# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""From lessons to a proposal: checked for held-out tasks, written, interlaced with earlier ones, taught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rsi_agents.loops.contract import Proposal, Round
from rsi_agents.loops.lessons import Example, HeldOutTasks, Preference, interlace, read_rows, write_lessons
from rsi_agents.loops.updating import Updater, learned

LESSONS, TAUGHT = "lessons.jsonl", "taught.jsonl"
"""A round's own lessons, and these together with earlier ones."""


@dataclass(frozen=True, slots=True)
class Teaching:
    """How generations are made of lessons."""

    updater: Updater
    replay: int = 1
    """Earlier rounds whose lessons are taught again, the newest ones; 0 teaches the new ones alone."""
    unleashed: bool = False
    """Whether `UNLEASHED` stands before each assignment in what is taught."""
    demonstrations: Path | None = None
    """A file of rows that are taught in every round, too; None for none."""

    def proposal(
        self,
        round_: Round,
        agent: str,
        lessons: Sequence[Example | Preference],
        *,
        note: str,
        nothing: str,
        measures: Mapping[str, float],
    ) -> Proposal:
        """Teaches an agent the lessons of a round.

        Args:
            round_: The round.
            agent: The name of the agent to begin with.
            lessons: None of them may be about a held-out task.
            note: What to say of the new generation.
            nothing: What to say where there is no lesson.
            measures: What to tell of the round.

        Raises:
            LeakedTask: A lesson, or a demonstration, is about a held-out task.
            CannotUpdate: The updater can't teach this agent.
        """
        if not lessons:
            return Proposal(None, nothing, measures)
        config = round_.config
        held_out = HeldOutTasks(config.env, config.env_args, config.held_out.split)
        held_out.check(lessons)
        again = [read_rows(path) for path in round_.earlier(LESSONS)[: self.replay]]
        if self.demonstrations is not None:
            held_out.check_rows(read_rows(self.demonstrations))
            again.append(read_rows(self.demonstrations))
        rows = round_.once(LESSONS, lambda path: write_lessons(path, lessons, unleashed=self.unleashed))
        taught = round_.once(TAUGHT, lambda path: interlace(path, [read_rows(rows), *again]))
        made = learned(self.updater, round_, agent, taught)
        files = {"lessons": round_.within(rows)}
        if made is None:
            told = f"{len(lessons)} lessons are written; train on them elsewhere"
            return Proposal(None, told, measures, files, over=True)
        return Proposal(made, note, measures, files)
