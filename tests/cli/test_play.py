# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A person plays at the terminal, and the episode is recorded like any other, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsi_agents.records import read_plan, read_records
from tests.agents.adding_env import ADDING
from tests.agents.fakes import FAULTY, LISTING, UNJUDGED, FakeUnjudgedEnv
from tests.agents.terminal import at_a_terminal

# White to move and to mate.
MATE = "6k1/5ppp/8/8/8/8/8/R5K1 w - - 0 1"
BOARD_ROW = "8 . . . . . . k ."
CHESS = ("play", "rsi/ChessText-v0", "--env-arg", "color=white")


@pytest.fixture
def play(rsi):
    """Runs `rsi play` with these lines typed."""
    return lambda *words, typed: rsi("play", *words, typed="".join(f"{line}\n" for line in typed))


def test_a_person_plays_chess_at_a_terminal(tmp_path):
    words = (*CHESS, "--opponent", "random", "--env-arg", f"start={MATE}", "--out", "game")
    code, shown = at_a_terminal(*words, answers=["Ra8"], cwd=tmp_path)
    assert code == 0, shown
    assert BOARD_ROW in shown
    assert shown.count("Your answer, in a line:") == 1
    assert shown.index(BOARD_ROW) < shown.index("checkmate") < shown.index("score")
    lines = [line.split(maxsplit=1) for line in shown.splitlines() if line.strip()]
    assert ["score", "1.000"] in lines
    assert ["records", "game"] in lines
    (record,) = read_records(tmp_path / "game")
    assert (record.agent, record.score, [step.action for step in record.steps]) == ("human", 1.0, ["Ra8"])


def test_ctrl_c_at_a_terminal_leaves_nothing_but_a_sentence(tmp_path):
    code, shown = at_a_terminal(*CHESS, answers=["e2e4"], cwd=tmp_path, then=("Your next move", "\x03"))
    assert code == 1
    assert shown.rstrip().endswith("error: interrupted; nothing is recorded")
    assert "Traceback" not in shown
    assert list((tmp_path / "runs").iterdir()) == []


def test_the_end_of_the_input_leaves_nothing_but_a_sentence(play):
    done = play(ADDING, typed=["not yet", "."])
    assert done.exit_code == 1
    assert done.stderr.endswith("error: the input ended before the episode; nothing is recorded\n")
    assert list(Path("runs").iterdir()) == []


def test_a_task_is_played_and_recorded_like_any_episode(play):
    done = play(ADDING, "--task", "1+2", "--seed", 4, "--split", "train", "--out", "run", "--json", typed=["3", "."])
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["run"], told["seed"], told["task_id"], told["reward"]) == ("run", 4, "1+2", 1.0)
    assert told["verdict"]["passed"] is True
    plan = read_plan("run")
    assert (plan.agents, plan.task_ids, plan.env_kwargs) == (("human",), ("1+2",), {"split": "train"})
    (record,) = read_records("run")
    assert (record.task_id, record.seed, record.index) == ("1+2", 4, 0)


def test_each_time_another_seed_draws_the_task(play):
    for _ in range(2):
        assert play(LISTING, typed=["heads"]).exit_code == 0
    seeds = {record.seed for run in Path("runs").iterdir() for record in read_records(run)}
    assert len(seeds) == 2


def test_a_score_that_is_missing_is_not_shown_as_one(play, monkeypatch):
    monkeypatch.setattr(FakeUnjudgedEnv, "judge_is_back", False)
    done = play(UNJUDGED, "--task", "3+1", typed=["4", "."])
    assert done.exit_code == 0
    assert "score    none\nreason   the judge is unreachable\n" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("rsi/Chess-v0",), 2, "takes Discrete(4672); choose rsi/ChessText-v0"),
        (("rsi/Ches-v0",), 2, "the nearest is"),
        ((ADDING, "--opponent", "random"), 2, "takes no argument 'opponent'"),
        ((ADDING, "--task", "9+9"), 2, "no task '9+9'"),
        ((ADDING, "--env-arg", "x"), 2, "is not KEY=VALUE"),
        ((FAULTY, "--task", "3+1"), 1, "the sandbox is gone"),
    ],
)
def test_what_can_not_be_played_is_said_in_a_sentence_and_leaves_no_run(play, words, code, message):
    done = play(*words, typed=["4", "."])
    assert done.exit_code == code
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not Path("runs").exists() or not list(Path("runs").iterdir())


def test_a_folder_with_a_run_is_refused_before_the_first_question(play):
    assert play(LISTING, "--out", "run", typed=["heads"]).exit_code == 0
    done = play(LISTING, "--out", "run", typed=["heads"])
    assert done.exit_code == 2
    assert "Heads or tails?" not in done.stderr
    assert len(list(read_records("run"))) == 1
