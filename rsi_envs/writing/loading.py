# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Where assignments come from: the shipped set, JSON Lines files, Hugging Face data sets."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

from rsi_envs.core.tasks import HUGGINGFACE_PREFIX, TaskSet, read_tasks
from rsi_envs.writing.types import WritingTask, parse_task

_SUFFIX = ".toml"


def load_assignments(source: str | None = None) -> TaskSet[WritingTask]:
    """Loads assignments.

    Args:
        source: None for the shipped ones; the path of a JSON Lines file, plain or gzip-compressed; or "hf:" and the
            name (or local folder) of a Hugging Face data set.

    Raises:
        TaskFileError: A file or row that can't be used; names path, line and field.
        TaskError: Two assignments share an id, or there is none.
        MissingExtra: "hf:" without the `datasets` package.
    """
    if source is None:
        return _shipped()
    name = source if source.startswith(HUGGINGFACE_PREFIX) else Path(source).name
    return TaskSet(name, read_tasks(source, parse_task))


@cache
def _shipped() -> TaskSet[WritingTask]:
    tasks = []
    for file in sorted(files(__package__).joinpath("assignments").iterdir(), key=lambda file: file.name):
        if file.name.endswith(_SUFFIX):
            rows = tomllib.loads(file.read_text("utf-8"))["assignments"]
            tasks += [parse_task(row, file.name.removesuffix(_SUFFIX)) for row in rows]
    return TaskSet("the shipped assignments", tasks)
