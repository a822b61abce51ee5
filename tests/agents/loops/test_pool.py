# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every generation joins the arena's pool, kept or not, and its record says how strong it is there."""

from __future__ import annotations

import math
from pkgutil import resolve_name

import pytest

from rsi_agents.arena import Game, expected_score, read_arena_plan, read_games
from rsi_agents.errors import AgentNameError, InvalidLoop, InvalidPlan, LoopPaused
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.pool import elo_of
from rsi_envs.core.budget import Budget
from tests.agents.adding_env import ADDING
from tests.agents.arena.nim import NIM
from tests.agents.loops.taking import TAKER, TAKING
from tests.agents.loops.test_self_play import CHESS

CONFIG = {
    "loop": "self_play",
    "env": TAKING,
    "env_args": {"opponent": f"{TAKER}?errs=0.5"},
    "base": f"{TAKER}?errs=0.9",
    "rounds": 3,
    "held_out": {"tasks": 60},
    "settings": {"learner": "tests.agents.loops.taking:Drill", "plies": 1, "options": {"forget": 2}},
    "arena": {"env": NIM, "games": 24, "width_elo": 1},
}


def run(path, **changes):
    with LoopFolder.create(path, checked_config(CONFIG | changes, "here")) as folder:
        return improve(folder).rounds


def told(rounds):
    return [(r.number, r.agent, r.held_out, r.kept, r.measures) for r in rounds]


