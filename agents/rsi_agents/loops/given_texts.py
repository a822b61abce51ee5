# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Texts of one's own, from a file."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rsi_agents.errors import InvalidLoop


class GivenText(BaseModel):
    """A line of a file of texts; what else it holds is passed over."""

    model_config = ConfigDict(frozen=True)

    text: str = Field(min_length=1)
    id: str | None = None
    """What to call it; None calls it by its line."""


def read_texts(file: str | Path) -> list[GivenText]:
    """Reads a JSON Lines file of texts; blank lines are passed over.

    Raises:
        InvalidLoop: The file can't be read, or a line is none; the message names it.
    """
    try:
        lines = Path(file).read_text("utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise InvalidLoop(f"texts: {file} can't be read: {error}") from error
    texts = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                texts.append(GivenText.model_validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(map(str, first["loc"])) or "the line"
                raise InvalidLoop(f"texts: {file}, line {number}: {place}: {first['msg']}") from error
    return texts
