# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every format is read, and what can't be is named by path, line and field."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from rsi_envs.core.constraints import Constraint
from rsi_envs.core.errors import TaskError, TaskFileError
from rsi_envs.judge.loading import load_trials

SHARED = Path(__file__).parents[3] / "shared" / "data"
OWN = {
    "id": "one",
    "split": "train",
    "assignment": "Say hello.",
    "candidates": ["hello", "goodbye", "no"],
    "truth": "A > B = C",
    "criteria": "Friendliness.",
    "constraints": [{"kind": "words", "most": 1}],
    "category": "greetings",
}
LLMBAR = {"input": "Say hello.", "output_1": "goodbye", "output_2": "hello", "label": 2}
JUDGEBENCH = {"question": "Say hello.", "response_A": "goodbye", "response_B": "hello", "label": "B>A", "source": "s"}
REWARDBENCH = {"prompt": "Say hello.", "chosen": "hello", "rejected": "goodbye", "subset": "chat"}
MTBENCH: dict[str, Any] = {
    "question_id": 81, "model_a": "x", "model_b": "y", "winner": "model_b", "judge": "expert_1", "turn": 1,
    "conversation_a": [{"content": "Say hello.", "role": "user"}, {"content": "goodbye", "role": "assistant"}],
    "conversation_b": [{"content": "Say hello.", "role": "user"}, {"content": "hello", "role": "assistant"}],
}  # fmt: skip


def write(path: Path, *rows: Any) -> str:
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    "row", [LLMBAR, JUDGEBENCH, REWARDBENCH, MTBENCH], ids=["LLMBar", "JudgeBench", "RewardBench", "MT-Bench"]
)
def test_known_formats_give_the_better_candidate(tmp_path: Path, row: dict[str, Any]) -> None:
    (trial,) = load_trials(write(tmp_path / "pairs.jsonl", row))
    assert trial.task.assignment == "Say hello."
    assert trial.task.candidates[trial.truth.order[0][0]] == "hello"
    assert trial.task.candidates[trial.truth.order[1][0]] == "goodbye"
    assert trial.split == "test"
    assert trial.category in ("", "s", "chat")


def test_a_verdict_of_mt_bench_is_on_the_answers_up_to_its_turn(tmp_path: Path) -> None:
    more = [{"content": "Louder.", "role": "user"}, {"content": "HELLO", "role": "assistant"}]
    longer = MTBENCH | {side: [*MTBENCH[side], *more] for side in ("conversation_a", "conversation_b")}
    rows = [longer, longer | {"turn": 2}, longer | {"turn": 2, "judge": "expert_2"}, longer]
    first, second, other = load_trials(write(tmp_path / "pairs.jsonl", *rows))
    assert (first.task.assignment, first.task.candidates) == ("Say hello.", ("goodbye", "hello"))
    assert second.task.assignment == "Say hello.\n\nLouder."
    assert second.task.candidates == other.task.candidates == ("goodbye\n\nHELLO", "hello\n\nHELLO")


def test_a_pair_under_two_headings_is_taken_once(tmp_path: Path) -> None:
    assert len(load_trials(write(tmp_path / "pairs.jsonl", REWARDBENCH, REWARDBENCH | {"subset": "hard"}))) == 1


def test_the_own_format_holds_everything(tmp_path: Path) -> None:
    (trial,) = load_trials(write(tmp_path / "own.jsonl", OWN))
    assert (trial.id, trial.split, trial.category) == ("one", "train", "greetings")
    assert trial.truth.order == ((0,), (1, 2))
    assert trial.task.constraints == (Constraint("words", most=1),)
    assert trial.task.criteria == "Friendliness."


def test_lists_and_compressed_files_are_read(tmp_path: Path) -> None:
    listed = tmp_path / "pairs.json"
    listed.write_text(json.dumps([LLMBAR, LLMBAR | {"label": "1"}]), "utf-8")
    assert [trial.truth.order[0] for trial in load_trials(str(listed))] == [(1,), (0,)]
    packed = tmp_path / "pairs.jsonl.gz"
    packed.write_bytes(gzip.compress(json.dumps(OWN).encode()))
    assert load_trials(str(packed)).ids() == ("one",)


def test_ties_are_left_out(tmp_path: Path) -> None:
    tied = MTBENCH | {"winner": "tie"}
    assert len(load_trials(write(tmp_path / "pairs.jsonl", MTBENCH, tied, JUDGEBENCH | {"label": "A=B"}))) == 1


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"prompt": "x"}, "a row has prompt, but must have one of these sets"),
        ([1], "expected a JSON object"),
        (LLMBAR | {"label": 3}, "field 'label': 3 is not among 1, 2"),
        (LLMBAR | {"input": 3}, "field 'input': expected text, got int"),
        (JUDGEBENCH | {"label": "A"}, "field 'label': 'A' is not among A>B, B>A, A=B"),
        (MTBENCH | {"conversation_a": "hello"}, "field 'conversation_a': expected turns"),
        (OWN | {"truth": "A > B"}, "field 'truth': 'A > B' is no ranking"),
        (OWN | {"assignment": 5}, "field 'assignment': expected text, got int"),
        (OWN | {"category": ["c"]}, "field 'category': expected text, got list"),
        (OWN | {"candidates": ["c"] * 27}, "there are 27 candidates"),
        (JUDGEBENCH | {"label": ["A>B"]}, "field 'label': ['A>B'] is not among"),
        (MTBENCH | {"turn": 0}, "field 'turn': 0 is no turn"),
        (OWN | {"split": "dev"}, "field 'split': 'dev' is not among"),
        (OWN | {"candidates": "hello"}, "field 'candidates': expected a list of texts"),
        (OWN | {"constraints": [{"kind": "rhymes", "least": 1}]}, "kind is 'rhymes'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_line(tmp_path: Path, row: Any, problem: str) -> None:
    path = write(tmp_path / "pairs.jsonl", OWN, row)
    with pytest.raises(TaskFileError) as caught:
        load_trials(path)
    assert str(caught.value).startswith(f"{path}, line 2: ")
    assert problem in str(caught.value)


def test_files_without_trials_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskFileError, match="can't be read"):
        load_trials(str(tmp_path / "nothing.jsonl"))
    with pytest.raises(TaskError, match="holds no task"):
        load_trials(write(tmp_path / "tied.jsonl", MTBENCH | {"winner": "tie"}))
    with pytest.raises(TaskError, match="two tasks have the id 'one'"):
        load_trials(write(tmp_path / "twice.jsonl", OWN, OWN | {"assignment": "Say no."}))
    (tmp_path / "broken.json").write_text("[{", "utf-8")
    with pytest.raises(TaskFileError, match="not JSON"):
        load_trials(str(tmp_path / "broken.json"))


@pytest.mark.parametrize(("name", "count"), [("natural", 100), ("manual", 46), ("gptout", 47)])
def test_llmbar_is_read_as_published(name: str, count: int) -> None:
    path = SHARED / f"llmbar-{name}.json"
    if not path.exists():
        pytest.skip(f"there is no {path}")
    assert len(load_trials(str(path))) == count
