# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Arenas without an environment: players of known strength whose games are drawn."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rsi_agents.arena import ArenaPlan, Fixture, Game, Stage, expected_score
from rsi_agents.arena.pairings import rounds

TRUE = {"a": 300.0, "b": 100.0, "c": 0.0, "d": -100.0, "e": -300.0}
FIRST_SIDE = 40.0
"""What the first side is worth, in Elo points; swapping sides takes it out."""


def plan_of(*stages: Stage, seed: int = 0) -> ArenaPlan:
    return ArenaPlan("test/None-v0", ("white", "black"), stages, seed=seed)


def outcome(fixture: Fixture, seed: int, strengths: Mapping[str, float] = TRUE) -> float:
    """Draws a result that depends on nothing but the game and the seed."""
    names = [ord(letter) for letter in fixture.first + fixture.second]
    chance = expected_score(strengths[fixture.first] + FIRST_SIDE, strengths[fixture.second])
    return float(np.random.default_rng([seed, fixture.seed, *names]).random() < chance)


def simulated(plan: ArenaPlan, seed: int = 0, strengths: Mapping[str, float] = TRUE) -> list[Game]:
    """Plays a whole arena."""
    results: dict[tuple[str, str, int], float | None] = {}
    games = []
    for fixtures in rounds(plan, results):
        for fixture in fixtures:
            score = results[fixture.key] = outcome(fixture, seed, strengths)
            games.append(fixture.game(score))
    return games
