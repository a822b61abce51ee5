# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An arena is played to its end, whatever breaks, and goes on from wherever it was left."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections import Counter

import pytest

from rsi_agents import (
    AgentNotFound,
    InvalidPlan,
    Plan,
    RecordsDiskFull,
    RunFolder,
    RunFolderBroken,
    RunFolderExists,
    RunInUse,
)
from rsi_agents.arena import (
    ArenaFolder,
    GameRecord,
    Stage,
    faults_of,
    games_of,
    make_arena_plan,
    play_arena,
    read_arena_plan,
    read_games,
    standings,
)
from rsi_envs.core.budget import Budget
from tests.agents.adding_env import ADDING
from tests.agents.arena import nim
from tests.agents.fake_provider import says
from tests.agents.fakes import FakeRecordingAgent

SCRIPTED = "python:tests.agents.fakes:FakeScriptedAgent"


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    wait_for_workers()


def wait_for_workers() -> None:
    ends = time.monotonic() + 60.0
    while time.monotonic() < ends and any(t.name.startswith("rsi-worker") for t in threading.enumerate()):
        time.sleep(0.01)
    assert not [t for t in threading.enumerate() if t.name.startswith("rsi-worker")]


def told(folder: ArenaFolder) -> list[tuple]:
    return sorted((r.index, r.first, r.second, r.seed, r.score, str(r.actions)) for r in folder.records())


def test_the_stronger_comes_out_above(new_arena) -> None:
    folder = new_arena(games=40)
    outcome = play_arena(folder)
    assert (outcome.recorded, outcome.exhausted) == (40, None)
    table = standings(games_of(folder.records()))
    assert [row.agent for row in table.rows] == [nim.PERFECT, "random"]
    assert table.rows[0].elo > 200
    assert table.rows[0].better_than_next == table.better[nim.PERFECT]["random"] > 0.95


@pytest.mark.parametrize("pairing", ["round-robin", "swiss", "active"])
def test_concurrency_changes_no_game(new_arena, pairing: str) -> None:
    agents = (nim.PERFECT, "random", nim.METERED)
    stage = Stage(pairing, agents, games=12 if pairing == "active" else 2, rounds=4 if pairing == "swiss" else 0)
    one, many = (new_arena(stages=[stage], concurrency=n) for n in (1, 5))
    play_arena(one)
    play_arena(many)
    assert told(one) == told(many)
    assert len(told(one)) == stage.most_games


@pytest.mark.parametrize("pairing", ["round-robin", "swiss", "active", "place"])
@pytest.mark.parametrize("kept", [0, 1, 5, 9])
def test_an_arena_cut_off_anywhere_ends_as_if_it_had_not_been(new_arena, pairing: str, kept: int) -> None:
    agents = (nim.PERFECT, nim.METERED, "random")
    games, rounds = (2, 5 if pairing == "swiss" else 0) if pairing in ("round-robin", "swiss") else (10, 0)
    stage = Stage(pairing, agents, games=games, rounds=rounds, width_elo=9.0)
    whole, cut = (new_arena(stages=[stage]) for _ in range(2))
    for folder in (whole, cut):
        play_arena(folder)
    cut.close()
    file = cut.path / "games.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    # A kill in the middle of a write leaves a part of a line.
    file.write_bytes(b"".join(lines[:kept]) + lines[-1][:100])
    with ArenaFolder.open(cut.path) as again:
        assert play_arena(again).recorded == len(lines) - min(kept, len(lines))
        assert told(again) == told(whole)
        assert play_arena(again).recorded == 0


def test_every_line_tells_the_whole_game(new_arena) -> None:
    folder = new_arena((nim.METERED, "random"), games=2, seed=7)
    play_arena(folder)
    here, there = sorted(folder.records(), key=lambda record: record.index)
    assert (here.first, here.second, there.first, there.second) == (nim.METERED, "random", "random", nim.METERED)
    assert here.seed == there.seed == 7
    assert here.group == there.group
    assert here.sides == ("player_0", "player_1")
    assert here.plies == len(here.actions)
    mine = sum(side == "player_0" for side, _ in here.actions)
    assert [usage.total_tokens for usage in here.usages] == [10 * mine, 0]
    theirs = sum(side == "player_1" for side, _ in there.actions)
    assert [usage.total_tokens for usage in there.usages] == [0, 10 * theirs]
    assert (here.episode, here.fault, here.blamed, here.unscored) == (None, None, None, None)
    assert GameRecord.from_line(here.to_line()) == here


