# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What `rest_em` teaches beside the samples that passed."""

from __future__ import annotations

import pytest

from rsi_agents.errors import LeakedTask
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.lessons import Example, Origin, read_rows, write_lessons
from tests.agents.adding_env import ADDING
from tests.agents.loops.teaching import GUESSER, TEACHER


def demonstrations(path, task, split, asked=None):
    asked = {"role": "user", "content": asked or f"What is {task}? Answer with a number alone."}
    said = {"role": "assistant", "content": str(sum(map(int, task.split("+"))))}
    write_lessons(path, [Example((asked,), (said,), 1.0, Origin(ADDING, task, 0, split, "reference:right"))])
    return path


def run(path, file):
    config = {
        "loop": "rest_em",
        "env": ADDING,
        "env_args": {"max_turns": 1},
        "base": GUESSER,
        "rounds": 2,
        "settings": {"demonstrations": str(file)},
        "updater": {"name": TEACHER},
    }
    with LoopFolder.create(path, checked_config(config, "here")) as folder:
        return improve(folder)


def test_demonstrations_are_taught_in_every_round(tmp_path):
    file = demonstrations(tmp_path / "rows.jsonl", "2+1", "train")
    outcome = run(tmp_path / "loop", file)
    assert outcome.rounds[1].held_out.score == 1.0
    shown = next(read_rows(file))
    for number in (1, 2):
        assert shown in list(read_rows(tmp_path / f"loop/round-{number:03d}/taught.jsonl"))
        assert shown not in list(read_rows(tmp_path / f"loop/round-{number:03d}/lessons.jsonl"))


@pytest.mark.parametrize(
    ("task", "split", "asked", "problem"),
    [
        ("2+1", "test", None, "about a task of the split 'test'"),
        ("3+1", "train", None, "about a task of the split 'test'"),
        ("x", "train", "what is 3+1?  Answer with a NUMBER alone.", "has the assignment of a task of the split 'test'"),
    ],
)
def test_a_demonstration_of_a_held_out_task_ends_the_loop(tmp_path, task, split, asked, problem):
    file = tmp_path / "rows.jsonl"
    if task == "x":
        demonstrations(file, "1+1", split, asked)
    else:
        demonstrations(file, task, split, asked)
    with pytest.raises(LeakedTask, match=problem):
        run(tmp_path / "loop", file)
