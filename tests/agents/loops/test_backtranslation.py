# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Assignments are written for good texts, and pairs that are rated well are learned."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents.errors import InvalidLoop, LeakedTask, LoopPaused
from rsi_agents.loops.backtranslation import rating_of
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.lessons import read_rows
from rsi_agents.loops.minutes import Minutes
from rsi_agents.loops.table import make_loop
from rsi_envs.core.budget import Budget
from tests.agents.loops.talking import TALK_TEACHER, TALKER, TALKING

CONFIG = {
    "loop": "backtranslation",
    "env": TALKING,
    "base": TALKER,
    "rounds": 1,
    "settings": {"levels": ["good", "best"], "concurrency": 1},
    "updater": {"name": TALK_TEACHER},
}


def config(**changes):
    return checked_config(CONFIG | changes, "here")


def run(path, **changes):
    with LoopFolder.create(path, config(**changes)) as folder:
        return improve(folder)


def lessons(path, number=1):
    return list(read_rows(path / f"round-{number:03d}/lessons.jsonl"))


def texts_file(path, *texts):
    file = path / "texts.jsonl"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return str(file)


def test_references_become_lessons_by_the_assignments_that_are_written_for_them(tmp_path):
    base, first = run(tmp_path / "loop").rounds
    counts = {"texts": 12, "written": 12, "rated": 12, "selected": 6}
    assert first.measures == counts | {"abstentions": 0.0, "rating": 3.5, "rating_spread": 1.5}
    assert first.note == "learned from 6 of 12 texts"
    assert first.held_out.score == 1.0 > base.held_out.score
    assert first.proxy_against_parent is None
    row = lessons(tmp_path / "loop")[0]
    assert row["prompt"] == [{"role": "user", "content": "Say in a sentence: 'ash'"}]
    assert row["completion"] == [{"role": "assistant", "content": "Here it is, ash."}]
    assert row["score"] == 1.0
    assert (row["env_id"], row["task_id"], row["split"]) == (TALKING, "train/ash", "train")
    assert row["generation"] == "reference:good"


def test_a_bound_of_tasks_bounds_the_texts(tmp_path):
    assert run(tmp_path / "loop", sample={"tasks": 2}).rounds[1].measures["texts"] == 4


def test_texts_of_ones_own_come_from_a_file(tmp_path):
    file = texts_file(tmp_path, "Here is a nightingale.", "Here is a goose.", "Here is a kite.")
    run(tmp_path / "loop", settings={"texts": file}, sample={"tasks": 2})
    rows = lessons(tmp_path / "loop")
    assert [row["completion"][0]["content"] for row in rows] == ["Here is a nightingale.", "Here is a goose."]
    assert [row["task_id"] for row in rows] == ["texts.jsonl, line 1", "texts.jsonl, line 2"]
    assert {(row["split"], row["generation"]) for row in rows} == {("", "texts.jsonl")}
    assert not (tmp_path / "loop/round-001/references").exists()


def test_assignments_are_written_once_and_each_generation_rates_them(tmp_path):
    outcome = run(tmp_path / "loop", rounds=2)
    assert not (tmp_path / "loop/round-002/pairs.jsonl").exists()
    assert outcome.rounds[2].measures["rated"] == 12
    assert lessons(tmp_path / "loop", 2) == lessons(tmp_path / "loop")
    assert len(list(read_rows(tmp_path / "loop/round-002/answers.jsonl"))) == 12
    assert list(read_rows(tmp_path / "loop/round-002/taught.jsonl")) == lessons(tmp_path / "loop", 2)


@pytest.mark.parametrize(
    ("agent", "why"),
    [
        ("writes=nothing", "no assignment could be read for any of 12 texts"),
        ("writes=text", "no assignment could be read for any of 12 texts"),
        ("rates=splendid", "no rating could be read for any of 12 pairs"),
        ("rates=Score: 3", "none of 12 pairs was rated 4 or better"),
    ],
)
def test_what_can_not_be_read_or_is_rated_badly_teaches_nothing(tmp_path, agent, why):
    _, first = run(tmp_path / "loop", base=f"{TALKER}?{agent}").rounds
    assert first.agent is None
    assert first.note == f"{why}, so there is nothing to learn from"


