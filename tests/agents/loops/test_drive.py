# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Loops are driven round by round: measured, kept or rolled back, and gone on with after a kill."""

from __future__ import annotations

import json

import pytest

from rsi_agents.arena.two_players import TWO_PLAYERS
from rsi_agents.errors import InvalidLoop, InvalidPlan, LoopPaused, RecordsError, RunFolderBroken, RunFolderExists
from rsi_agents.loops.config import checked_config, read_config
from rsi_agents.loops.contract import held_out_plan
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.table import make_loop
from rsi_agents.plan import make_plan
from rsi_agents.records import RunFolder
from rsi_envs.core.budget import Budget
from tests.agents.adding_env import ADDING
from tests.agents.arena import nim
from tests.agents.loops.teaching import GUESSER, TEACHER

CONFIG = {
    "loop": "rest_em",
    "env": ADDING,
    "env_args": {"max_turns": 1},
    "base": GUESSER,
    "rounds": 2,
    "sample": {"per_task": 4},
    "held_out": {"per_task": 6},
    "updater": {"name": TEACHER},
}


def config(**changes):
    return checked_config(CONFIG | changes, "here")


def run(path, **changes):
    with LoopFolder.create(path, config(**changes)) as folder:
        return improve(folder)


def told(rounds):
    """What a resumed loop must repeat: all but what clocks say and where the folder is."""
    return [(r.number, r.held_out, r.against_parent, r.against_base, r.kept, r.stopped, r.measures) for r in rounds]


def test_a_loop_makes_an_agent_better_on_tasks_that_it_has_not_seen(tmp_path):
    outcome = run(tmp_path / "loop")
    base, first, second = outcome.rounds
    assert (base.number, base.agent, base.parent, base.kept) == (0, GUESSER, None, True)
    assert 0.1 < base.held_out.score < 0.6
    assert base.held_out.episodes == 36
    assert base.held_out.pass_rate == pytest.approx(base.held_out.score)
    assert base.held_out.pass_at_k > 0.8
    assert first.held_out.score == second.held_out.score == 1.0
    assert first.against_base.difference == pytest.approx(1.0 - base.held_out.score)
    assert first.against_base.p < 0.001
    assert first.against_base.interval.low > 0.3
    assert second.against_parent.difference == 0.0
    assert second.parent == first.agent
    assert outcome.agent == second.agent
    assert first.measures["sampled"] == 36
    assert 0 < first.measures["selected"] < 36
    assert not any(record.brakes or record.stopped for record in outcome.rounds)


def test_a_generation_that_is_worse_is_rolled_back_and_the_loop_gives_up(tmp_path):
    outcome = run(tmp_path / "loop", rounds=5, updater={"name": TEACHER, "forget": True})
    assert outcome.agent == GUESSER
    assert [record.kept for record in outcome.rounds] == [True, False, False]
    assert "worse than its parent on held-out tasks by 0." in outcome.rounds[1].brakes[0]
    assert outcome.rounds[2].parent == GUESSER
    assert outcome.rounds[2].stopped


def test_an_empty_selection_makes_no_generation(tmp_path):
    never = {"base": f"python:tests.agents.loops.teaching:Guesser?habits={tmp_path / 'habits'}"}
    (tmp_path / "habits").write_text("[1]")
    outcome = run(tmp_path / "loop", **never)
    assert [record.agent for record in outcome.rounds[1:]] == [None, None]
    assert outcome.rounds[1].note == "no sample passed, so there is nothing to learn from"
    assert outcome.rounds[1].held_out is None
    assert outcome.rounds[2].stopped
    assert outcome.agent == never["base"]


class FakeKill(Exception):
    """Stands for a kill at a point that the test chooses."""


@pytest.mark.parametrize("point", ["sampling", "lessons", "learning", "measuring", "recording"])
def test_a_loop_that_is_killed_comes_to_the_same_result(tmp_path, monkeypatch, point):
    whole = run(tmp_path / "whole")
    targets = {
        "sampling": "rsi_agents.loops.contract.run_plan",
        "lessons": "rsi_agents.loops.proposing.write_lessons",
        "learning": "tests.agents.loops.teaching.Teacher.train",
        "measuring": "rsi_agents.loops.drive.held_out_of",
        "recording": "rsi_agents.loops.folder.append_lines",
    }
    with LoopFolder.create(tmp_path / "loop", config()) as folder:
        calls = []

        def killed(*args, **kwargs):
            calls.append(args)
            raise FakeKill

        def stop_after_first(record):
            if record.number == 1:
                monkeypatch.setattr(targets[point], killed)

        with pytest.raises(FakeKill):
            improve(folder, on_round=stop_after_first)
        assert len(calls) == 1
        monkeypatch.undo()
    with LoopFolder.open(tmp_path / "loop") as folder:
        resumed = improve(folder)
    assert told(resumed.rounds) == told(whole.rounds)
    assert not list((tmp_path / "loop").rglob("*.unfinished"))
    whole_lessons, lessons = (
        [json.loads(line)["completion"] for line in (tmp_path / name / "round-002/taught.jsonl").open()]
        for name in ("whole", "loop")
    )
    assert lessons == whole_lessons


