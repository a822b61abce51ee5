# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Others' chess environments that pip installs, each played as its own documentation shows."""

from __future__ import annotations

from chess_contest.ours import choose
from chess_contest.players import Play, Player, Random

_NO_LIMIT = 1_000_000


def _pettingzoo(random: Random) -> Play:
    from pettingzoo.classic import chess_v6

    env = chess_v6.env()
    while True:
        env.reset()
        plies = 0
        while True:
            seen, _, terminated, truncated, _ = env.last()
            if terminated or truncated:
                break
            env.step(choose(seen["action_mask"], random))
            plies += 1
        yield plies


def _open_spiel(random: Random) -> Play:
    """The tensor is written into a numpy array, which is faster than the list of floats that the state returns."""
    import numpy as np
    import pyspiel
    from open_spiel.python.observation import make_observation

    game = pyspiel.load_game("chess")
    observation = make_observation(game)
    while True:
        state, plies = game.new_initial_state(), 0
        while not state.is_terminal():
            observation.set_from(state, state.current_player())
            mask = np.zeros(game.num_distinct_actions(), np.int8)
            legal = state.legal_actions()
            mask[legal] = 1
            state.apply_action(legal[int(random() * len(legal))])
            plies += 1
        yield plies


def _open_spiel_own_mask(random: Random) -> Play:
    import pyspiel

    game = pyspiel.load_game("chess")
    while True:
        state, plies = game.new_initial_state(), 0
        while not state.is_terminal():
            state.observation_tensor()
            state.legal_actions_mask()
            legal = state.legal_actions()
            state.apply_action(legal[int(random() * len(legal))])
            plies += 1
        yield plies


def _textarena(random: Random) -> Play:
    """The environment without wrappers, whose observations would otherwise repeat the whole game at every ply."""
    from textarena.envs.Chess.env import ChessEnv

    env = ChessEnv(is_open=True, max_turns=_NO_LIMIT, show_valid=True)
    while True:
        env.reset(num_players=2, seed=0)
        plies, over = 0, False
        while not over:
            _, seen = env.get_observation()
            moves = seen[-1][1].rpartition("Valid moves: ")[2].split(", ")
            over, _ = env.step(moves[int(random() * len(moves))])
            plies += 1
        env.close()
        yield plies


PEERS = {
    "PettingZoo chess_v6": Player("planes 8x8x111, mask", _pettingzoo, "pettingzoo.classic", "'pettingzoo[classic]'"),
    "OpenSpiel chess (C++)": Player("tensor 20x8x8, mask", _open_spiel, "pyspiel", "open_spiel"),
    "OpenSpiel chess (C++), its own lists": Player("lists of both", _open_spiel_own_mask, "pyspiel", "open_spiel"),
    "TextArena Chess-v0": Player("text, list of legal moves", _textarena, "textarena", "textarena"),
}
