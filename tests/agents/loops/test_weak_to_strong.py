# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`weak_to_strong`: the base learns a weaker agent's answers, and what that recovers of the gap is told."""

from __future__ import annotations

import json
import re
from pkgutil import resolve_name

import pytest

from rsi_agents.errors import AgentNameError, AgentNotFound, InvalidLoop, LeakedTask, LoopPaused
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.lessons import read_rows
from rsi_agents.loops.table import make_loop
from rsi_agents.records.reading import read_records
from rsi_envs.core.budget import Budget
from tests.agents.adding_env import ADDING, ADDING_ANYWHERE, SUMS
from tests.agents.fake_provider import says
from tests.agents.loops.teaching import GUESSER, TEACHER

CONFIG = {
    "loop": "weak_to_strong",
    "env": ADDING,
    "env_args": {"max_turns": 1},
    "base": GUESSER,
    "rounds": 3,
    "sample": {"per_task": 4},
    "held_out": {"per_task": 10},
    "settings": {"truth": "reference:right"},
    "updater": {"name": TEACHER},
}
GAP = ("weak", "student", "ceiling", "pgr", "pgr_low", "pgr_high")


@pytest.fixture
def weak(tmp_path):
    """A supervisor that is right in two of three."""
    return f"{GUESSER}?habits={habits(tmp_path / 'weak', [0, 0, 1])}"


def habits(file, offsets):
    file.write_text(json.dumps(offsets))
    return file


def config(weak, changes=None, **settings):
    return checked_config(
        CONFIG | {"settings": CONFIG["settings"] | {"weak": weak} | settings} | (changes or {}), "here"
    )


def run(path, *args, **settings):
    with LoopFolder.create(path, config(*args, **settings)) as folder:
        return improve(folder)


def sums(row):
    return sum(map(int, re.findall(r"\d+", row["prompt"][0]["content"]))), int(row["completion"][-1]["content"])


def test_the_share_of_the_gap_that_a_student_makes_up_is_told_with_an_interval(tmp_path, weak):
    outcome = run(tmp_path / "loop", weak)
    base, taught = outcome.rounds
    assert taught.stopped
    assert set(taught.measures) == {"answers", "abstentions", "labels", "label_score", *GAP}
    found = taught.measures
    assert found["answers"] == found["labels"] == 36
    assert found["ceiling"] == 1.0
    assert 0.4 < found["weak"] < 0.85
    assert found["student"] == pytest.approx(taught.held_out.score)
    assert found["pgr"] == pytest.approx((found["student"] - found["weak"]) / (1.0 - found["weak"]))
    assert found["pgr_low"] < found["pgr"] < found["pgr_high"]
    assert re.fullmatch(r"-?\d\.\d\d of the gap is recovered \(95%: -?\d\.\d\d to -?\d\.\d\d\)", taught.note)
    assert taught.held_out.score > base.held_out.score


def test_what_is_learned_are_the_weak_agents_answers_right_or_wrong(tmp_path, weak):
    outcome = run(tmp_path / "loop", weak)
    labels, truth = (list(read_rows(tmp_path / f"loop/round-001/{name}.jsonl")) for name in ("student", "ceiling"))
    assert [row["prompt"] for row in labels] == [row["prompt"] for row in truth]
    assert {row["score"] for row in (*labels, *truth)} == {1.0}
    assert all(asked == said for asked, said in map(sums, truth))
    right = [asked == said for asked, said in map(sums, labels)]
    assert outcome.rounds[1].measures["label_score"] == pytest.approx(sum(right) / len(right))
    assert 0 < sum(right) < len(right)
    assert {row["task_id"] for row in labels} == set(SUMS.ids("train"))
    assert outcome.rounds[1].files == {name: f"round-001/{name}.jsonl" for name in ("student", "ceiling")}


def test_all_three_are_measured_on_the_same_held_out_tasks_and_seeds(tmp_path, weak):
    run(tmp_path / "loop", weak)
    played = [
        {(record.task_id, record.seed) for record in read_records(tmp_path / "loop/round-001" / name)}
        for name in ("held-out", "held-out-weak", "held-out-ceiling")
    ]
    assert played[0] == played[1] == played[2]
    assert len(played[0]) == 60


def test_labels_that_few_samples_agree_on_are_left_out_on_request(tmp_path, weak):
    every = run(tmp_path / "every", weak, samples=3)
    sure = run(tmp_path / "sure", weak, samples=3, confident=3)
    measures, surer = every.rounds[1].measures, sure.rounds[1].measures
    assert measures["labels"] == measures["answers"] == surer["answers"] == 36
    rows = list(read_rows(tmp_path / "every/round-001/student.jsonl"))
    agreed = [row for row in rows if round(3 * row["score"]) == 3]
    assert list(read_rows(tmp_path / "sure/round-001/student.jsonl")) == agreed
    assert 0 < surer["labels"] == len(agreed) < 36
    assert {round(3 * row["score"]) for row in rows} == {2, 3}
    assert measures["confidence"] == surer["confidence"] == pytest.approx(sum(row["score"] for row in rows) / 36)
    assert {row["score"] for row in read_rows(tmp_path / "sure/round-001/student.jsonl")} == {1.0}
    assert rows[0]["generation"] == f"majority?n=3 of {weak}"


