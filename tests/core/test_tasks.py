# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Task sets keep ids unique and splits apart; loaders name file, line and field."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.core.errors import TaskError, TaskFileError, TaskNotFound
from rsi_envs.core.tasks import Split, TaskSet, read_huggingface, read_jsonl

BROKEN_GZIP = gzip.compress(b"{}" * 1000)[:12] + b"\xff" * 20


@dataclass(frozen=True)
class Sum:
    """A task for these tests."""

    id: str
    split: Split = "train"


def parse(row: Mapping[str, Any]) -> Sum:
    if "id" not in row:
        raise TaskFileError("", "it is missing", field="id")
    return Sum(row["id"], row.get("split", "train"))


def test_ids_keep_their_order_and_their_split() -> None:
    tasks = TaskSet("sums", [Sum("b"), Sum("c", "test"), Sum("a")])
    assert tasks.ids() == ("b", "c", "a")
    assert tasks.ids("train") == ("b", "a")
    assert tasks.ids("test") == ("c",)
    assert len(tasks) == 3


def test_two_tasks_of_one_id_are_refused_even_across_splits() -> None:
    with pytest.raises(TaskError, match="'a'"):
        TaskSet("sums", [Sum("a"), Sum("a", "test")])


def test_an_empty_set_is_refused() -> None:
    with pytest.raises(TaskError, match="no task"):
        TaskSet[Sum]("sums", [])


def test_an_unknown_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(TaskNotFound, match="'merge-bookings'"):
        TaskSet("sums", [Sum("merge-bookings"), Sum("zebra")]).get("merge-boking")


@given(st.integers(0, 2**32 - 1))
def test_the_same_seed_picks_the_same_task_of_the_split(seed: int) -> None:
    tasks = TaskSet("sums", [Sum(str(n), "train" if n % 2 else "test") for n in range(20)])
    picked = tasks.pick(np.random.default_rng(seed), "test")
    assert picked.split == "test"
    assert picked == tasks.pick(np.random.default_rng(seed), "test")


def test_every_task_of_a_split_is_picked_sooner_or_later() -> None:
    tasks = TaskSet("sums", [Sum(str(n)) for n in range(5)])
    rng = np.random.default_rng(0)
    assert {tasks.pick(rng, "train").id for _ in range(200)} == set(tasks.ids())


def test_an_empty_split_names_the_filled_ones() -> None:
    with pytest.raises(TaskNotFound, match="there are some in train"):
        TaskSet("sums", [Sum("a")]).pick(np.random.default_rng(0), "test")


@pytest.mark.parametrize("compress", [False, True])
def test_json_lines_are_read_plain_and_compressed(tmp_path: Path, compress: bool) -> None:
    data = '{"id": "é"}\n\n{"id": "b", "split": "test"}\n'.encode()
    path = tmp_path / "tasks"
    path.write_bytes(gzip.compress(data) if compress else data)
    assert list(read_jsonl(path, parse)) == [Sum("é"), Sum("b", "test")]


@pytest.mark.parametrize(
    ("content", "line", "field", "problem"),
    [
        ('{"id": "a"}\n{"id": \n', 2, None, "not JSON"),
        ('{"id": "a"}\n\n[1]\n', 3, None, "expected a JSON object, got list"),
        ('{"id": "a"}\n{"name": "b"}\n', 2, "id", "it is missing"),
    ],
)
def test_a_bad_line_is_named_with_its_field(
    tmp_path: Path, content: str, line: int, field: str | None, problem: str
) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text(content)
    with pytest.raises(TaskFileError) as caught:
        list(read_jsonl(path, parse))
    assert (caught.value.path, caught.value.line, caught.value.field) == (str(path), line, field)
    assert problem in str(caught.value)
    assert f"line {line}" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [None, b"\x1f\x8bnot gzip", b"\xff\xfe", BROKEN_GZIP],
    ids=["missing", "not gzip", "not UTF-8", "broken gzip"],
)
def test_an_unreadable_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "tasks.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TaskFileError, match=r"tasks\.jsonl(, line 1)?: can't be read"):
        list(read_jsonl(path, parse))


def test_a_task_file_error_survives_pickling() -> None:
    error = TaskFileError("a.jsonl", "bad", line=3, field="id")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.line, again.field) == (str(error), 3, "id")


def test_a_hugging_face_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("datasets", reason="the datasets extra is not installed")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    rows = tmp_path / "rows"
    rows.mkdir()
    (rows / "test.jsonl").write_text('{"id": "a", "split": "test"}\n{"id": "b", "split": "train"}\n')
    assert list(read_huggingface(str(rows), parse)) == [Sum("a", "test"), Sum("b")]
    (rows / "train.jsonl").write_text('{"id": "c", "split": "test"}\n')
    assert list(read_huggingface(f"{rows}#train", parse)) == [Sum("c", "test")]
    assert list(read_huggingface(str(rows), parse)) == [Sum("a", "test"), Sum("b")]
    with pytest.raises(TaskFileError, match=r"has the splits .*, not 'human'; name one, as in hf:"):
        list(read_huggingface(f"{rows}#human", parse))
    only = tmp_path / "only"
    only.mkdir()
    (only / "train.jsonl").write_text('{"id": "d", "split": "test"}\n')
    assert list(read_huggingface(str(only), parse)) == [Sum("d", "test")]
    with pytest.raises(TaskFileError, match="can't be loaded"):
        list(read_huggingface(str(tmp_path / "none"), parse))
