# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import threading
import time

import pytest

from rsi_agents import AgentNotFound, RecordsDiskFull, RunFolder, leaderboard, run_plan
from rsi_envs.core.budget import Budget, shared_budget
from tests.agents.adding_env import SUMS
from tests.agents.fake_provider import says
from tests.agents.fakes import FAULTY, HANGING, UNJUDGED, FakeFaultyEnv, FakeRecordingAgent, FakeUnjudgedEnv

SCRIPTED = "python:tests.agents.fakes:FakeScriptedAgent"
METERED = "python:tests.agents.fakes:FakeMeteredAgent"
LISTS = "python:tests.agents.fakes:FakeListAgent"
UNCOUNTABLE = "python:tests.agents.fakes:FakeUncountableAgent"
RECORDING = "python:tests.agents.fakes:FakeRecordingAgent"
TEST_TASKS = SUMS.ids("test")
BROKEN = "3+1"


@pytest.fixture(autouse=True)
def opened():
    FakeFaultyEnv.opened.clear()
    return FakeFaultyEnv.opened


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    ends = time.monotonic() + 60.0
    while time.monotonic() < ends and _own_threads():
        time.sleep(0.01)
    assert not [thread for thread in _own_threads() if thread not in _FOREVER]


_FOREVER: list[threading.Thread] = []


def _own_threads():
    return [t for t in threading.enumerate() if t.name.startswith("rsi-") and t not in _FOREVER]


def by_task(folder, agent=None):
    return {r.task_id: r for r in folder.records() if agent in (None, r.agent)}


@pytest.mark.parametrize("concurrency", [1, 3, 50])
def test_every_episode_is_played_once_whatever_the_concurrency(new_run, concurrency):
    folder = new_run(agents=("reference:right", "random"), episodes=20, concurrency=concurrency)
    outcome = run_plan(folder)
    assert (outcome.recorded, outcome.missing, outcome.exhausted) == (40, 0, None)
    assert sorted(r.key for r in folder.records()) == sorted(spec.key for spec in folder.plan.specs())


def test_concurrency_changes_no_result(new_run):
    def told(folder):
        return sorted((r.key, r.observation, r.steps) for r in folder.records())

    one, many = (new_run(agents=("random", "reference:wrong"), episodes=10, concurrency=n) for n in (1, 8))
    run_plan(one)
    run_plan(many)
    assert told(one) == told(many)


def test_a_finished_run_plays_nothing_more(new_run):
    folder = new_run()
    run_plan(folder)
    assert run_plan(folder).recorded == 0


def test_an_unknown_agent_is_refused_before_anything_is_played(new_run):
    folder = new_run(agents=("reference:right", "nobody"))
    with pytest.raises(AgentNotFound):
        run_plan(folder)
    assert list(folder.records()) == []


@pytest.mark.parametrize("breaks_in", ["reset", "step"])
def test_a_broken_environment_stops_none_of_its_siblings(new_run, opened, breaks_in):
    folder = new_run(FAULTY, env_kwargs={"breaks_in": breaks_in}, concurrency=2)
    run_plan(folder)
    records = by_task(folder)
    assert set(records) == set(TEST_TASKS)
    fault = records.pop(BROKEN).fault
    assert (fault.kind, fault.message, fault.where) == ("EnvironmentFault", "the sandbox is gone", "environment")
    assert "_respond" in fault.traceback or "_open" in fault.traceback
    assert all(record.score == 1.0 for record in records.values())
    assert all(env.closed for env in opened)
    assert len(opened) >= 3  # the plan's, a worker's, and the one after the fault


@pytest.mark.parametrize(("agent", "kind"), [("raises=ValueError", "ValueError"), ("raises=SystemExit", "SystemExit")])
def test_a_broken_agent_is_its_own_fault(new_run, agent, kind):
    folder = new_run(agents=("reference:right", f"{SCRIPTED}?{agent}"))
    run_plan(folder)
    assert {(r.fault.kind, r.fault.where) for r in folder.records() if r.fault} == {(kind, "agent")}
    good, broken = leaderboard(folder.records())
    assert (good.agent, good.score, good.faults) == ("reference:right", 1.0, 0)
    assert (broken.score, broken.faults) == (None, len(TEST_TASKS))


