# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An arena's table: who is better, and how sure that is."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rsi_agents.arena.ratings import Game, Ratings, rate, sequential_elo
from rsi_agents.arena.record import GameRecord
from rsi_agents.leaderboard import Interval


@dataclass(frozen=True, slots=True)
class ArenaStanding:
    """One agent's row."""

    rank: int | None
    """1 for the strongest; None for who has no result."""
    agent: str
    elo: float | None
    """Points above the mean of all; None without a result."""
    interval: Interval | None
    """See `Rating.interval`."""
    sequential_elo: float | None
    """By Elo's own updates, game after game, from 0."""
    score: float | None
    """Mean score over its games, in [0, 1]."""
    games: int
    """Those with a result."""
    faults: int
    """Those that it broke."""
    better_than_next: float | None
    """How likely it is the stronger of it and the next; None for the last, and where nobody knows."""


@dataclass(frozen=True, slots=True)
class ArenaTable:
    """Everybody's row, and how likely each is better than each other."""

    rows: tuple[ArenaStanding, ...]
    """The strongest first; last those without a result."""
    better: Mapping[str, Mapping[str, float]]
    """The probability that one is the stronger of it and another; empty where there are too few games to know."""


def standings(
    games: Sequence[Game],
    *,
    agents: Iterable[str] = (),
    faults: Mapping[str, int] | None = None,
    seed: int = 0,
) -> ArenaTable:
    """Rates everybody.

    Args:
        games: In the order in which they count for the sequence of updates.
        agents: Who takes part, whether or not they have a result.
        faults: How many games each broke.
        seed: What the bootstrap draws from.

    Raises:
        InvalidGames: Agents that can't be compared; two of them are named.
    """
    broken = faults or {}
    ratings = rate(games, seed=seed) if games else Ratings((), {})
    updated = sequential_elo(games)
    names = [row.agent for row in ratings.rows]
    following = dict(itertools.pairwise(names))
    rows = [
        ArenaStanding(
            rank,
            row.agent,
            row.elo,
            row.interval,
            updated[row.agent],
            row.score,
            row.games,
            broken.get(row.agent, 0),
            ratings.better(row.agent, following[row.agent]) if row.agent in following else None,
        )
        for rank, row in enumerate(ratings.rows, start=1)
    ]
    rows += [
        ArenaStanding(None, name, None, None, None, None, 0, broken.get(name, 0), None)
        for name in agents
        if name not in names
    ]
    return ArenaTable(tuple(rows), _matrix(ratings, names))


def faults_of(records: Iterable[GameRecord]) -> Counter[str]:
    """Counts the games that each agent broke and that nobody has played again with a result."""
    last = {record.key: record for record in records}
    return Counter(
        record.first if record.blamed == "first" else record.second for record in last.values() if record.blamed
    )


def _matrix(ratings: Ratings, names: Sequence[str]) -> dict[str, dict[str, float]]:
    matrix: dict[str, dict[str, float]] = {}
    for one in names:
        for other in names:
            chance = ratings.better(one, other) if one != other else None
            if chance is not None:
                matrix.setdefault(one, {})[other] = chance
    return matrix
