# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What an assignment is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rsi_envs.core.constraints import Constraint
from rsi_envs.core.errors import InvalidOption, TaskFileError, TaskNotFound
from rsi_envs.core.tasks import SPLITS, Split

FEWEST_REFERENCES = 2


@dataclass(frozen=True, slots=True)
class Reference:
    """A text of known quality."""

    level: str
    """Its rung on the ladder, such as "poor"."""
    text: str


@dataclass(frozen=True, slots=True)
class WritingTask:
    """An assignment, what a program checks of a text, and texts of known quality."""

    id: str
    split: Split
    genre: str
    assignment: str
    """What is to be written, without the constraints."""
    criteria: str
    """What judges are to look at; empty leaves it to them."""
    constraints: tuple[Constraint, ...]
    references: tuple[Reference, ...]
    """The ladder, from worst to best."""

    def reference(self, level: str) -> str:
        """Returns the reference text of this level.

        Raises:
            TaskNotFound: There is none; the message lists those there are.
        """
        texts = {reference.level: reference.text for reference in self.references}
        if level not in texts:
            raise TaskNotFound(f"{self.id} has the references {', '.join(texts)}, not {level!r}")
        return texts[level]


def parse_task(row: Mapping[str, Any], genre: str = "") -> WritingTask:
    """Makes a task of one row of a file.

    Args:
        row: `id`, `assignment` and `references`; `split` ("test" if left out), `genre`, `criteria` and `constraints`
            may be left out.
        genre: Where the row names none.

    Raises:
        TaskFileError: The row is none; the field at fault is named.
    """
    known = {"id", "split", "genre", "assignment", "criteria", "constraints", "references"}
    for field in ("id", "assignment", "references"):
        if field not in row:
            raise TaskFileError("", "is missing", field=field)
    unknown = sorted(set(row) - known)
    if unknown:
        raise TaskFileError("", f"is not among {', '.join(sorted(known))}", field=unknown[0])
    texts = {"split": "test", "genre": genre, "criteria": "", **row}
    for field in ("id", "split", "genre", "assignment", "criteria"):
        if not isinstance(texts[field], str):
            raise TaskFileError("", f"expected text, got {type(texts[field]).__name__}", field=field)
    if texts["split"] not in SPLITS:
        raise TaskFileError("", f"{texts['split']!r} is not among {list(SPLITS)}", field="split")
    try:
        constraints = tuple(Constraint.from_dict(constraint) for constraint in row.get("constraints", ()))
    except (InvalidOption, TypeError) as error:
        raise TaskFileError("", str(error), field="constraints") from error
    return WritingTask(
        texts["id"],
        texts["split"],
        texts["genre"],
        texts["assignment"],
        texts["criteria"],
        constraints,
        _references(row["references"]),
    )


def _references(rows: Any) -> tuple[Reference, ...]:
    try:
        references = tuple(Reference(str(row["level"]), str(row["text"]).strip()) for row in rows)
    except (TypeError, KeyError) as error:
        raise TaskFileError("", "expected objects with level and text", field="references") from error
    if len(references) < FEWEST_REFERENCES or len({one.level for one in references}) < len(references):
        raise TaskFileError("", "expected at least two, from worst to best, of different levels", field="references")
    return references
