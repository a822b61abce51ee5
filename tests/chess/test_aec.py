# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chess for two agents keeps PettingZoo's contract."""

from __future__ import annotations

import chess
import numpy as np
import pytest
from pettingzoo.test import api_test, seed_test

from rsi_envs.chess import aec_env
from rsi_envs.core.errors import InvalidAction, InvalidOption


@pytest.mark.filterwarnings("ignore:Observation")
def test_pettingzoos_api_test_passes() -> None:
    api_test(aec_env(), num_cycles=500)


def test_pettingzoos_seed_test_passes() -> None:
    seed_test(aec_env, num_cycles=200)
    seed_test(lambda: aec_env(start="KRvK"), num_cycles=200)


def test_both_see_the_board_from_their_side_and_only_one_may_move() -> None:
    env = aec_env()
    env.reset(seed=0)
    white, black = env.observe("white"), env.observe("black")
    assert white["action_mask"].sum() == 20
    assert not black["action_mask"].any()
    assert np.array_equal(white["observation"][..., :12], black["observation"][..., :12])
    env.step(env.unwrapped.action_of(chess.Move.from_uci("e2e4")))
    assert env.agent_selection == "black"
    assert env.observe("black")["action_mask"].sum() == 20
    assert env.observe("white")["observation"][3, 4, 0] == 1
    assert env.observe("black")["observation"][4, 4, 6] == 1


def test_the_winner_gets_what_the_loser_pays() -> None:
    env = aec_env(start="7k/8/6K1/8/8/8/Q7/8 w - - 0 1")
    env.reset(seed=0)
    env.step(env.unwrapped.action_of(chess.Move.from_uci("a2a8")))
    assert env.rewards == {"white": 1.0, "black": -1.0}
    assert env.terminations == {"white": True, "black": True}
    assert env.infos["white"]["verdict"]["score"] == 1.0
    assert env.infos["black"]["verdict"]["score"] == 0.0


def test_an_illegal_action_loses_or_raises() -> None:
    env = aec_env()
    env.reset(seed=0)
    env.step(0)
    assert env.rewards == {"white": -1.0, "black": 1.0}
    assert "malformed" in env.infos["white"]
    assert "malformed" not in env.infos["black"]
    strict = aec_env(illegal="error")
    strict.reset(seed=0)
    with pytest.raises(InvalidAction):
        strict.step(0)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(InvalidOption, match="render_mode"):
        aec_env(render_mode="human")


def test_it_draws_the_board() -> None:
    env = aec_env(render_mode="ansi")
    env.reset(seed=0)
    assert env.render().splitlines()[0] == "8 r n b q k b n r"


def test_a_game_of_random_moves_comes_to_its_end() -> None:
    env = aec_env()
    env.reset(seed=4)
    rng = np.random.default_rng(4)
    total = {"white": 0.0, "black": 0.0}
    for agent in env.agent_iter():
        observation, reward, terminated, truncated, _ = env.last()
        total[agent] += reward
        over = terminated or truncated
        env.step(None if over else rng.choice(np.flatnonzero(observation["action_mask"])))
    assert total["white"] == -total["black"]
    assert env.agents == []
