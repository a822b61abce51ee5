# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a board holds in memory while nobody plays on it."""

from __future__ import annotations

import ctypes
import gc
import os
import random as random_module
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chess_contest.ours import ENV_ID, MADE, OURS, choose, make_vector
from chess_contest.players import Random

ALONE, SLOT = "board of rsi/Chess-v0", "slot of a vector"
KINDS = (ALONE, SLOT)
PLIES_INTO_A_GAME = 100
_WARM_UP_PLIES = 50_000


@dataclass(frozen=True, slots=True)
class Held:
    """Resident bytes that one more board adds to its process, observations and masks aside."""

    at_start: float
    into_a_game: float
    """After `PLIES_INTO_A_GAME`, with what remembers the positions before."""


def held(kind: str, boards: int) -> Held:
    """Measures the mean of so many boards. Call it once in a process: what was freed before would be used again.

    Args:
        kind: `ALONE` or `SLOT`.
        boards: How many to make.
    """
    random = random_module.Random(0).random
    # What all boards share, the remembered parts of masks above all, is there before they are.
    play, plies = OURS[MADE].playing(random), 0
    while plies < _WARM_UP_PLIES:
        plies += next(play)
    before = _resident_bytes()
    begin = _begin_alone if kind == ALONE else _begin_slots
    play_on = begin(boards, random)
    at_start = _resident_bytes() - before
    play_on()
    return Held(at_start / boards, (_resident_bytes() - before) / boards)


def _begin_alone(boards: int, random: Random) -> Callable[[], None]:
    import gymnasium

    envs = [gymnasium.make(ENV_ID, opponent="self") for _ in range(boards)]
    for env in envs:
        env.reset()

    def play_on() -> None:
        for env in envs:
            _, info = env.reset()
            for _ in range(PLIES_INTO_A_GAME):
                _, _, terminated, truncated, info = env.step(choose(info["action_mask"], random))
                if terminated or truncated:
                    _, info = env.reset()

    return play_on


def _begin_slots(boards: int, random: Random) -> Callable[[], None]:
    env, choose_all = make_vector(boards, random)
    env.reset()

    def play_on() -> None:
        _, info = env.reset()
        for _ in range(PLIES_INTO_A_GAME):
            *_, info = env.step(choose_all(info["action_mask"]))

    return play_on


def _resident_bytes() -> int:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
