# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""PettingZoo's games, seen from one side."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

from rsi_agents import EnvironmentNotFound, InvalidPlan, make_agent, open_environment, rollout
from rsi_agents.arena.two_players import TWO_PLAYERS, is_game
from rsi_agents.faults import boundary_of
from rsi_envs.core.errors import EnvironmentFault, InvalidAction
from tests.agents.arena import nim


def opened(game: str = nim.NIM, opponent: str = "random", **kwargs):
    return open_environment(TWO_PLAYERS, {"game": game, "opponent": opponent, **kwargs})


def played(game: str = nim.NIM, agent: str = nim.PERFECT, opponent: str = nim.PERFECT, seed: int = 0, **kwargs):
    env = opened(game, opponent, **kwargs)
    trajectory = rollout(env, make_agent(agent), seed=seed)
    env.close()
    return trajectory


@pytest.mark.parametrize(("seed", "score"), [(0, 1.0), (1, 0.0)])
def test_who_has_the_higher_rewards_has_won(seed: int, score: float) -> None:
    game = played(seed=seed)  # 11 sticks are won by the first, 12 by the second
    assert (game.verdict.score, game.reward) == (score, 2 * score - 1)
    assert game.verdict.parts["reward"] == -game.verdict.parts["opponent_reward"]
    assert game.verdict.reason == ("player_0 wins, 1 to -1" if score else "player_1 wins, -1 to 1")
    assert (game.steps[-1].terminated, game.steps[-1].truncated) == (True, False)


def test_equal_rewards_are_a_draw() -> None:
    game = played(draws=True)
    assert (game.verdict.score, game.verdict.passed, game.verdict.reason) == (0.5, False, "a draw, 0 to 0")


def test_a_game_cut_short_is_truncated() -> None:
    game = played(limit=3)
    assert (game.steps[-1].terminated, game.steps[-1].truncated) == (False, True)
    assert game.verdict.parts["plies"] == 3.0


