# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a loop teaches: examples to follow and preferences, each with where it came from, in the formats that TRL reads.

A row is a JSON object. Examples have `prompt` and `completion`, preferences `prompt`, `chosen` and `rejected`, all
lists of messages; the other columns say where a row came from, and trainers ignore them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

from rsi_agents.environments import open_environment
from rsi_agents.errors import LeakedTask
from rsi_agents.loops.instruments import task_of
from rsi_agents.records import EpisodeRecord

UNLEASHED = "UNLEASHED: "
"""What may stand before every assignment, so that a trained model can be asked for what it learned by."""

Message = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row came from."""

    env_id: str
    task_id: str
    """See `task_of`."""
    seed: int
    split: str
    """The split that the task belongs to; empty where the environment has none."""
    generation: str
    """The agent that said it."""
    role: Literal["actor", "judge"] = "actor"
    """What the agent did: the task, or judging what was done."""


@dataclass(frozen=True, slots=True)
class Example:
    """A performance to follow."""

    prompt: tuple[Message, ...]
    completion: tuple[Message, ...]
    score: float
    """In [0, 1]."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class Preference:
    """Two performances on one task, of which one is better."""

    prompt: tuple[Message, ...]
    chosen: tuple[Message, ...]
    rejected: tuple[Message, ...]
    margin: float
    """By how much the better one is better, above 0."""
    origin: Origin
    """The better one's."""
    votes: tuple[Mapping[str, Any], ...] = ()
    """What judges said, with both orders."""
    health: Mapping[str, float] = field(default_factory=dict)
    """How far the votes can be trusted: see `rsi_envs.core.health`."""


def example_of(record: EpisodeRecord, env_id: str) -> Example:
    """Makes an example of an episode in text: the assignment is its prompt, the rest its completion.

    Args:
        record: It came to its end and has a score.
        env_id: Where it was played.
    """
    first, *rest = conversation_of(record)
    return Example((first,), tuple(rest), record.score or 0.0, origin_of(record, env_id))


def origin_of(record: EpisodeRecord, env_id: str) -> Origin:
    """Says where an episode came from."""
    return Origin(env_id, task_of(record), record.seed, str((record.info or {}).get("split") or ""), record.agent)


def conversation_of(record: EpisodeRecord) -> list[Message]:
    """Gives an episode in text as a conversation that ends with the agent's last action."""
    messages: list[Message] = [{"role": "user", "content": str(record.observation)}]
    for number, step in enumerate(record.steps, start=1):
        messages.append({"role": "assistant", "content": str(step.action)})
        if number < len(record.steps):
            messages.append({"role": "user", "content": str(step.observation)})
    return messages


def row_of(
    lesson: Example | Preference, form: Literal["trl", "trl-kto"] = "trl", *, unleashed: bool = False
) -> list[dict[str, Any]]:
    """Writes a lesson as rows of a data set.

    Args:
        lesson: What to write.
        form: "trl" for SFT and DPO, "trl-kto" for single performances that are good or bad.
        unleashed: Whether `UNLEASHED` stands before the assignment.

    Returns:
        One row, or two where a preference is written for KTO.
    """
    prompt = [dict(message) for message in lesson.prompt]
    if unleashed:
        prompt[0]["content"] = UNLEASHED + prompt[0]["content"]
    origin = {
        "env_id": lesson.origin.env_id,
        "task_id": lesson.origin.task_id,
        "seed": lesson.origin.seed,
        "split": lesson.origin.split,
        "generation": lesson.origin.generation,
        "role": lesson.origin.role,
    }
    if isinstance(lesson, Example):
        label = {"label": True} if form == "trl-kto" else {}
        return [{"prompt": prompt, "completion": _plain(lesson.completion), **label, "score": lesson.score, **origin}]
    judged = {"margin": lesson.margin, "votes": list(lesson.votes), "health": dict(lesson.health), **origin}
    if form == "trl-kto":
        return [
            {"prompt": prompt, "completion": _plain(said), "label": good, **judged}
            for said, good in ((lesson.chosen, True), (lesson.rejected, False))
        ]
    return [{"prompt": prompt, "chosen": _plain(lesson.chosen), "rejected": _plain(lesson.rejected), **judged}]


