# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Sets of tasks: stable ids, disjoint splits, and loaders that name what is wrong and where."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar, get_args

import numpy as np

from rsi_envs.core.errors import MissingExtra, TaskError, TaskFileError, TaskNotFound

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
HUGGINGFACE_PREFIX = "hf:"


class Task(Protocol):
    """What every task has, whatever its environment."""

    @property
    def id(self) -> str:
        """Stable for ever, unique within its set."""
        ...

    @property
    def split(self) -> Split:
        """The one split this task belongs to."""
        ...


TaskT = TypeVar("TaskT", bound=Task)


class TaskSet(Generic[TaskT]):
    """Tasks of one kind, each in exactly one split, so that splits are disjoint by construction.

    Args:
        name: What to call the set in messages.
        tasks: In the order in which `ids` lists them.

    Raises:
        TaskError: Two tasks share an id, or there is no task at all.
    """

    def __init__(self, name: str, tasks: Iterable[TaskT]) -> None:
        self.name = name
        self._by_id: dict[str, TaskT] = {}
        for task in tasks:
            if task.id in self._by_id:
                raise TaskError(f"{name}: two tasks have the id {task.id!r}; make each id unique")
            self._by_id[task.id] = task
        if not self._by_id:
            raise TaskError(f"{name} holds no task")

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[TaskT]:
        return iter(self._by_id.values())

    def ids(self, split: Split | None = None) -> tuple[str, ...]:
        """Lists task ids in order; `split=None` lists those of every split."""
        return tuple(task.id for task in self if split is None or task.split == split)

    def get(self, task_id: str) -> TaskT:
        """Returns the task of this id.

        Raises:
            TaskNotFound: There is none; the message names the nearest id.
        """
        task = self._by_id.get(task_id)
        if task is None:
            near = get_close_matches(task_id, self._by_id, n=1, cutoff=0.0)
            raise TaskNotFound(f"{self.name} has no task {task_id!r}; the nearest id is {near[0]!r}")
        return task

    def pick(self, rng: np.random.Generator, split: Split) -> TaskT:
        """Draws one task of the split, uniformly.

        Raises:
            TaskNotFound: The split is empty.
        """
        ids = self.ids(split)
        if not ids:
            filled = ", ".join(s for s in SPLITS if self.ids(s))
            raise TaskNotFound(f"{self.name} has no task in split {split!r}; there are some in {filled}")
        return self._by_id[ids[int(rng.integers(len(ids)))]]


def read_jsonl(path: str | Path, parse: Callable[[Mapping[str, Any]], TaskT]) -> Iterator[TaskT]:
    """Reads tasks from a JSON Lines file, plain or gzip-compressed (by content, not by name).

    Args:
        path: The file; blank lines are passed over.
        parse: Makes a task of one row. It may raise `TaskFileError`; path and line are filled in here.

    Raises:
        TaskFileError: The file is missing or unreadable, a line is no JSON object, or `parse` refused it.
    """
    for line, text in enumerate(read_text(path).split("\n"), start=1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except ValueError as error:
            raise TaskFileError(path, f"not JSON: {error}", line=line) from error
        yield parse_row(path, line, row, parse)


def read_huggingface(name: str, parse: Callable[[Mapping[str, Any]], TaskT]) -> Iterator[TaskT]:
    """Reads tasks from a Hugging Face data set.

    Args:
        name: A data set's name on the hub, or a local folder of data files, as `datasets.load_dataset` takes it; "#"
            and the name of one of its splits may follow. Without, it is "test", or the only one there is.
        parse: Makes a task of one row, as in `read_jsonl`.

    Raises:
        MissingExtra: The `datasets` package is not installed.
        TaskFileError: The data set can't be had, has no such split (the message lists those it has), or `parse` refused
            a row (the message counts rows from 1).
    """
    try:
        import datasets
    except ImportError as error:
        raise MissingExtra(
            "reading a Hugging Face data set needs the `datasets` package: pip install 'rsi-envs[datasets]'"
        ) from error
    name, _, split = name.partition("#")
    source = f"{HUGGINGFACE_PREFIX}{name}"
    try:
        there = datasets.load_dataset(name)
    except Exception as error:  # the hub client raises dozens of classes; all mean "can't be had"
        raise TaskFileError(source, f"can't be loaded: {error}") from error
    split = split or (next(iter(there)) if len(there) == 1 else "test")
    if split not in there:
        raise TaskFileError(source, f"has the splits {', '.join(there)}, not {split!r}; name one, as in {source}#SPLIT")
    for line, row in enumerate(there[split], start=1):
        yield parse_row(source, line, row, parse)


def read_text(path: str | Path) -> str:
    """Reads a text file in UTF-8, plain or gzip-compressed (by content, not by name).

    Raises:
        TaskFileError: The file is missing or unreadable, or not UTF-8; then the line is named.
    """
    try:
        data = Path(path).read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise TaskFileError(path, f"can't be read: {error}", line=line) from error
    except (OSError, EOFError, zlib.error) as error:
        raise TaskFileError(path, f"can't be read: {error}") from error


def read_tasks(source: str, parse: Callable[[Mapping[str, Any]], TaskT]) -> Iterator[TaskT]:
    """Reads tasks from a JSON Lines file, or after "hf:" from a Hugging Face data set.

    Raises:
        MissingExtra: "hf:" without the `datasets` package.
        TaskFileError: As `read_jsonl` and `read_huggingface` raise it.
    """
    if source.startswith(HUGGINGFACE_PREFIX):
        return read_huggingface(source.removeprefix(HUGGINGFACE_PREFIX), parse)
    return read_jsonl(source, parse)


def parse_row(path: str | Path, line: int, row: object, parse: Callable[[Mapping[str, Any]], TaskT]) -> TaskT:
    """Makes a task of one row, and says where it stood when it can't be.

    Raises:
        TaskFileError: The row is no JSON object, or `parse` refused it.
    """
    if not isinstance(row, Mapping):
        raise TaskFileError(path, f"expected a JSON object, got {type(row).__name__}", line=line)
    try:
        return parse(row)
    except TaskFileError as error:
        raise TaskFileError(path, error.problem, line=line, field=error.field) from error
