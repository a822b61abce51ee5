# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Trials from files: this project's own format, and those of LLMBar, JudgeBench, RewardBench and MT-Bench.

Rows are told apart by their fields. Pairs that people left tied decide nothing and are left out.

Sources: Zeng et al., Evaluating large language models at evaluating instruction following, ICLR 2024 (LLMBar); Tan et
al., JudgeBench, ICLR 2025; Lambert et al., RewardBench, 2024; Zheng et al., Judging LLM-as-a-judge with MT-Bench and
Chatbot Arena, NeurIPS 2023.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rsi_envs.core.errors import InvalidOption, TaskFileError
from rsi_envs.core.judgements import read
from rsi_envs.core.judging import JudgingTask, Ranking
from rsi_envs.core.tasks import HUGGINGFACE_PREFIX, SPLITS, TaskSet, parse_row, read_tasks, read_text
from rsi_envs.judge.types import Trial

_FIRST, _SECOND, _TIED = Ranking(((0,), (1,))), Ranking(((1,), (0,))), Ranking(((0, 1),))


def load_trials(source: str) -> TaskSet[Trial]:
    """Loads trials.

    Args:
        source: The path of a JSON Lines file, or of a JSON file that holds a list, plain or gzip-compressed; or "hf:"
            and the name (or local folder) of a Hugging Face data set.

    Raises:
        TaskFileError: A file or row that can't be used; names path, line and field.
        TaskError: There is no trial, or two share an id.
        MissingExtra: "hf:" without the `datasets` package.
    """
    is_list = not source.startswith(HUGGINGFACE_PREFIX) and read_text(source).lstrip().startswith("[")
    found = _read_list(source) if is_list else read_tasks(source, parse_trial)
    decided = (trial for trial in found if len(trial.truth.order) > 1)
    return TaskSet(Path(source).name, _without_repeats(decided))


def _without_repeats(trials: Iterable[Trial]) -> Iterator[Trial]:
    """Leaves out what is there already, word for word: some data sets list a pair under several headings."""
    seen: dict[str, Trial] = {}
    for trial in trials:
        if seen.setdefault(trial.id, trial) is trial or trial.task != seen[trial.id].task:
            yield trial


def _read_list(path: str) -> Iterator[Trial]:
    try:
        rows = json.loads(read_text(path))
    except ValueError as error:
        raise TaskFileError(path, f"not JSON: {error}") from error
    for line, row in enumerate(rows, start=1):
        yield parse_row(path, line, row, parse_trial)


def parse_trial(row: Mapping[str, Any]) -> Trial:
    """Makes a trial of one row, in whichever format it is.

    Raises:
        TaskFileError: It is in none of them; the field at fault is named.
    """
    for fields, parse in _FORMATS.items():
        if set(fields) <= set(row):
            return parse(row)
    known = "; ".join(", ".join(fields) for fields in _FORMATS)
    raise TaskFileError("", f"a row has {', '.join(row) or 'no field'}, but must have one of these sets: {known}")


def _from_own(row: Mapping[str, Any]) -> Trial:
    split = row.get("split", "test")
    if split not in SPLITS:
        raise TaskFileError("", f"{split!r} is not among {list(SPLITS)}", field="split")
    row = {"criteria": "", "constraints": [], "category": ""} | dict(row)
    for field in ("id", "assignment", "criteria", "category"):
        _text(row, field)
    candidates = row["candidates"]
    if not isinstance(candidates, list) or not all(isinstance(text, str) for text in candidates):
        raise TaskFileError("", "expected a list of texts", field="candidates")
    try:
        task = JudgingTask.from_dict(row)
    except (InvalidOption, TypeError, AttributeError) as error:
        raise TaskFileError("", str(error)) from error
    reading = read(json.dumps({"ranking": row["truth"]}), len(candidates))
    if reading.ranking is None:
        raise TaskFileError("", f"{row['truth']!r} is no ranking such as 'B > A'", field="truth")
    return Trial(row["id"], split, task, reading.ranking, row["category"])


def _from_llmbar(row: Mapping[str, Any]) -> Trial:
    truth = {"1": _FIRST, "2": _SECOND}
    return _pair(row, _text(row, "input"), ("output_1", "output_2"), _choice(row, "label", truth, str(row["label"])))


def _from_judgebench(row: Mapping[str, Any]) -> Trial:
    truth = _choice(row, "label", {"A>B": _FIRST, "B>A": _SECOND, "A=B": _TIED}, row["label"])
    return _pair(row, _text(row, "question"), ("response_A", "response_B"), truth, row.get("source", ""))


def _from_rewardbench(row: Mapping[str, Any]) -> Trial:
    return _pair(row, _text(row, "prompt"), ("chosen", "rejected"), _FIRST, row.get("subset", ""))


def _from_mtbench(row: Mapping[str, Any]) -> Trial:
    """A verdict is on the answers up to a turn, the last one where the row doesn't say."""
    fields = ("conversation_a", "conversation_b")
    truth = _choice(row, "winner", {"model_a": _FIRST, "model_b": _SECOND, "tie": _TIED}, row["winner"])
    turn = row.get("turn")
    if turn is not None and (not isinstance(turn, int) or turn < 1):
        raise TaskFileError("", f"{turn!r} is no turn, counted from 1", field="turn")
    try:
        said = {
            (field, role): [one["content"] for one in row[field] if one["role"] == role][:turn]
            for field in fields
            for role in ("user", "assistant")
        }
        asked = "\n\n".join(said[fields[0], "user"])
        answers = {field: "\n\n".join(said[field, "assistant"]) for field in fields}
    except (TypeError, KeyError) as error:
        raise TaskFileError("", "expected turns with role and content", field=fields[0]) from error
    trial = _pair({**row, **answers}, asked, fields, truth)
    return replace(trial, id=f"{trial.id}-{row.get('judge', '')}")


def _pair(
    row: Mapping[str, Any], assignment: str, fields: tuple[str, str], truth: Ranking, category: str = ""
) -> Trial:
    """Makes a trial of a row that has no id of its own, or none that tells all rows apart: its content makes one."""
    candidates = _text(row, fields[0]), _text(row, fields[1])
    content = json.dumps([assignment, *candidates, str(truth.order)]).encode()
    digest = hashlib.blake2b(content, digest_size=6).hexdigest()
    return Trial(digest, "test", JudgingTask(assignment, candidates), truth, category)


def _text(row: Mapping[str, Any], field: str) -> str:
    if not isinstance(row[field], str):
        raise TaskFileError("", f"expected text, got {type(row[field]).__name__}", field=field)
    return str(row[field])


def _choice(row: Mapping[str, Any], field: str, truths: Mapping[str, Ranking], value: Any) -> Ranking:
    if not isinstance(value, str) or value not in truths:
        raise TaskFileError("", f"{row[field]!r} is not among {', '.join(truths)}", field=field)
    return truths[value]


_FORMATS: dict[tuple[str, ...], Callable[[Mapping[str, Any]], Trial]] = {
    ("id", "assignment", "candidates", "truth"): _from_own,
    ("input", "output_1", "output_2", "label"): _from_llmbar,
    ("question", "response_A", "response_B", "label"): _from_judgebench,
    ("prompt", "chosen", "rejected"): _from_rewardbench,
    ("conversation_a", "conversation_b", "winner"): _from_mtbench,
}
"""From the fields that tell a format apart to what reads it."""
