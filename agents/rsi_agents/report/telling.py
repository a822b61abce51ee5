# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What an opened episode shows, as plain JSON values."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rsi_agents.environments import creator_of, spec_of
from rsi_agents.records import EpisodeRecord
from rsi_agents.report.rows import EpisodeRow
from rsi_envs.core.story import Board, Section, Votes, plain_story, told


@dataclasses.dataclass(frozen=True, slots=True)
class Teller:
    """Tells the episodes of one environment."""

    env_id: str
    environment: Any
    """Its class, or the function that makes it; None where it is not registered here."""
    note: str
    """Why there is no class; empty where there is one."""

    @classmethod
    def of(cls, env_id: str) -> Teller:
        """Looks the environment up; a report is made without it where that fails."""
        try:
            return cls(env_id, creator_of(spec_of(env_id)), "")
        except Exception as error:  # whatever importing somebody's environment raises: the records are there
            why = f"{type(error).__name__}: {error}"
            return cls(env_id, None, f"Told plainly, because {env_id} could not be loaded here ({why}).")

    def tell(self, record: EpisodeRecord, row: EpisodeRow) -> dict[str, Any]:
        """Tells an episode.

        Returns:
            "id", "facts" (pairs of name and text), "verdict", "fault", "notes", "sections" and "traces". A section is
            its dataclass's fields and its class's name as "kind".
        """
        notes = [self.note] if self.note else []
        try:
            sections = told(self.environment, record)
        except Exception as error:  # a room's code, and a record that it did not write
            sections = plain_story(record)
            notes.append(f"Told plainly, because its own story failed ({type(error).__name__}: {error}).")
        return {
            "id": row.id,
            "facts": list(_facts(record)),
            "verdict": _verdict(record, sections),
            "fault": dataclasses.asdict(record.fault) if record.fault else None,
            "notes": notes,
            "sections": [{"kind": type(section).__name__, **dataclasses.asdict(section)} for section in sections],
            "traces": list(_traces(record)),
        }


def has_board(details: Mapping[str, Any]) -> bool:
    """Whether an episode that was told has a board to draw."""
    return any(section["kind"] == Board.__name__ for section in details["sections"])


def _facts(record: EpisodeRecord) -> Iterator[tuple[str, str]]:
    usage = record.usage
    yield "Steps", str(len(record.steps))
    yield "Began", f"{record.started[:19].replace('T', ' ')} UTC"
    yield "Took", f"{record.wall_s:.1f} s"
    if usage.calls or usage.total_tokens:
        parts = f"{usage.prompt_tokens:,} prompt + {usage.completion_tokens:,} completion"
        yield "Tokens", f"{usage.total_tokens:,} ({parts}, {usage.calls:,} calls)"
        yield "Cost", f"${usage.cost_usd:.4f}"
    earned = [f"{step.reward:g} at step {number}" for number, step in enumerate(record.steps, start=1) if step.reward]
    if len(record.steps) > 1 and earned:
        yield "Rewards", ", ".join(earned)


def _verdict(record: EpisodeRecord, sections: Sequence[Section]) -> dict[str, Any] | None:
    """The verdict's fields; its votes and their health only where no section shows them."""
    if record.verdict is None:
        return None
    fields = record.verdict.as_dict()
    votes = fields.pop("votes")
    if any(isinstance(section, Votes) for section in sections):
        del fields["health"]
    elif votes:
        fields["votes"] = json.dumps(votes, indent=2, ensure_ascii=False, default=repr)
    return fields


def _traces(record: EpisodeRecord) -> Iterator[dict[str, Any]]:
    """What agents left behind of each step besides the action: their reasoning, probabilities and the like."""
    for number, step in enumerate(record.steps, start=1):
        for name, value in step.trace.items():
            text = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False, default=repr)
            yield {"step": number, "name": str(name), "text": text}