def test_the_plan_is_read_back_as_it_was(new_arena) -> None:
    folder = new_arena(env_kwargs={"sticks": 5}, seed=3, concurrency=2, episode_timeout_s=9.0)
    assert read_arena_plan(folder.path) == folder.plan
    assert folder.plan.world == nim.NIM
    asked = json.loads((folder.path / "arena.json").read_bytes())
    assert set(asked) == {"format", "created", "versions", "plan"}
    assert "gymnasium" in asked["versions"]


@pytest.mark.parametrize("at", ["make", "reset", "act"])
def test_a_broken_agent_is_to_blame_in_either_seat_and_stops_nobody(new_arena, at: str) -> None:
    broken = f"{nim.BROKEN}?at={at}"
    folder = new_arena((nim.PERFECT, broken, "random"), games=2)
    play_arena(folder)
    for record in folder.records():
        if broken in (record.first, record.second):
            assert record.fault.message.endswith("no engine")
            assert record.blamed == ("first" if record.first == broken else "second")
            assert (record.score, record.episode, record.actions) == (None, None, None)
        else:
            assert record.score is not None
    assert faults_of(folder.records()) == {broken: 4}
    table = standings(games_of(folder.records()), agents=folder.plan.agents, faults=faults_of(folder.records()))
    assert [(row.agent, row.games, row.faults) for row in table.rows][-1] == (broken, 0, 4)
    assert table.rows[-1].elo is None


def test_a_broken_world_is_nobodys_fault(new_arena, monkeypatch) -> None:
    folder = new_arena(games=2)

    def fake_step(self, action):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(nim.Nim, "step", fake_step)
    play_arena(folder)
    assert {(r.fault.kind, r.fault.where, r.blamed) for r in folder.records()} == {
        ("ZeroDivisionError", "environment", None)
    }
    assert faults_of(folder.records()) == {}


def test_faults_are_played_again_when_asked_and_the_decisions_stay(new_arena, monkeypatch) -> None:
    agents = (nim.PERFECT, nim.BROKEN, "random")
    folder = new_arena(stages=[Stage("active", agents, games=20)])
    play_arena(folder)
    faulted = folder.without_result()
    assert 0 < len(faulted) < 20
    assert play_arena(folder).recorded == 0
    monkeypatch.setattr(nim.BrokenAgent, "act", lambda self, observation, info: 0)
    assert play_arena(folder, retry_faults=True).recorded == len(faulted)
    assert {record.key for record in list(folder.records())[20:]} == faulted
    assert folder.without_result() == set()
    assert len(games_of(folder.records())) == 20
    folder.close()
    with ArenaFolder.open(folder.path) as again:
        assert play_arena(again, retry_faults=True).recorded == 0


def test_a_spent_budget_ends_it_and_a_larger_one_finishes(new_arena) -> None:
    folder = new_arena((nim.METERED, "random"), games=10, concurrency=1)
    outcome = play_arena(folder, budget=Budget(max_tokens=100))
    assert "tokens is spent" in outcome.exhausted
    assert 0 < outcome.recorded < 10
    assert all(record.fault is None for record in folder.records())
    assert outcome.recorded + play_arena(folder, budget=Budget(max_tokens=10**6)).recorded == 10


def test_the_budget_is_shared_by_both_seats(new_arena, provider) -> None:
    provider.script = [says("<move>a2a3</move>")]
    kwargs = {"max_plies": 4, "retries": 0}
    folder = new_arena(("random", provider.name), env="rsi/ChessText-v0", games=2, concurrency=1, env_kwargs=kwargs)
    budget = Budget()
    play_arena(folder, budget=budget)
    spent = [usage for record in folder.records() for usage in record.usages]
    assert sum(usage.calls for usage in spent) == len(provider.requests) > 1
    assert budget.spent.total_tokens == sum(usage.total_tokens for usage in spent) > 0


def test_colours_are_swapped_and_the_first_has_white(new_arena) -> None:
    folder = new_arena(("random", f"{SCRIPTED}?action=no move"), env="rsi/ChessText-v0", games=2)
    play_arena(folder)
    for record in folder.records():
        assert record.sides == ("white", "black")
        assert record.score == (1.0 if record.first == "random" else 0.0)
        assert f"{'black' if record.score else 'white'} loses by illegal" in record.episode.verdict.reason
        assert "with the white pieces" in record.episode.observation


