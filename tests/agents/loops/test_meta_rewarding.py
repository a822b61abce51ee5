# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An agent that judges its judgements too learns both roles from one data set."""

from __future__ import annotations

import json
from statistics import fmean

import pytest

from rsi_agents.errors import LoopPaused
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.lessons import read_rows
from rsi_agents.loops.minutes import Minutes
from rsi_envs.core.budget import Budget
from rsi_envs.core.judgements import read
from tests.agents.loops.talking import TALK_TEACHER, TALKER, TALKING

MOODY = f"{TALKER}?judges=moody"
CONFIG = {
    "loop": "meta_rewarding",
    "env": TALKING,
    "base": MOODY,
    "rounds": 1,
    "sample": {"per_task": 4},
    "held_out": {"per_task": 4},
    "settings": {"judgements": 4, "pairing": {"least_consistency": 0.0}, "judging": {"concurrency": 2}},
    "updater": {"name": TALK_TEACHER},
}


def config(**changes):
    return checked_config(CONFIG | changes, "here")


def run(path, **changes):
    with LoopFolder.create(path, config(**changes)) as folder:
        return improve(folder)


def lessons(path, role):
    return [row for row in read_rows(path / "round-001/lessons.jsonl") if row["role"] == role]


def test_both_roles_are_taught_from_one_data_set(tmp_path):
    _, first = run(tmp_path / "loop").rounds
    acting, judging = (lessons(tmp_path / "loop", role) for role in ("actor", "judge"))
    assert len(acting) == first.measures["selected"] > 0
    assert len(judging) == first.measures["meta_selected"] > 0
    assert first.note == f"learned from {len(acting)} preferences of samples and {len(judging)} of judgements"
    assert first.measures["meta_abstentions"] == 0.0
    assert first.measures["meta_agreement"] == 1.0
    rows = list(read_rows(tmp_path / "loop/round-001/lessons.jsonl"))
    assert [row["role"] for row in rows[:2]] == ["actor", "judge"]


def test_a_preference_of_judgements_asks_what_a_judge_is_asked_and_prefers_the_right_ranking(tmp_path):
    run(tmp_path / "loop")
    decided = 0
    for row in lessons(tmp_path / "loop", "judge"):
        (asked,) = row["prompt"]
        assert asked["content"].startswith("This is the assignment:")
        assert f"Say the word {row['task_id'].removeprefix('train/')!r}." in asked["content"]
        assert row["generation"] == MOODY
        assert row["split"] == "train"
        chosen, rejected = (json.loads(row[name][0]["content"]) for name in ("chosen", "rejected"))
        assert chosen["rationale"].startswith("It holds")
        assert rejected["rationale"] == "Today I like it less."
        assert read(row["chosen"][0]["content"], 2).ranking
        assert len(row["votes"]) == 2
        decided += chosen["ranking"] != rejected["ranking"]
    assert decided > 0


def test_a_judge_that_always_says_the_same_has_no_judgements_to_compare(tmp_path):
    _, first = run(tmp_path / "loop", base=TALKER).rounds
    assert first.measures["meta_judged"] == first.measures["meta_selected"] == 0
    assert first.held_out.score == 1.0


def test_of_samples_that_score_nearly_best_the_shortest_is_chosen(tmp_path):
    for name, tolerance in (("short", 1.0), ("best", 0.0)):
        settings = {"tolerance": tolerance, "pairing": {"margin": 0.0}}
        run(tmp_path / name, base=f"{TALKER}?judges=length", settings=settings, brakes={"proxy_gap": None})
    lengths = {
        name: [len(row["chosen"][0]["content"]) for row in lessons(tmp_path / name, "actor")]
        for name in ("short", "best")
    }
    assert lengths["short"]
    assert fmean(lengths["short"]) < fmean(lengths["best"])


def test_an_agent_whose_judgements_can_not_be_read_learns_neither(tmp_path):
    _, first = run(tmp_path / "loop", base=f"{TALKER}?judges=babble").rounds
    assert first.agent is None
    assert first.note.startswith("judges came to nothing on any task")
    assert first.measures["meta_judged"] == 0


class FakeKill(Exception):
    """Stands for a kill."""


def told(rounds):
    return [(r.number, r.held_out, r.proxy_against_parent, r.kept, r.measures) for r in rounds]


def test_a_kill_amid_the_meta_judging_or_a_spent_budget_changes_nothing(tmp_path, monkeypatch):
    whole = run(tmp_path / "whole")
    put, calls = Minutes.put, []

    def killed(self, asked, said):
        put(self, asked, said)
        calls.append(asked)
        if "Each candidate is a judgement" in str(asked):
            raise FakeKill

    with LoopFolder.create(tmp_path / "loop", config()) as folder:
        monkeypatch.setattr(Minutes, "put", killed)
        with pytest.raises(FakeKill):
            improve(folder)
        monkeypatch.undo()
        spent = 10 * 2 * 24 + 50
        with pytest.raises(LoopPaused, match="with questions of"):
            improve(folder, budget=Budget(max_tokens=spent - 10 * 24))
        assert told(improve(folder).rounds) == told(whole.rounds)
    assert calls
    rows = [(tmp_path / name / "round-001/lessons.jsonl").read_bytes() for name in ("whole", "loop")]
    assert rows[0] == rows[1]
