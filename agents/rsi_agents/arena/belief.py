# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What is known of strengths before there are enough games to rate by: a normal distribution, which decides who meets.

Sources: D. J. C. MacKay, Information Theory, Inference, and Learning Algorithms, 2003, chapter 27 (Laplace's method);
M. E. Glickman, Parameter estimation in large dynamic paired comparison experiments, Applied Statistics 48, 1999 (the
prior).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from rsi_agents.arena.ratings import ELO_PER_DECADE, Game
from rsi_agents.leaderboard import CONFIDENCE

PRIOR_SD_ELO = 350.0
"""How far an unknown agent's strength may lie from the mean. Source: Glickman, the rating deviation of newcomers."""
ELO_PER_UNIT = ELO_PER_DECADE / math.log(10.0)
"""Elo points in one unit of strength: the odds of a difference d are e to the d."""


@dataclass(frozen=True, slots=True)
class Belief:
    """A normal distribution over the strengths of all."""

    agents: tuple[str, ...]
    mean: NDArray[np.float64]
    """Shape (agents,), in units of strength."""
    covariance: NDArray[np.float64]
    """Shape (agents, agents)."""

    def information_gain(self, pair: tuple[str, str]) -> float:
        """By what a game adds to the information about all, as a factor of its determinant, less 1."""
        contrast = self._contrast(pair)
        return self._weight(pair) * float(contrast @ self.covariance @ contrast)

    def gain_about(self, agent: str, pair: tuple[str, str]) -> float:
        """By how much a game lowers the variance of an agent's strength above the mean of all."""
        spread = self.covariance @ self._contrast(pair)
        weight = self._weight(pair)
        return float(weight * (self._above_mean(agent) @ spread) ** 2 / (1.0 + self.information_gain(pair)))

    def after(self, pair: tuple[str, str], games: int) -> Belief:
        """What would be known after further games of two, whatever comes of them."""
        spread = self.covariance @ self._contrast(pair)
        weight = games * self._weight(pair)
        shrunk = np.outer(spread, spread) * weight / (1.0 + games * self.information_gain(pair))
        return replace(self, covariance=self.covariance - shrunk)

    def width_elo(self, agent: str) -> float:
        """How wide the interval is that holds the agent's strength above the mean of all, in Elo points."""
        above = self._above_mean(agent)
        deviation = math.sqrt(float(above @ self.covariance @ above))
        return 2.0 * NormalDist().inv_cdf((1.0 + CONFIDENCE) / 2.0) * deviation * ELO_PER_UNIT

    def _weight(self, pair: tuple[str, str]) -> float:
        """What one game tells of the difference of two: p (1 - p)."""
        chance = 1.0 / (1.0 + math.exp(-float(self._contrast(pair) @ self.mean)))
        return chance * (1.0 - chance)

    def _contrast(self, pair: tuple[str, str]) -> NDArray[np.float64]:
        one, other = (self.agents.index(name) for name in pair)
        contrast = np.zeros(len(self.agents))
        contrast[one], contrast[other] = 1.0, -1.0
        return contrast

    def _above_mean(self, agent: str) -> NDArray[np.float64]:
        above = np.full(len(self.agents), -1.0 / len(self.agents))
        above[self.agents.index(agent)] += 1.0
        return above


def believed(games: Iterable[Game], agents: Sequence[str]) -> Belief:
    """Finds the likeliest strengths by games and prior, and how uncertain they are.

    Args:
        games: Any number; those of others than these agents count nothing.
        agents: Whose strengths are asked for.
    """
    from scipy.optimize import minimize

    index = {name: i for i, name in enumerate(agents)}
    won = np.zeros((len(agents), len(agents)))
    for game in games:
        if game.first in index and game.second in index:
            one, other = index[game.first], index[game.second]
            won[one, other] += game.score
            won[other, one] += 1.0 - game.score
    met = won + won.T
    precision = (ELO_PER_UNIT / PRIOR_SD_ELO) ** 2

    def differences(strengths: NDArray[np.float64]) -> NDArray[np.float64]:
        return strengths[:, None] - strengths[None, :]

    def cost(strengths: NDArray[np.float64]) -> float:
        unlikely = won * np.logaddexp(0.0, -differences(strengths))
        return float(unlikely.sum() + precision * strengths @ strengths / 2.0)

    def slope(strengths: NDArray[np.float64]) -> NDArray[np.float64]:
        chances = 1.0 / (1.0 + np.exp(-differences(strengths)))
        gradient: NDArray[np.float64] = (met * chances - won).sum(axis=1) + precision * strengths
        return gradient

    def curvature(strengths: NDArray[np.float64]) -> NDArray[np.float64]:
        chances = 1.0 / (1.0 + np.exp(-differences(strengths)))
        weights = met * chances * (1.0 - chances)
        bent: NDArray[np.float64] = np.diag(weights.sum(axis=1) + precision) - weights
        return bent

    found = minimize(cost, np.zeros(len(agents)), method="trust-exact", jac=slope, hess=curvature).x
    covariance: NDArray[np.float64] = np.linalg.inv(curvature(found)).astype(np.float64)
    return Belief(tuple(agents), found, covariance)