def test_a_duel_of_texts_goes_by_the_comparisons(new_arena) -> None:
    folder = new_arena(("reference:good", "reference:poor"), env="rsi/Writing-v0", games=4)
    play_arena(folder)
    for record in folder.records():
        assert record.score == record.episode.verdict.parts["win_rate"]
        assert record.sides == ("agent", "opponent")
        assert record.episode.info["split"] == "test"
    assert standings(games_of(folder.records())).rows[0].agent == "reference:good"


def test_a_policy_that_reads_numbers_can_not_sit_where_texts_are_written_and_the_other_way_round(new_arena) -> None:
    texts = new_arena(("random", f"{SCRIPTED}?action=e2e4"), env="rsi/Chess-v0", games=2, env_kwargs={"max_plies": 4})
    play_arena(texts)
    first, second = sorted(texts.records(), key=lambda record: record.index)
    assert (first.blamed, first.fault.kind) == ("second", "EnvironmentFault")
    assert "gave 'e2e4', which is no legal action" in first.fault.message
    assert (second.blamed, second.fault.kind) == ("first", "InvalidAction")


def test_a_language_model_where_numbers_are_read_has_the_faults_to_show_for_it(new_arena, provider) -> None:
    folder = new_arena(("random", provider.name), env="rsi/Chess-v0", games=2, env_kwargs={"max_plies": 4})
    play_arena(folder)
    assert faults_of(folder.records()) == {provider.name: 2}


def test_ctrl_c_and_a_full_disk_record_nothing_unfinished(new_arena, monkeypatch) -> None:
    folder = new_arena(games=20, concurrency=3)

    def interrupt(record):
        if len(list(folder.records())) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play_arena(folder, on_record=interrupt)
    ended = list(folder.records())
    assert 5 <= len(ended) <= 8
    assert all(record.score is not None for record in ended)

    def fake_full_disk(path, line, **told):
        raise RecordsDiskFull("no room")

    monkeypatch.setattr("rsi_agents.arena.folder.append_lines", fake_full_disk)
    with pytest.raises(RecordsDiskFull):
        play_arena(folder)
    assert len(folder.results) == len(list(folder.records())) == len(ended)
    monkeypatch.undo()
    assert play_arena(folder).recorded == 20 - len(ended)


@pytest.mark.parametrize("when", ["before it is written", "after it is written"])
def test_what_had_ended_before_ctrl_c_is_recorded_once(new_arena, monkeypatch, when: str) -> None:
    folder = new_arena(games=20, concurrency=3)
    append, interrupted = ArenaFolder.append, []

    def fake_interrupted(self, record):
        if interrupted:
            return append(self, record)
        interrupted.append(record)
        wait_for_workers()
        if when == "after it is written":
            append(self, record)
        raise KeyboardInterrupt

    monkeypatch.setattr(ArenaFolder, "append", fake_interrupted)
    with pytest.raises(KeyboardInterrupt):
        play_arena(folder)
    assert sorted(record.index for record in folder.records()) == [0, 1, 2]
    assert len(folder.results) == 3


@pytest.mark.parametrize("again", [False, True])
def test_a_record_that_is_taken_back_leaves_no_trace(new_arena, monkeypatch, again: bool) -> None:
    folder = new_arena((nim.BROKEN, "random"), games=2)
    play_arena(folder)
    record = next(folder.records())
    new = dataclasses.replace(record, score=1.0, fault=None, seed=record.seed + (0 if again else 1))
    before = (folder.path / "games.jsonl").read_bytes(), dict(folder.results), folder.without_result()
    take_in = ArenaFolder._take_in

    def fake_interrupted(self, record):
        take_in(self, record)
        raise KeyboardInterrupt

    monkeypatch.setattr(ArenaFolder, "_take_in", fake_interrupted)
    with pytest.raises(KeyboardInterrupt):
        folder.append(new)
    assert ((folder.path / "games.jsonl").read_bytes(), folder.results, folder.without_result()) == before


