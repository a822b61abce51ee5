# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What `trl` makes of lessons: the columns that a trainer reads, with prompts as the agent sees them in play."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from rsi_agents.environments import open_environment
from rsi_agents.errors import CannotUpdate
from rsi_agents.loops.instructions import INSTRUCTIONS
from rsi_agents.policies.llm import read_instructions, told_first
from rsi_agents.policies.weights import plain
from rsi_envs.core.judgements import SYSTEM_PROMPT

Form = Literal["SFT", "DPO", "KTO"]
_COLUMNS: Mapping[Form, tuple[str, ...]] = {
    "DPO": ("prompt", "chosen", "rejected"),
    "KTO": ("prompt", "completion", "label"),
    "SFT": ("prompt", "completion"),
}
"""Those with more columns come before those whose columns they have too."""
_PROMPT = "system_prompt"


def form_of(rows: Sequence[Mapping[str, Any]]) -> Form:
    """Says by which trainer rows can be learned from.

    Args:
        rows: As `rsi_agents.loops.lessons.write_lessons` wrote them.

    Raises:
        CannotUpdate: There are no rows, or they are of several forms, or of none.
    """
    forms = {next((f for f, columns in _COLUMNS.items() if row.keys() >= set(columns)), None) for row in rows}
    if len(forms) == 1 and (form := forms.pop()) is not None:
        return form
    raise CannotUpdate("the updater 'trl' needs rows of one form: examples, preferences, or labels")


def trained_rows(
    rows: Sequence[Mapping[str, Any]], form: Form, *, templated: bool, settings: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Writes rows as a trainer reads them.

    Of a conversation, an example becomes one row for each reply, so that what the environment said is not learned.

    Args:
        rows: As `rsi_agents.loops.lessons.write_lessons` wrote them.
        form: Which trainer reads them.
        templated: Whether the tokenizer has a chat template; without one, rows are plain text.
        settings: The agent's: its system prompt, or else its environment's, of a judge's rows what judges are told,
            stands before each prompt, followed by its instructions.

    Raises:
        AgentNameError: The instructions can't be read.
    """
    file = settings.get(INSTRUCTIONS)
    instructions = read_instructions(None if file is None else Path(file))
    lessons = (row for one in rows for row in (_by_reply(one) if form == "SFT" else [one]))
    written = []
    for row in lessons:
        prompt = settings[_PROMPT] if _PROMPT in settings else _system_prompt(row.get("env_id"), row.get("role"))
        told = told_first(prompt, instructions)
        system = [{"role": "system", "content": told}] if told else []
        new = {column: row[column] for column in _COLUMNS[form]} | {"prompt": [*system, *row["prompt"]]}
        written.append(new if templated else {column: _as_text(column, value) for column, value in new.items()})
    return written


def _by_reply(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    said = [*row["prompt"], *row["completion"]]
    for place in range(len(row["prompt"]), len(said)):
        if said[place]["role"] == "assistant":
            yield {**row, "prompt": said[:place], "completion": [said[place]]}


def _as_text(column: str, value: Any) -> Any:
    if column == "label":
        return value
    return plain(value) if column == "prompt" else plain(value)[:-1]


@cache
def _system_prompt(env_id: str | None, role: str | None) -> str:
    if role == "judge":
        return SYSTEM_PROMPT
    if env_id is None:
        return ""
    env = open_environment(env_id)
    try:
        return str(getattr(env.unwrapped, "system_prompt", ""))
    finally:
        env.close()
