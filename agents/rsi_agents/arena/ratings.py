# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How strong agents are, by the games that they played against one another.

Strengths are Bradley and Terry's, fitted by evalica and shown on Elo's scale; how sure they are is found by drawing the
games again and again. Elo's own sequence of updates is there to compare with.

Sources: R. A. Bradley and M. E. Terry, Rank analysis of incomplete block designs, Biometrika 39, 1952; A. E. Elo, The
Rating of Chessplayers, 1978, for the scale; B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993,
chapters 8 and 13.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rsi_agents.errors import InvalidGames
from rsi_agents.leaderboard import CONFIDENCE, Interval
from rsi_envs.core.aggregation import strengths

if TYPE_CHECKING:
    from scipy.sparse import csr_array

RESAMPLES = 1_000
ELO_PER_DECADE = 400.0
"""Points that make odds of ten to one. Source: Elo, 1978, chapter 8."""
K_FACTOR = 32.0
"""Points that a game can move in the sequence of updates. Source: Elo, 1978, chapter 1: 32 for newcomers."""


@dataclass(frozen=True, slots=True)
class Game:
    """What came of two agents playing against each other.

    Raises:
        InvalidGames: An agent against itself, or a score out of range.
    """

    first: str
    """An agent's name."""
    second: str
    """Another's."""
    score: float
    """What the first got, in [0, 1]: 1 for a win, ½ for a draw, 0 for a loss; the second got the rest."""
    group: str = ""
    """Games of one group are drawn together, such as those of one opening with sides swapped; empty stands alone."""

    def __post_init__(self) -> None:
        if self.first == self.second:
            raise InvalidGames(f"{self.first!r} plays against itself; a game needs two agents")
        if not 0.0 <= self.score <= 1.0:
            raise InvalidGames(f"the score of {self.first!r} is {self.score}; it must lie in [0, 1]")


@dataclass(frozen=True, slots=True)
class Rating:
    """How strong an agent is."""

    agent: str
    elo: float
    """Points above the mean of all; 400 more make odds of ten to one."""
    interval: Interval | None
    """By the percentile bootstrap, at 95%; None where there are fewer than two groups of games, and for who won or lost
    every game: drawing those again never shows how much stronger or weaker an agent may be."""
    games: int
    score: float
    """Mean score over its games, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """How strong all of them are."""

    rows: tuple[Rating, ...]
    """The strongest first."""
    draws: Mapping[str, Sequence[float]]
    """Each agent's Elo points in every resample, in the same order for all."""

    def better(self, one: str, other: str) -> float | None:
        """Returns the share of resamples in which one agent is the stronger, a tie counting half; None without any.

        Raises:
            KeyError: One of them has played no game.
        """
        here, there = np.asarray(self.draws[one]), np.asarray(self.draws[other])
        return float(np.mean((here > there) + (here == there) / 2.0)) if here.size else None


def rate(games: Iterable[Game], *, resamples: int = RESAMPLES, seed: int = 0) -> Ratings:
    """Rates every agent that has played.

    Args:
        games: At least one; every two agents must be connected by a chain of games.
        resamples: How often the games are drawn again, in groups; 0 gives no intervals.
        seed: What the draws come from.

    Raises:
        InvalidGames: No game, or agents that can't be compared; two of them are named.
    """
    played = list(games)
    if not played:
        raise InvalidGames("there is no game to rate anybody by")
    names = sorted({name for game in played for name in (game.first, game.second)})
    groups = _groups(played, names)
    won = _won(groups, np.ones(groups.shape[0]))
    met = won + won.T
    _check_connected(met, names)
    elo = _elo(won)
    draws = np.empty((0, len(names)))
    count = groups.shape[0]
    if count > 1 and resamples:
        rng = np.random.default_rng(seed)
        alike = np.full(count, 1.0 / count)
        draws = np.array([_elo(_won(groups, rng.multinomial(count, alike))) for _ in range(resamples)])
    counted, scores = met.sum(axis=1), won.sum(axis=1) / met.sum(axis=1)
    rows = [
        Rating(name, float(elo[i]), _interval(draws[:, i], scores[i]), round(counted[i]), float(scores[i]))
        for i, name in enumerate(names)
    ]
    ranked = tuple(sorted(rows, key=lambda row: (-row.elo, row.agent)))
    return Ratings(ranked, {name: draws[:, i].tolist() for i, name in enumerate(names)})


def expected_score(elo: float, other: float) -> float:
    """Returns the score that an agent of one rating can expect against another, in (0, 1).

    Source: Elo, 1978, by the logistic curve.
    """
    return 1.0 / (1.0 + math.pow(10.0, (other - elo) / ELO_PER_DECADE))


def sequential_elo(games: Iterable[Game], *, k: float = K_FACTOR) -> dict[str, float]:
    """Rates every agent that has played by Elo's updates, one game after another, from 0.

    The result depends on the order of the games and forgets the early ones, as fits players who change. Agents don't;
    `rate` uses every game alike.

    Args:
        games: In the order in which they count.
        k: Points that a game can move.

    Source: Elo, 1978, chapter 1.
    """
    elo: dict[str, float] = {}
    for game in games:
        first, second = elo.get(game.first, 0.0), elo.get(game.second, 0.0)
        gain = k * (game.score - expected_score(first, second))
        elo[game.first], elo[game.second] = first + gain, second - gain
    return elo


def _groups(games: Sequence[Game], names: Sequence[str]) -> csr_array:
    """Adds up for each group how much each agent won of each other: sparse, of (groups, agents times agents)."""
    from scipy.sparse import csr_array

    index = {name: i for i, name in enumerate(names)}
    keys = [game.group or f"\0{number}" for number, game in enumerate(games)]
    places = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    first, second = (np.array([index[name] for name in side]) for side in zip(*map(_players, games), strict=True))
    scores = np.array([game.score for game in games])
    rows = np.array([places[key] for key in keys])
    cells = np.concatenate([first * len(names) + second, second * len(names) + first])
    shape = len(places), len(names) ** 2
    return csr_array((np.concatenate([scores, 1.0 - scores]), (np.concatenate([rows, rows]), cells)), shape=shape)


def _players(game: Game) -> tuple[str, str]:
    return game.first, game.second


def _won(groups: csr_array, counts: np.ndarray) -> np.ndarray:
    """Adds the groups up, each as often as it counts: an array of (agents, agents)."""
    agents = math.isqrt(groups.shape[1])
    won: np.ndarray = (groups.T @ counts).reshape(agents, agents)
    return won


def _elo(won: np.ndarray) -> np.ndarray:
    """Fits strengths and puts them on Elo's scale, their mean at 0; agents without a game stand there too."""
    pairs = np.argwhere((won + won.T) > 0.0).tolist()
    elo = np.zeros(len(won))
    if pairs:
        fitted = strengths({(one, other): float(won[one, other]) for one, other in pairs})
        played = list(fitted)
        elo[played] = ELO_PER_DECADE * np.log10(list(fitted.values()))
        elo[played] -= elo[played].mean()
    return elo


def _interval(values: np.ndarray, score: float) -> Interval | None:
    if not values.size or score in (0.0, 1.0):
        return None
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.quantile(values, [tail, 1.0 - tail])
    return Interval(float(low), float(high))


def _check_connected(met: np.ndarray, names: Sequence[str]) -> None:
    from scipy.sparse.csgraph import connected_components

    count, labels = connected_components(met, directed=False)
    if count > 1:
        apart = names[int(np.argmax(labels != labels[0]))]
        raise InvalidGames(f"{names[0]!r} and {apart!r} can't be compared: no chain of games links them")