def test_a_spent_budget_pauses_the_loop(tmp_path):
    ticks = iter(range(10**9))
    with LoopFolder.create(tmp_path / "loop", config()) as folder:
        with pytest.raises(LoopPaused, match=r"seconds is spent .* episodes of .* to play"):
            improve(folder, budget=Budget(max_wall_s=60, clock=lambda: float(next(ticks))))
        assert improve(folder).rounds[-1].number == 2


def test_a_finished_loop_is_left_alone(tmp_path):
    before = run(tmp_path / "loop")
    with LoopFolder.open(tmp_path / "loop") as folder:
        assert improve(folder) == before
    with pytest.raises(RunFolderExists, match="holds a loop already; go on with"):
        LoopFolder.create(tmp_path / "loop", config())
    with pytest.raises(RunFolderBroken, match="holds no loop"):
        LoopFolder.open(tmp_path)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"loop": "rest_me"}, "the nearest is 'rest_em'"),
        ({"updater": {"name": "promt"}}, "the nearest is 'prompt'"),
        ({"updater": {}}, "needs a name"),
        ({"settings": {"treshold": 1}}, "takes no setting 'treshold'; it takes demonstrations, per_task, replay"),
        ({"settings": {"per_task": 0}}, "per_task: Input should be greater than or equal to 1"),
        ({"updater": {"name": "prompt", "shown": "many"}}, "shown: Input should be a valid integer"),
    ],
)
def test_what_loops_and_updaters_do_not_know_is_named(changes, problem):
    with pytest.raises(InvalidLoop, match=problem):
        make_loop(config(**changes))


def test_a_configuration_is_checked_before_anything_runs(tmp_path):
    file = tmp_path / "loop.toml"
    file.write_text('loop = "rest_em"\nenv = "x"\nbase = "random"\nround = 3\n')
    with pytest.raises(InvalidLoop, match="round: Extra inputs are not permitted"):
        read_config(file)
    file.write_text('loop = "rest_em"\nenv = "x"\nbase = "random"\n[sample]\nsplit = "test"\n')
    with pytest.raises(InvalidLoop, match="may not learn from the split 'test' that it is measured on"):
        read_config(file)
    with pytest.raises(InvalidLoop, match="can't be read"):
        read_config(tmp_path / "nothing.toml")


def test_an_environment_that_takes_any_argument_is_not_asked_for_splits_when_there_are_none():
    asked = {"env": TWO_PLAYERS, "env_args": {"game": nim.NIM, "opponent": "random"}}
    plan = held_out_plan(config(**asked, held_out={"split": "", "tasks": 3}), "random")
    assert (plan.split, plan.episodes, plan.env_kwargs) == (None, 3, asked["env_args"])
    with pytest.raises(InvalidPlan, match="test/Adding-v0 has splits; name one of them"):
        held_out_plan(config(held_out={"split": ""}), "random")


def test_neither_a_loop_nor_a_run_begins_where_the_other_is(tmp_path):
    LoopFolder.create(tmp_path / "loop", config()).close()
    with pytest.raises(RunFolderExists, match="holds a loop already"):
        RunFolder.create(tmp_path / "loop", make_plan(ADDING, ("random",)))
    RunFolder.create(tmp_path / "run", make_plan(ADDING, ("random",))).close()
    with pytest.raises(RunFolderExists, match="holds a run already"):
        LoopFolder.create(tmp_path / "run", config())


def test_a_folder_that_can_not_be_gone_on_with_is_let_go(tmp_path):
    LoopFolder.create(tmp_path / "loop", config()).close()
    rounds = tmp_path / "loop" / "rounds.jsonl"
    rounds.rename(tmp_path / "away")
    with pytest.raises(RecordsError, match=r"rounds\.jsonl"):
        LoopFolder.open(tmp_path / "loop")
    (tmp_path / "away").rename(rounds)
    LoopFolder.open(tmp_path / "loop").close()