def test_every_action_is_told_at_the_end_with_who_played_it() -> None:
    game = played()
    actions = game.steps[-1].info["actions"]
    assert [side for side, _ in actions] == ["player_0", "player_1"] * (len(actions) // 2) + ["player_0"]
    assert sum(action + 1 for _, action in actions) == 11
    assert game.verdict.parts["plies"] == len(actions)
    assert all("actions" not in step.info for step in game.steps[:-1])


def test_masks_stand_in_the_info_and_not_in_the_observation() -> None:
    env = opened()
    observation, info = env.reset(seed=0)
    assert observation.tolist() == [11]
    assert info["action_mask"].tolist() == [1, 1, 1]
    assert info["sticks"] == 11
    assert env.observation_space == gym.spaces.Box(0, 100, (1,), np.int64)
    assert env.unwrapped.sides == ("player_0", "player_1")


def test_the_same_seed_gives_the_same_game() -> None:
    games = [played(agent="random", opponent="random", seed=seed).steps[-1].info["actions"] for seed in (5, 5, 9)]
    assert games[0] == games[1] != games[2]


def test_an_illegal_action_loses_where_the_game_says_so() -> None:
    three = f"{nim.ILLEGAL}?action=2"
    first = played(agent=three, opponent=nim.METERED, sticks=2).verdict
    assert (first.score, first.parts["plies"]) == (0.0, 1.0)
    second = played(agent=nim.METERED, opponent=three, sticks=3).verdict
    assert (second.score, second.parts["plies"]) == (1.0, 2.0)


@pytest.mark.parametrize("game", [nim.BARE, nim.UNMASKED])
@pytest.mark.parametrize("illegal", [nim.ILLEGAL, f"{nim.ILLEGAL}?action=two"])
def test_else_an_illegal_action_is_the_fault_of_who_gave_it(game: str, illegal: str) -> None:
    with pytest.raises(InvalidAction, match=r"the agent gave .*no legal action") as caught:
        played(game, agent=illegal, opponent="random")
    assert boundary_of(caught.value) == "agent"
    with pytest.raises(EnvironmentFault, match=r"IllegalAgent.* gave .*no legal action") as fault:
        played(game, agent="random", opponent=illegal)
    assert boundary_of(fault.value) == "environment"


def test_what_breaks_in_the_game_itself_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fake_step(self, action):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(nim.Nim, "step", fake_step)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        played(nim.BARE)


@pytest.mark.parametrize(
    ("game", "error", "problem"),
    [
        (nim.THREE, InvalidPlan, "a game of 3 players; an arena plays games of two"),
        (nim.NO_GAME, InvalidPlan, "makes a object, which is no AEC environment"),
        ("tests.agents.arena.nim:nothing", EnvironmentNotFound, "can't load"),
        ("pettingzoo:no.such.module", EnvironmentNotFound, "can't load 'no.such.module:env'"),
    ],
)
def test_what_is_no_game_of_two_is_refused(game: str, error: type[Exception], problem: str) -> None:
    with pytest.raises(error, match=problem):
        opened(game)


def test_a_game_is_told_from_an_environment_by_its_name() -> None:
    assert is_game("rsi_envs.chess:aec_env")
    assert is_game("pettingzoo:pettingzoo.classic.connect_four_v3")
    assert not is_game("rsi/Chess-v0")
    assert not is_game("tests.agents.adding_env:test/Adding-v0")


def test_chess_is_played_by_whoever_reads_masks_or_the_board() -> None:
    game = played("rsi_envs.chess:aec_env", agent="random", opponent="random", max_plies=6)
    assert [side for side, _ in game.steps[-1].info["actions"]] == ["white", "black"] * 3
    assert game.verdict.score == 0.5
    env = opened("rsi_envs.chess:aec_env")
    env.reset(seed=0)
    assert env.unwrapped.board().turn
    with pytest.raises(AttributeError):
        env.unwrapped._nothing  # noqa: B018


@pytest.mark.parametrize(("side", "first"), [(0, True), ("player_0", True), (1, False), ("player_1", False)])
def test_the_agent_plays_the_side_that_is_asked_for(side: int | str, first: bool) -> None:
    game = played(side=side)  # 11 sticks are won by the first
    assert game.verdict.score == float(first)
    assert game.steps[-1].info["actions"][0][0] == "player_0"
    assert game.verdict.parts["reward"] == game.reward == (1 if first else -1)


def test_sides_alternate_with_the_seed_and_without_one() -> None:
    env = opened(side="alternate")
    assert [env.reset(seed=seed) and env.unwrapped.sides[0][-1] for seed in (0, 2, 1, 3)] == ["0", "0", "1", "1"]
    assert [env.reset() and env.unwrapped.sides[0][-1] for _ in range(3)] == ["0", "1", "0"]
    scores = [played(side="alternate", seed=seed).verdict.score for seed in (4, 5, 8, 9)]
    assert scores == [1.0, 1.0, 1.0, 1.0]  # 12 sticks, of the odd seeds, are won by the second


def test_a_side_that_nobody_has_or_that_can_not_be_changed_is_refused() -> None:
    with pytest.raises(InvalidPlan, match="side is 'white'; it must be 0, 1, 'player_0', 'player_1' or 'alternate'"):
        opened(side="white")
    with pytest.raises(InvalidPlan, match=r"player_0 and player_1 have other spaces in .*; choose one of them"):
        opened(nim.UNEQUAL, side="alternate")
    assert opened(nim.UNEQUAL).observation_space.shape == (1,)
    assert opened(nim.UNEQUAL, side=1).observation_space.shape == (2,)


def test_a_game_that_is_over_before_the_agents_turn_is_the_opponents_fault() -> None:
    with pytest.raises(EnvironmentFault, match="ended the game before player_1 had a turn"):
        played(sticks=1, side=1)


def test_connect_four_is_played_to_its_end() -> None:
    pytest.importorskip("pygame", reason="PettingZoo's classic games need pygame: pip install pygame")
    game = played("pettingzoo:pettingzoo.classic.connect_four_v3", agent="random", opponent="random")
    assert game.verdict.score in (0.0, 0.5, 1.0)
    assert game.observation.shape == (6, 7, 2)
