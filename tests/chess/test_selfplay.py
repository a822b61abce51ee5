# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two named agents play games that can be played again, move for move."""

from __future__ import annotations

import chess
import numpy as np
import pytest

from rsi_envs.chess.actions import action_of
from rsi_envs.chess.game import Game
from rsi_envs.chess.pgn import parse_pgn
from rsi_envs.chess.planes import observe
from rsi_envs.chess.selfplay import play_game, play_games
from rsi_envs.core.errors import EnvironmentFault, InvalidOption
from tests.components import need

FISH = "uci:stockfish?nodes=1&epsilon=0.3"


def pgns(concurrency: int, seed: int = 5) -> list[str]:
    games = play_games(FISH, "uci:stockfish?nodes=200", games=6, seed=seed, concurrency=concurrency, max_plies=60)
    return [game.to_pgn() for game in games]


def test_engines_play_the_same_games_twice_one_at_a_time_and_eight() -> None:
    need("stockfish")
    first = pgns(1)
    assert pgns(1) == first
    assert pgns(8) == first
    assert pgns(8) == first
    assert len(set(first)) == 6
    assert pgns(8, seed=50) != first


def test_a_game_is_told_whole() -> None:
    game = play_game("random", "random", seed=2, start="KQvK")
    assert game.players == {"white": "random", "black": "random"}
    replay = Game(game.board.root())
    for ply in game.plies:
        assert ply.agent == chess.COLOR_NAMES[replay.turn]
        assert np.array_equal(ply.observation, observe(replay, "alphazero"))
        assert ply.action_mask[ply.action] == 1
        replay.push(ply.action)
    assert replay.board() == game.board
    assert game.trajectory("white") == game.plies[::2]
    assert game.trajectory("black") == game.plies[1::2]
    outcome = replay.outcome()
    assert outcome is not None
    assert game.rewards["white"] == -game.rewards["black"]


def test_pgn_says_who_played_and_how_it_ended() -> None:
    game = play_game("random", "random", seed=4, max_plies=3)
    (read,) = parse_pgn(game.to_pgn())
    assert read.headers["White"] == "random"
    assert read.headers["Seed"] == "4"
    assert read.headers["Result"] == "1/2-1/2"
    assert read.headers["Termination"] == "draw after 3 plies"
    assert [action_of(move, i % 2 == 0) for i, move in enumerate(read.mainline_moves())] == [
        ply.action for ply in game.plies
    ]


def test_players_of_one_game_draw_different_numbers() -> None:
    same = 0
    for seed in range(20):
        first, second = play_game("random", "random", seed=seed, max_plies=2).plies
        # Both choose among the twenty moves of the mirrored position.
        same += first.action == second.action
    assert same < 10


def test_a_broken_agent_ends_the_games_with_its_error() -> None:
    games = play_games("random", "python:tests.chess.test_env:Broken", games=3, concurrency=2)
    with pytest.raises(EnvironmentFault, match="no move"):
        next(games)
    with pytest.raises(LookupError, match="nobody"):
        play_game("random", "nobody", seed=0)


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(InvalidOption, match="games"):
        next(play_games("random", "random", games=0))
    with pytest.raises(InvalidOption, match="concurrency"):
        next(play_games("random", "random", games=1, concurrency=0))