def test_where_the_ceiling_is_no_better_than_the_weak_agent_there_is_no_number(tmp_path):
    outcome = run(tmp_path / "loop", "reference:right")
    assert outcome.rounds[1].note == "the ceiling, 1.000, is no better than the weak agent, 1.000: no gap to recover"
    assert not {"pgr", "pgr_low", "pgr_high"} & set(outcome.rounds[1].measures)
    assert outcome.rounds[1].kept


def test_a_weak_agent_that_says_nothing_readable_teaches_nothing(tmp_path, provider):
    provider.script = [says("I would rather not.")]
    outcome = run(tmp_path / "loop", provider.name, {"sample": {"per_task": 1}})
    assert outcome.rounds[1].agent is None
    assert outcome.rounds[1].note == "the weak agent gave no label whose truth is known"
    assert outcome.rounds[1].measures == {"answers": 0, "abstentions": 1.0, "labels": 0}
    assert outcome.rounds[1].stopped


def test_without_the_truth_there_is_no_ceiling(tmp_path, weak):
    outcome = run(tmp_path / "loop", weak, truth="reference:oracle")
    assert outcome.rounds[1].note == "the weak agent gave no label whose truth is known"
    assert outcome.rounds[1].measures == {"answers": 36, "abstentions": 0.0, "labels": 0}


def test_both_sets_are_exported_for_whoever_trains_elsewhere(tmp_path, weak):
    outcome = run(tmp_path / "loop", weak, {"updater": {"name": "export"}})
    assert outcome.rounds[1].agent is None
    assert outcome.rounds[1].note == "36 labels and the truth of each are written; train on them elsewhere"
    for name in outcome.rounds[1].files.values():
        assert len(list(read_rows(tmp_path / "loop" / name))) == 36


def test_a_task_that_is_held_out_is_no_lesson(tmp_path, weak):
    held_out = {"env": ADDING_ANYWHERE, "split": "train", "per_task": 1}
    with pytest.raises(LeakedTask, match="about a task of the split 'train'"):
        run(tmp_path / "loop", weak, {"held_out": held_out})


class FakeKill(Exception):
    """Stands for a kill at a point that the test chooses."""


@pytest.mark.parametrize(
    ("point", "call"),
    [
        ("rsi_agents.loops.contract.run_plan", 1),
        ("rsi_agents.loops.contract.run_plan", 2),
        ("rsi_agents.loops.weak_to_strong.write_lessons", 1),
        ("tests.agents.loops.teaching.Teacher.train", 1),
        ("tests.agents.loops.teaching.Teacher.train", 2),
        ("rsi_agents.loops.contract.run_plan", 5),
        ("rsi_agents.loops.weak_to_strong.gap_recovered", 1),
        ("rsi_agents.loops.folder.append_lines", 1),
    ],
)
def test_a_loop_that_is_killed_comes_to_the_same_result(tmp_path, monkeypatch, weak, point, call):
    small = {"sample": {"per_task": 1}, "held_out": {"per_task": 3}}
    whole = run(tmp_path / "whole", weak, small)
    with LoopFolder.create(tmp_path / "loop", config(weak, small)) as folder:

        def kill_later(record):
            calls, real = [], resolve_name(point)

            def counted(*args, **kwargs):
                calls.append(args)
                if len(calls) == call:
                    raise FakeKill
                return real(*args, **kwargs)

            monkeypatch.setattr(point, counted)

        with pytest.raises(FakeKill):
            improve(folder, on_round=kill_later)
        monkeypatch.undo()
    with LoopFolder.open(tmp_path / "loop") as folder:
        resumed = improve(folder)
    for record, other in zip(resumed.rounds, whole.rounds, strict=True):
        assert (record.measures, record.held_out, record.note) == (other.measures, other.held_out, other.note)
    assert not list((tmp_path / "loop").rglob("*.unfinished"))


def test_a_spent_budget_pauses_the_loop(tmp_path, provider):
    provider.script = [says("3")]
    name = f"{provider.name}&cache={tmp_path / 'replies'}"
    small = {"sample": {"per_task": 1, "concurrency": 1}, "held_out": {"per_task": 1}}
    with LoopFolder.create(tmp_path / "loop", config(name, small)) as folder:
        with pytest.raises(LoopPaused, match="the budget of 30 tokens is spent"):
            improve(folder, budget=Budget(max_tokens=30))
        assert improve(folder).rounds[1].measures["answers"] == 9
    asked = [json.dumps(request, sort_keys=True) for request in provider.requests]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize(
    ("settings", "error", "problem"),
    [
        ({"samples": 2, "confident": 3}, InvalidLoop, "3 of 2 samples can't agree"),
        ({"weak": "nobody"}, AgentNotFound, "no agent is called 'nobody'"),
        ({"truth": "random?x=1"}, AgentNameError, "takes no setting 'x'"),
        ({"samples": 0}, InvalidLoop, "samples: Input should be greater than or equal to 1"),
    ],
)
def test_settings_are_checked_before_anything_runs(settings, error, problem):
    with pytest.raises(error, match=problem):
        make_loop(config(**{"weak": "random"} | settings))


def test_a_supervisor_must_be_named():
    with pytest.raises(InvalidLoop, match="weak: Field required"):
        make_loop(checked_config(CONFIG, "here"))
