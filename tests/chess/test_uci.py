# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`uci:ENGINE` plays the same game for the same seed, at any strength and however many play at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import chess
import gymnasium as gym
import numpy as np
import pytest

from rsi_agents import AgentNameError, make_agent
from rsi_envs.chess.errors import EngineIllegalMove, EngineNotFound
from rsi_envs.chess.uci import UciAgent
from rsi_envs.core.errors import InvalidOption
from tests.chess.fake_engines import BoardOnlyEnv, fake_engine, started
from tests.components import need


def game(seed: int) -> list[str]:
    """A game of two agents of different strength, each with a generator of its own."""
    agents = [UciAgent("stockfish", nodes=500), UciAgent("stockfish", nodes=1, epsilon=0.5)]
    for i, agent in enumerate(agents):
        agent.reset(2 * seed + i)
    return BoardOnlyEnv().play(*agents, most_plies=60)


def test_the_same_seed_gives_the_same_game_alone_and_beside_seven_others() -> None:
    need("stockfish")
    alone = [game(seed) for seed in range(4)]
    with ThreadPoolExecutor(8) as threads:
        beside = list(threads.map(game, [0, 1, 2, 3, 0, 1, 2, 3]))
    assert beside == alone * 2
    assert len(set(map(tuple, alone))) == 4


def test_a_name_makes_the_agent() -> None:
    need("stockfish")
    agent = make_agent("uci:stockfish?nodes=200&epsilon=0&timeout_s=20")
    assert isinstance(agent, UciAgent)
    mate_in_one = BoardOnlyEnv("6k1/5ppp/8/8/8/8/5PPP/R5K1 w - - 0 1")
    assert mate_in_one.play(agent) == ["a1a8"]


def test_a_setting_that_is_no_number_is_refused() -> None:
    with pytest.raises(AgentNameError, match="setting 'nodes' is 'many'"):
        make_agent("uci:sh?nodes=many")


def test_epsilon_one_plays_every_legal_move_as_often_and_never_asks_the_engine(tmp_path: Path) -> None:
    agent = UciAgent(fake_engine(tmp_path), epsilon=1.0)
    agent.attach(BoardOnlyEnv())  # type: ignore[arg-type]
    agent.reset(7)
    moves = [agent.act("", {}) for _ in range(2000)]
    legal, counts = np.unique(moves, return_counts=True)
    assert set(legal) == {move.uci() for move in chess.Board().legal_moves}
    assert counts.min() > 60
    assert counts.max() < 145
    assert started(tmp_path) == []


def test_epsilon_is_the_share_of_random_moves(tmp_path: Path) -> None:
    agent = UciAgent(fake_engine(tmp_path), nodes=1, epsilon=0.2)
    agent.attach(BoardOnlyEnv())  # type: ignore[arg-type]
    agent.reset(3)
    others = sum(agent.act("", {}) != "e2e4" for _ in range(1000))
    assert 0.15 < others / 1000 < 0.23


def test_reset_begins_the_same_random_moves_again(tmp_path: Path) -> None:
    agent = UciAgent(fake_engine(tmp_path), epsilon=1.0)
    agent.attach(BoardOnlyEnv())  # type: ignore[arg-type]
    runs = []
    for seed in (5, 5, 6):
        agent.reset(seed)
        runs.append([agent.act("", {}) for _ in range(20)])
    assert runs[0] == runs[1] != runs[2]


def test_the_board_is_only_read(tmp_path: Path) -> None:
    env = BoardOnlyEnv()
    agent = UciAgent(fake_engine(tmp_path))
    agent.attach(env)  # type: ignore[arg-type]
    agent.act("", {})
    assert env.board() == chess.Board()
    assert env.board().move_stack == []


def test_an_environment_without_a_board_is_refused_by_name(tmp_path: Path) -> None:
    agent = UciAgent(fake_engine(tmp_path))
    with pytest.raises(InvalidOption, match="CartPoleEnv has no chess board"):
        agent.attach(gym.make("CartPole-v1"))


@pytest.mark.parametrize(
    "setting", [{"nodes": 0}, {"epsilon": -0.1}, {"epsilon": 1.1}, {"epsilon": float("nan")}, {"timeout_s": 0.0}]
)
def test_a_number_outside_its_range_is_named(tmp_path: Path, setting: dict[str, float]) -> None:
    with pytest.raises(InvalidOption, match=f"{next(iter(setting))} is"):
        UciAgent(fake_engine(tmp_path), **setting)  # type: ignore[arg-type]


def test_a_missing_engine_is_named_before_any_game() -> None:
    with pytest.raises(EngineNotFound, match="no engine 'stokfish'"):
        make_agent("uci:stokfish")


def test_an_illegal_move_of_the_engine_is_no_move_of_the_agent(tmp_path: Path) -> None:
    agent = UciAgent(fake_engine(tmp_path, "plays an illegal move"))
    agent.attach(BoardOnlyEnv())  # type: ignore[arg-type]
    with pytest.raises(EngineIllegalMove):
        agent.act("", {})