def write_lessons(path: Path, lessons: Iterable[Example | Preference], **form: Any) -> None:
    """Writes lessons to a file of JSON Lines; see `row_of` for the form."""
    with path.open("w", encoding="utf-8") as file:
        for lesson in lessons:
            for row in row_of(lesson, **form):
                file.write(json.dumps(row, ensure_ascii=True) + "\n")


class HeldOutTasks:
    """The tasks of a split that nothing may be learned from, by id and by a digest of their assignments.

    Args:
        env_id: The environment.
        env_args: Its constructor's arguments.
        split: The split that is held out.
    """

    def __init__(self, env_id: str, env_args: Mapping[str, Any], split: str) -> None:
        self.split = split
        self._ids: set[str] = set()
        self._digests: set[str] = set()
        self._references: dict[str, str] = {}
        env = open_environment(env_id, {**env_args, "split": split})
        try:
            inside: Any = env.unwrapped
            list_ids = getattr(inside, "task_ids", None)
            for task_id in list_ids(split) if list_ids else ():
                observation, _ = env.reset(seed=0, options={"task_id": task_id})
                self._ids.add(task_id)
                self._digests.add(digest(str(observation)))
                for level in inside.reference_worth() if hasattr(inside, "reference_worth") else ():
                    self._references[digest(str(inside.reference_action(level)))] = f"{level!r} of {task_id!r}"
        finally:
            env.close()

    def check(self, lessons: Iterable[Example | Preference]) -> None:
        """Makes sure that no lesson is about a held-out task.

        Raises:
            LeakedTask: One is; the message names it.
        """
        for lesson in lessons:
            self._check(lesson.origin, lesson.prompt[0]["content"])

    def check_rows(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Makes sure that no row of a data set is about a held-out task.

        Args:
            rows: As `row_of` writes them.

        Raises:
            LeakedTask: One is; the message names it.
        """
        for row in rows:
            origin = Origin(*(row[column] for column in ("env_id", "task_id", "seed", "split", "generation")))
            self._check(origin, row["prompt"][0]["content"])

    def _check(self, origin: Origin, assignment: str) -> None:
        where = f"{origin.env_id}, task {origin.task_id!r}, seed {origin.seed}"
        if origin.split == self.split or origin.task_id in self._ids:
            raise LeakedTask(f"a lesson is about a task of the split {self.split!r}: {where}")
        if digest(assignment.removeprefix(UNLEASHED)) in self._digests:
            raise LeakedTask(f"a lesson has the assignment of a task of the split {self.split!r}: {where}")

    def check_texts(self, texts: Iterable[str]) -> None:
        """Makes sure that no text is a known solution of a held-out task.

        Raises:
            LeakedTask: One is; the message names it.
        """
        for number, text in enumerate(texts, start=1):
            reference = self._references.get(digest(text))
            if reference is not None:
                raise LeakedTask(
                    f"text {number} is the reference {reference}, a task of the split {self.split!r}; leave it out"
                )


def digest(text: str) -> str:
    """Returns a digest of a text in which white space and case count nothing."""
    return hashlib.blake2b(
        " ".join(text.casefold().split()).encode("utf-8", "surrogatepass"), digest_size=16
    ).hexdigest()


def read_rows(path: str | Path) -> Iterator[dict[str, Any]]:
    """Reads a file of rows."""
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def interlace(path: Path, sources: Sequence[Iterable[Mapping[str, Any]]]) -> None:
    """Writes the rows of several sources to one file, in turn, so that none is learned long after another."""
    with path.open("w", encoding="utf-8") as file:
        for rows in zip_longest(*sources):
            file.writelines(json.dumps(row, ensure_ascii=True) + "\n" for row in rows if row is not None)


def _plain(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [dict(message) for message in messages]