def test_not_even_an_agent_that_fails_everywhere_stops_the_run(new_run):
    folder = new_run(agents=(UNCOUNTABLE, "reference:right"), concurrency=1)
    run_plan(folder)
    faults = {(r.fault.kind, r.fault.message, r.fault.where) for r in folder.records() if r.fault}
    assert faults == {("FakeUnprintableError", "the exception could not be turned into text", "agent")}
    assert len(list(folder.records())) == 2 * len(TEST_TASKS)


def test_an_agent_that_plays_no_text_is_its_own_fault(new_run):
    folder = new_run(agents=(LISTS,), episodes=1)
    run_plan(folder)
    (record,) = folder.records()
    assert (record.fault.kind, record.fault.where) == ("InvalidAction", "agent")


def test_an_unscored_episode_is_recorded_so_and_can_be_played_again(new_run, monkeypatch):
    folder = new_run(UNJUDGED)
    run_plan(folder)
    assert by_task(folder)[BROKEN].unscored
    assert by_task(folder)[BROKEN].score is None
    monkeypatch.setattr(FakeUnjudgedEnv, "judge_is_back", True)
    assert folder.forget_faults() == 1
    assert run_plan(folder).recorded == 1
    assert by_task(folder)[BROKEN].score == 1.0


def test_a_hanging_environment_is_closed_at_the_deadline(new_run):
    folder = new_run(HANGING, episode_timeout_s=0.3, concurrency=2)
    began = time.monotonic()
    run_plan(folder, grace_s=20.0)
    assert time.monotonic() - began < 10.0
    records = by_task(folder)
    assert records[BROKEN].fault.kind == "EpisodeTimeout"
    assert "0.3 s" in records[BROKEN].fault.message
    assert records[BROKEN].wall_s >= 0.3
    assert [r.score for task, r in records.items() if task != BROKEN] == [1.0] * (len(TEST_TASKS) - 1)


def test_an_episode_that_can_not_be_stopped_is_left_behind(new_run):
    folder = new_run(HANGING, env_kwargs={"for_ever": True}, episode_timeout_s=0.2, concurrency=1)
    run_plan(folder, grace_s=0.2)
    records = by_task(folder)
    assert records[BROKEN].fault.kind == "EpisodeTimeout"
    assert set(records) == set(TEST_TASKS)
    _FOREVER.extend(_own_threads())


def test_a_slow_agent_is_timed_out_between_its_steps(new_run):
    slow = f"{SCRIPTED}?action=x&seconds=0.1"
    folder = new_run(agents=(slow,), episodes=1, env_kwargs={"max_turns": 1000}, episode_timeout_s=0.25)
    run_plan(folder)
    (record,) = folder.records()
    assert record.fault.kind == "EpisodeTimeout"


def test_a_spent_budget_ends_the_run_and_a_larger_one_finishes_it(new_run):
    folder = new_run(agents=(METERED,), episodes=10, env_kwargs={"max_turns": 1}, concurrency=1)
    outcome = run_plan(folder, budget=Budget(max_tokens=35))
    assert (outcome.recorded, outcome.missing) == (4, 6)
    assert outcome.exhausted == "the budget of 35 tokens is spent (40 used)"
    assert all(record.fault is None for record in folder.records())
    assert run_plan(folder, budget=Budget(max_tokens=1000)).missing == 0


def test_what_an_environments_seats_ask_is_charged_to_the_runs_budget(new_run, provider):
    provider.script = [says("<move>e7e5</move>")]
    kwargs = {"opponent": provider.name, "color": "white"}
    folder = new_run("rsi/ChessText-v0", ("random",), env_kwargs=kwargs, episodes=3, concurrency=1)
    outcome = run_plan(folder, budget=Budget(max_tokens=25))
    assert outcome.exhausted == "the budget of 25 tokens is spent (30 used)"
    assert len(provider.requests) == 3
    assert shared_budget() is None