def games(path):
    return sorted((g.index, g.first, g.second, g.score) for g in read_games(path / "arena"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "loop"
    return path, run(path)


def test_every_generation_is_rated_against_those_before_it_kept_or_rolled_back(whole):
    path, rounds = whole
    assert [record.kept for record in rounds] == [True, True, False, True]
    assert read_arena_plan(path / "arena").agents == tuple(record.agent for record in rounds)
    assert len(games(path)) == 3 * 24
    base, better, worse, best = (record.measures for record in rounds)
    assert base["elo"] == 0.0
    assert worse["elo"] < better["elo"] < best["elo"]
    assert worse["elo_gained"] < 0.0 < best["elo_gained"] == pytest.approx(best["elo"] - better["elo"], abs=100)
    for measures in (better, best):
        assert measures["elo_games"] == 24
        assert 0.0 < measures["elo_low"] < measures["elo"] < measures["elo_high"]
    met = {game[1:3] for game in games(path) if rounds[3].agent in game[1:3]}
    assert len({name for pair in met for name in pair}) > 2


def test_without_an_arena_nobody_plays_anybody(tmp_path):
    rounds = run(tmp_path / "loop", arena=None, rounds=1)
    assert not any("elo" in record.measures for record in rounds)
    assert not (tmp_path / "loop/arena").exists()


class FakeKill(Exception):
    """Stands for a kill at a point that the test chooses."""


@pytest.mark.parametrize(
    ("target", "after"),
    [
        ("rsi_agents.arena.folder.ArenaFolder._begin", 0),
        ("rsi_agents.arena.folder.ArenaFolder.add", 1),
        ("rsi_agents.arena.folder.append_lines", 1),
        ("rsi_agents.arena.folder.append_lines", 7),
        ("rsi_agents.loops.pool.elo_of", 2),
        ("rsi_agents.loops.folder.append_lines", 2),
    ],
)
def test_a_kill_while_it_is_placed_changes_nothing(tmp_path, monkeypatch, whole, target, after):
    original, calls = resolve_name(target), []

    def killed(*args, **kwargs):
        calls.append(args)
        if len(calls) > after:
            raise FakeKill
        return original(*args, **kwargs)

    with LoopFolder.create(tmp_path / "loop", checked_config(CONFIG, "here")) as folder:
        monkeypatch.setattr(target, killed)
        with pytest.raises(FakeKill):
            improve(folder)
        monkeypatch.undo()
    with LoopFolder.open(tmp_path / "loop") as folder:
        resumed = improve(folder).rounds
    assert told(resumed) == told(whole[1])
    assert games(tmp_path / "loop") == games(whole[0])


def test_a_budget_that_ends_amid_the_games_pauses_the_loop_and_its_games_are_paid_for_once(tmp_path, whole):
    consumed = [record.usage.total_tokens for record in whole[1]]
    with LoopFolder.create(tmp_path / "loop", checked_config(CONFIG, "here")) as folder:
        with pytest.raises(LoopPaused, match=r"tokens is spent .* with games of .*arena to play"):
            improve(folder, budget=Budget(max_tokens=consumed[0] + 40))
        assert [record.number for record in folder.rounds()] == [0]
        resumed = improve(folder).rounds
    assert told(resumed) == told(whole[1])
    assert resumed[1].usage.total_tokens >= consumed[1]


def test_generations_can_be_given_settings_for_the_arena_alone(tmp_path):
    arena = CONFIG["arena"] | {"settings": {"luck": 5}, "games": 2}
    rounds = run(tmp_path / "loop", arena=arena, rounds=1)
    assert read_arena_plan(tmp_path / "loop/arena").agents == tuple(f"{record.agent}&luck=5" for record in rounds)
    with pytest.raises(AgentNameError, match="skill"):
        run(tmp_path / "other", arena=CONFIG["arena"] | {"settings": {"skill": 5}})


def test_loops_may_share_a_pool_of_one_world(tmp_path):
    arena = CONFIG["arena"] | {"folder": str(tmp_path / "pool"), "games": 4}
    first = run(tmp_path / "first", arena=arena, rounds=1)
    other = run(tmp_path / "other", arena=arena, rounds=1, base=f"{TAKER}?errs=0.8")
    names = read_arena_plan(tmp_path / "pool").agents
    assert names == (first[0].agent, first[1].agent, other[0].agent)
    assert other[0].measures["elo"] == 0.0
    assert other[1].agent == first[1].agent
    with pytest.raises(InvalidLoop, match=f"plays {NIM}, not rsi/Chess-v0; name another arena.folder"):
        run(tmp_path / "chess", arena=arena | {"env": "rsi/Chess-v0"})


def test_an_environment_for_one_alone_is_refused_before_anything_is_measured(tmp_path):
    with pytest.raises(InvalidPlan, match="takes no argument 'opponent'"):
        run(tmp_path / "loop", arena={"env": ADDING})
    assert not (tmp_path / "loop/round-000/held-out").exists()


@pytest.mark.parametrize("changes", [{"games": 3}, {"games": 0}, {"width_elo": 0}, {"opponents": 2}])
def test_settings_are_checked(changes):
    with pytest.raises(InvalidLoop, match=f"here: arena.{next(iter(changes))}: "):
        checked_config(CONFIG | {"arena": changes}, "here")


def test_networks_play_in_the_world_that_they_learn_in(tmp_path):
    rounds = run(tmp_path / "loop", **CHESS | {"arena": {"games": 4, "settings": {"epsilon": 0.2}}})
    plan = read_arena_plan(tmp_path / "loop/arena")
    assert (plan.env_id, plan.sides) == ("rsi/Chess-v0", ("white", "black"))
    assert plan.env_kwargs["start"] == "KQQvK"
    assert all("epsilon=0.2" in name for name in plan.agents)
    played = list(read_games(tmp_path / "loop/arena"))
    assert len(played) == 8
    assert all(game.fault is None and game.score is not None for game in played)
    assert [record.measures["elo_games"] for record in rounds[1:]] == [4, 4]


def test_the_base_is_at_0_and_400_points_are_odds_of_ten_to_one():
    def result(first, second, won, number):
        return Game(first, second, won, f"{first} {number}")

    beats = [result("new", "base", float(number % 11 != 0), number) for number in range(1100)]
    found = elo_of(beats, "new", base="base", parent="base")
    assert found["elo"] == found["elo_gained"] == pytest.approx(400.0, abs=3.0)
    assert found["elo_low"] < 400.0 < found["elo_high"]
    assert expected_score(found["elo"], 0.0) == pytest.approx(10 / 11, abs=1e-3)
    assert elo_of(beats, "base", base="base", parent="base") == {"elo": 0.0}


def test_what_is_gained_over_the_parent_is_bounded_even_where_the_base_never_won():
    games = [Game(one, "base", 1.0, f"{one} {number}") for one in ("new", "old") for number in range(10)]
    games += [Game("new", "old", float(number % 4 > 0), f"both {number}") for number in range(40)]
    found = elo_of(games, "new", base="base", parent="old")
    assert found.keys() == {"elo", "elo_games", "elo_gained", "elo_gained_low", "elo_gained_high"}
    assert found["elo_games"] == 50
    assert expected_score(found["elo_gained"], 0.0) == pytest.approx(3 / 4, abs=0.01)
    assert 0.0 < found["elo_gained_low"] < found["elo_gained"] < found["elo_gained_high"]


def test_who_wins_every_game_has_no_interval_and_whom_no_game_links_no_rating():
    won = [Game("new", "base", 1.0, str(number)) for number in range(10)]
    found = elo_of(won, "new", base="base", parent="old")
    assert found["elo"] > 200.0
    assert math.isfinite(found["elo"])
    assert found.keys() == {"elo", "elo_games"}
    for games, count in (([], 0), ([Game("new", "other", 0.5)], 1), ([*won, Game("lone", "other", 0.5)], 10)):
        assert elo_of(games, "new", base="base", parent="base") == {"elo_games": count}