def test_ratings_that_can_not_be_read_or_are_all_the_same_show_in_the_record(tmp_path):
    mumbled, alike = (
        run(tmp_path / rating, base=f"{TALKER}?rates={rating}").rounds[1].measures
        for rating in ("splendid", "Score: 4")
    )
    assert mumbled["abstentions"] == 1.0
    assert "rating" not in mumbled
    assert (alike["abstentions"], alike["rating"], alike["rating_spread"]) == (0.0, 4.0, 0.0)


def test_where_there_is_no_text_that_is_said(tmp_path):
    _, first = run(tmp_path / "loop", settings={"levels": ["splendid"]}).rounds
    assert first.note == "no task has a reference of the levels splendid, so there is nothing to learn from"
    _, first = run(tmp_path / "file", settings={"texts": texts_file(tmp_path)}).rounds
    assert first.note == "the file holds no text, so there is nothing to learn from"


def test_a_held_out_solution_among_the_texts_is_refused_before_anything_is_asked(tmp_path):
    file = texts_file(tmp_path, "Here is a goose.", "here it is,  OWL.")
    with pytest.raises(LeakedTask, match="text 2 is the reference 'good' of 'test/owl', a task of the split 'test'"):
        run(tmp_path / "loop", settings={"texts": file})
    assert not (tmp_path / "loop/round-001/answers.jsonl").exists()


def test_an_assignment_that_is_a_held_out_task_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.agents.loops.talking.Talker._write", lambda self, observation: "Say the word  'owl'.")
    with pytest.raises(LeakedTask, match="a lesson has the assignment of a task of the split 'test'"):
        run(tmp_path / "loop")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "line 2: the line: Invalid JSON"),
        ('{"test": "x"}', "line 2: text: Field required"),
        ('{"text": ""}', "line 2: text: String should have at least 1 character"),
    ],
)
def test_a_file_of_texts_is_read_before_anything_runs(tmp_path, line, problem):
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "one"}\n' + line + "\n")
    with pytest.raises(InvalidLoop, match=problem):
        make_loop(config(settings={"texts": str(file)}))
    with pytest.raises(InvalidLoop, match="can't be read"):
        make_loop(config(settings={"texts": str(tmp_path / "nothing")}))


@pytest.mark.parametrize(
    ("answer", "rating"),
    [
        ("Fine.\nScore: 4", 4),
        ("Fine.\n  Score: 1 \n\n", 1),
        ("Score: 5", 5),
        ("Fine. Score: 4", None),
        ("Score: 4\nThat is all.", None),
        ("Score: 6", None),
        ("Score: 4/5", None),
        ("score: 4", None),
        ("Score: 4.5", None),
        ("Score: <4>", None),
        ("4", None),
        ("", None),
    ],
)
def test_a_rating_is_read_from_the_last_line_alone(answer, rating):
    assert rating_of(answer) == rating


@given(st.text(), st.integers(1, 5))
def test_whatever_stands_before_it_does_not_change_a_rating(before, rating):
    assert rating_of(f"{before}\nScore: {rating}") == rating


class FakeKill(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("point", [3, 12, 15])
def test_a_kill_or_a_spent_budget_amid_the_questions_changes_nothing(tmp_path, monkeypatch, point):
    whole = run(tmp_path / "whole")
    put, calls = Minutes.put, []

    def killed(self, asked, said):
        put(self, asked, said)
        calls.append(asked)
        if len(calls) == point:
            raise FakeKill

    with LoopFolder.create(tmp_path / "loop", config()) as folder:
        monkeypatch.setattr(Minutes, "put", killed)
        with pytest.raises(FakeKill):
            improve(folder)
        with pytest.raises(LoopPaused, match="with questions of"):
            improve(folder, budget=Budget(max_tokens=30))
        resumed = improve(folder)
    assert [(r.held_out, r.measures, r.kept) for r in resumed.rounds] == [
        (r.held_out, r.measures, r.kept) for r in whole.rounds
    ]
    assert len(calls) == 24
    assert lessons(tmp_path / "loop") == lessons(tmp_path / "whole")
