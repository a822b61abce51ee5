# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""rsi/Chess-v0 alone and as a vector."""

from __future__ import annotations

import random as random_module
from collections.abc import Callable
from typing import Any

from chess_contest.players import Play, Player, Random

ENV_ID = "rsi_envs:rsi/Chess-v0"
MADE, UNWRAPPED, LIGHT = "rsi/Chess-v0", "rsi/Chess-v0, unwrapped", "rsi/Chess-v0, light"
CLAIMED, FORCED = "rsi/Chess-v0, replay", "rsi/Chess-v0, replay, forced draws"
"""The same games stepped through again, with draws claimed and with forced draws only."""
VECTORS = {count: f"rsi/Chess-v0, vector of {count}" for count in (16, 256, 4096)}
_ACTIONS = 4672
_REPLAYED_GAMES = 50


def choose(mask: Any, random: Random) -> int:
    """Picks one of the actions that a mask allows, a numpy array of int8, each with the same probability."""
    legal = mask.view(bool).nonzero()[0]
    return int(legal.item(int(random() * len(legal))))


def _alone(*, unwrapped: bool = False, **options: Any) -> Callable[[Random], Play]:
    def playing(random: Random) -> Play:
        import gymnasium

        env = gymnasium.make(ENV_ID, opponent="self", **options)
        if unwrapped:
            env = env.unwrapped
        reset, step = env.reset, env.step
        while True:
            _, info = reset()
            plies, over = 0, False
            while not over:
                _, _, terminated, truncated, info = step(choose(info["action_mask"], random))
                over = terminated or truncated
                plies += 1
            yield plies

    return playing


def _vector(count: int) -> Callable[[Random], Play]:
    def playing(random: Random) -> Play:
        import numpy as np

        env, choose_all = make_vector(count, random)
        _, info = env.reset()
        waiting = np.zeros(count, bool)
        while True:
            _, _, terminated, truncated, info = env.step(choose_all(info["action_mask"]))
            # A board that was over is reset by this step, which is no ply.
            yield count - int(waiting.sum())
            waiting = terminated | truncated

    return playing


def make_vector(count: int, random: Random) -> tuple[Any, Callable[[Any], Any]]:
    """Makes a vector of boards, and what picks an action on every board by their masks."""
    import gymnasium
    import numpy as np

    env = gymnasium.make_vec(ENV_ID, num_envs=count, vectorization_mode="vector_entry_point", opponent="self")
    draw = np.random.default_rng(int(random() * 2**32)).random
    edges = np.arange(count + 1) * _ACTIONS

    def choose_all(mask: Any) -> Any:
        legal = mask.reshape(-1).view(bool).nonzero()[0]
        bounds = legal.searchsorted(edges)
        picks = bounds[:-1] + (draw(count) * (bounds[1:] - bounds[:-1])).astype(np.int64)
        # A board that is over has no legal action and may be given any.
        return legal.take(picks, mode="clip") % _ACTIONS if len(legal) else np.zeros(count, np.int64)

    return env, choose_all


def _replay(draws: str) -> Callable[[Random], Play]:
    def playing(random: Random) -> Play:
        import gymnasium

        games = _recorded_games(random_module.Random(0).random)
        env = gymnasium.make(ENV_ID, opponent="self", draws=draws)
        reset, step = env.reset, env.step
        while True:
            for game in games:
                reset()
                for action in game:
                    step(action)
                yield len(game)

    return playing


def _recorded_games(random: Random) -> list[list[int]]:
    import gymnasium

    env, games = gymnasium.make(ENV_ID, opponent="self"), []
    for _ in range(_REPLAYED_GAMES):
        _, info = env.reset()
        actions, over = [], False
        while not over:
            actions.append(choose(info["action_mask"], random))
            _, _, terminated, truncated, info = env.step(actions[-1])
            over = terminated or truncated
        games.append(actions)
    return games


def _player(sees: str, playing: Callable[[Random], Play]) -> Player:
    return Player(sees, playing, "rsi_envs", "rsi-envs")


_PLANES, _LIGHT_PLANES = "planes 8x8x119, mask", "planes 8x8x20, mask"
OURS = {
    MADE: _player(_PLANES, _alone()),
    UNWRAPPED: _player(_PLANES, _alone(unwrapped=True)),
    LIGHT: _player(_LIGHT_PLANES, _alone(observation="light")),
    **{name: _player(_PLANES, _vector(count)) for count, name in VECTORS.items()},
    CLAIMED: _player(_PLANES, _replay("claim")),
    FORCED: _player(_PLANES, _replay("forced")),
}