def test_a_game_past_its_deadline_is_nobodys_fault(new_arena) -> None:
    slow = f"{SCRIPTED}?seconds=0.6"
    folder = new_arena(
        ("random", slow), env="rsi/ChessText-v0", games=2, episode_timeout_s=0.2, env_kwargs={"retries": 2}
    )
    play_arena(folder, grace_s=5.0)
    assert {(r.fault.kind, r.blamed) for r in folder.records()} == {("EpisodeTimeout", None)}


def test_agents_are_made_and_closed_with_every_game(new_arena) -> None:
    FakeRecordingAgent.calls.clear()
    recording = "python:tests.agents.fakes:FakeRecordingAgent?action=x"
    folder = new_arena(("random", recording), env="rsi/ChessText-v0", games=2, env_kwargs={"retries": 0})
    play_arena(folder)
    assert Counter(FakeRecordingAgent.calls)["close"] == 2


def test_an_unknown_agent_is_refused_before_anything_is_played(new_arena) -> None:
    folder = new_arena(("random", "nobody"))
    with pytest.raises(AgentNotFound):
        play_arena(folder)
    assert list(folder.records()) == []


def test_a_pool_grows_and_everything_is_rated_together(new_arena) -> None:
    folder = new_arena(stages=[Stage("place", ("random",), width_elo=300.0)])
    assert play_arena(folder).recorded == 0
    for newcomer in (nim.METERED, nim.PERFECT):
        folder.add(Stage("place", (*folder.plan.agents, newcomer), games=40, width_elo=400.0))
        assert 0 < play_arena(folder).recorded <= 40
    assert folder.plan.agents == ("random", nim.METERED, nim.PERFECT)
    assert read_arena_plan(folder.path) == folder.plan
    table = standings(games_of(folder.records()))
    assert {row.agent for row in table.rows} == set(folder.plan.agents)
    before = told(folder)
    folder.close()
    with ArenaFolder.open(folder.path) as again:
        assert play_arena(again).recorded == 0
        assert told(again) == before


def test_a_folder_is_begun_once_and_held_by_one(new_arena, tmp_path) -> None:
    folder = new_arena()
    with pytest.raises(RunInUse):
        ArenaFolder.open(folder.path)
    folder.close()
    with pytest.raises(RunFolderExists, match="holds an arena already"):
        ArenaFolder.create(folder.path, folder.plan)
    run = Plan(ADDING, ("random",), episodes=1)
    with pytest.raises(RunFolderExists, match="holds an arena already"):
        RunFolder.create(folder.path, run)
    RunFolder.create(tmp_path / "run", run).close()
    with pytest.raises(RunFolderExists, match="holds a run already"):
        ArenaFolder.create(tmp_path / "run", folder.plan)
    with pytest.raises(RunFolderBroken, match="holds no arena"):
        ArenaFolder.open(tmp_path / "nowhere")
    (folder.path / "games.jsonl").write_text('{"first": 1}\n')
    with pytest.raises(RunFolderBroken, match=r"games.jsonl, line 1: no record of a game"):
        list(read_games(folder.path))
    (folder.path / "arena.json").write_text("{}")
    with pytest.raises(RunFolderBroken, match="holds no plan"):
        ArenaFolder.open(folder.path)


@pytest.mark.parametrize(
    ("env", "kwargs", "problem"),
    [
        (ADDING, {}, "takes no argument 'opponent', so nobody can play"),
        ("rsi/Chess-v0", {"color": "black"}, "an arena decides the color itself"),
        ("rsi/Chess-v0", {"opponent": "random"}, "an arena decides the opponent itself"),
        (nim.NIM, {"side": 1}, "an arena decides the side itself"),
        ("rsi/Chess-v0", {"nothing": 1}, "takes no argument 'nothing'"),
        (nim.THREE, {}, "a game of 3 players"),
    ],
)
def test_a_world_that_is_not_for_two_is_refused(env: str, kwargs: dict, problem: str) -> None:
    with pytest.raises(InvalidPlan, match=problem):
        make_arena_plan(env, [Stage("active", ("a", "b"))], env_kwargs=kwargs)


@pytest.mark.parametrize(("name", "value"), [("concurrency", 0), ("seed", -1), ("episode_timeout_s", 0.0)])
def test_numbers_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidPlan, match=name):
        make_arena_plan("rsi/Chess-v0", [Stage("active", ("a", "b"))], **{name: value})