def test_a_budget_of_time_binds_agents_that_call_no_model(new_run):
    folder = new_run(agents=("reference:right",), episodes=50, env_kwargs={"delay_s": 0.02}, concurrency=1)
    outcome = run_plan(folder, budget=Budget(max_wall_s=0.2))
    assert "seconds is spent" in outcome.exhausted
    assert 0 < outcome.recorded < 50


def test_usage_is_recorded_with_every_episode_a_faulted_one_too(new_run):
    folder = new_run(FAULTY, agents=(METERED,), env_kwargs={"max_turns": 1})
    run_plan(folder)
    assert {record.usage.total_tokens for record in folder.records()} == {10}


def test_an_error_of_the_records_ends_the_run_and_closes_everything(new_run, opened, monkeypatch):
    folder = new_run(FAULTY, episodes=40, concurrency=4)
    append, written = RunFolder.append, []

    def fake_full_disk(self, *records):
        if written:
            raise RecordsDiskFull("no room")
        written.extend(records)
        append(self, *records)

    monkeypatch.setattr(RunFolder, "append", fake_full_disk)
    with pytest.raises(RecordsDiskFull):
        run_plan(folder)
    assert [record.key for record in folder.records()] == [record.key for record in written]
    assert 0 < len(written) < 40
    assert all(env.closed for env in opened)


def test_ctrl_c_records_no_unfinished_episode_and_closes_everything(new_run):
    folder = new_run(HANGING, episodes=12, concurrency=3)

    def interrupt(record):
        if len(list(folder.records())) >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_plan(folder, on_record=interrupt)
    assert 8 <= len(list(folder.records())) <= 10
    assert all(record.score == 1.0 for record in folder.records())


@pytest.mark.parametrize("when", ["before it is written", "after it is written"])
def test_what_had_ended_before_ctrl_c_is_recorded_once(new_run, monkeypatch, when):
    folder = new_run(HANGING, episodes=12, concurrency=6, env_kwargs={"delay_s": 0.02})
    append, interrupted = RunFolder.append, []

    def fake_interrupted(self, *records):
        if interrupted:
            return append(self, *records)
        interrupted.append(records)
        # Waits until all others have ended too, but for the two that hang.
        ends = time.monotonic() + 60.0
        while time.monotonic() < ends and len(_own_threads()) > 2:
            time.sleep(0.01)
        if when == "after it is written":
            append(self, *records)
        raise KeyboardInterrupt

    monkeypatch.setattr(RunFolder, "append", fake_interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_plan(folder)
    assert len(interrupted[0]) < 10
    assert [spec.task_id for spec in folder.missing()] == [BROKEN] * 2
    assert [record.score for record in folder.records()] == [1.0] * 10


def test_agents_are_closed_when_the_run_ends(new_run):
    FakeRecordingAgent.calls.clear()
    folder = new_run(agents=(RECORDING,), episodes=2, concurrency=1)
    run_plan(folder)
    assert FakeRecordingAgent.calls.count("close") == 1
    assert FakeRecordingAgent.calls[-1] == "close"


def test_an_environment_whose_closing_fails_is_a_warning(new_run, caplog):
    folder = new_run(FAULTY, env_kwargs={"breaks_in": "close"})
    assert run_plan(folder).missing == 0
    assert all(record.score == 1.0 for record in folder.records())
    assert "OSError: stuck" in caplog.text


def test_an_environment_that_can_not_be_opened_is_a_fault(new_run):
    folder = new_run(FAULTY, env_kwargs={"breaks_in": "open"})
    run_plan(folder)
    assert {(r.fault.kind, r.fault.where) for r in folder.records()} == {("ConnectionError", "environment")}
