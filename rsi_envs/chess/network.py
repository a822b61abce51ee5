# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`Network`: what a position is worth to whoever has just moved, by one hidden layer.

It sees 768 pieces on squares, and 31 numbers of what attacks what; what any of them is worth, it has to learn.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rsi_envs.chess.afterstates import FEATURES, ROWS, Changes, bitboards_after, sums_after
from rsi_envs.chess.errors import InvalidNetwork
from rsi_envs.chess.threats import THREATS, bitboards, threats

Array = NDArray[np.float32]
HIDDEN = 64
"""Units of a network, unless asked otherwise."""
SPREAD = 0.05
"""The standard deviation of a network's first weights, unless asked otherwise."""
_FIELDS = ("rows", "threats", "bias", "output")


@dataclass(frozen=True, slots=True)
class Network:
    """Weights: from pieces on squares and counts of threats to some units of tanh, beside a linear sum of the same.

    The value of a view is the tanh of its odds, in (-1, 1): 1 for a game won by whoever has just moved.
    """

    rows: Array
    """Shape (832, hidden + 1): the first layer, in its last column the linear sum; the last 64 rows are 0."""
    threats: Array
    """Shape (31, hidden + 1): the same for the counts of `rsi_envs.chess.threats.threats`."""
    bias: Array
    """Shape (hidden + 1,)."""
    output: Array
    """Shape (hidden,)."""

    @classmethod
    def untrained(cls, hidden: int, seed: int, *, spread: float = SPREAD) -> Network:
        """Makes a network of random weights that knows nothing of chess.

        Args:
            hidden: How many units it has, at least 1.
            seed: What the weights come from.
            spread: The standard deviation of the first layer's. Small ones make units that first add pieces up; with
                large ones, each unit tells some combinations of pieces apart from the beginning.
        """
        rng = np.random.default_rng([seed, hidden])
        rows = np.zeros((ROWS, hidden + 1), np.float32)
        rows[:FEATURES, :hidden] = rng.normal(0.0, spread, (FEATURES, hidden))
        output = rng.normal(0.0, SPREAD, hidden).astype(np.float32)
        threatened = np.zeros((THREATS, hidden + 1), np.float32)
        return cls(rows, threatened, np.zeros(hidden + 1, np.float32), output)

    @classmethod
    def read(cls, file: Path) -> Network:
        """Reads what `write` wrote, and whatever else holds a network by the names of `named`.

        Raises:
            InvalidNetwork: The file can't be read, or holds no network.
        """
        return cls.of_arrays(read_arrays(file), file)

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]], file: Path) -> Network:
        """Takes a network from what `read_arrays` read of a file.

        Raises:
            InvalidNetwork: There is none in it.
        """
        try:
            rows, threatened, bias, output = (arrays[name] for name in _FIELDS)
        except KeyError as error:
            raise InvalidNetwork(f"{file} holds no network: it has no {error}") from error
        hidden = output.size
        found = rows.shape, threatened.shape, bias.shape, output.shape
        if found != ((ROWS, hidden + 1), (THREATS, hidden + 1), (hidden + 1,), (hidden,)):
            raise InvalidNetwork(f"{file} holds no network: its weights' shapes are {', '.join(map(str, found))}")
        return cls(*(np.array(array, np.float32) for array in (rows, threatened, bias, output)))

    def named(self) -> dict[str, NDArray[Any]]:
        """Gives all weights by their names in a file."""
        return dict(zip(_FIELDS, self.arrays(), strict=True))

    def write(self, file: Path) -> None:
        """Writes the weights; the same weights give the same bytes."""
        write_arrays(file, self.named())

    def arrays(self) -> tuple[Array, Array, Array, Array]:
        """Gives all weights."""
        return self.rows, self.threats, self.bias, self.output

    def odds(self, views: NDArray[np.uint8]) -> Array:
        """Rates positions as whoever has just moved sees them: views of shape (n, 768); shape (n,)."""
        return self._odds(self._sums(views) + threats(bitboards(views)) @ self.threats)

    def odds_after(self, changes: Changes) -> Array:
        """Rates what actions lead to, as whoever plays them sees it; shape (m,)."""
        sums = sums_after(self.rows, self._sums(changes.views), changes)
        sums += threats(bitboards_after(changes)) @ self.threats
        return self._odds(sums)

    def gradient(self, views: NDArray[np.uint8], targets: Array) -> tuple[Array, Array, Array, Array]:
        """Differentiates half the mean squared error of the values.

        Args:
            views: Shape (n, 768).
            targets: What they should be worth, shape (n,), from -1 to 1.

        Returns:
            By rows, threats, bias and output, in their shapes.
        """
        features, threatened = views.astype(np.float32), threats(bitboards(views))
        sums = features @ self.rows[:FEATURES] + threatened @ self.threats + self.bias
        active = np.tanh(sums[:, :-1])
        values = np.tanh(active @ self.output + sums[:, -1])
        by_odds = (values - targets) * (1 - values * values) / np.float32(len(targets))
        by_sums = np.empty_like(sums)
        by_sums[:, :-1] = by_odds[:, None] * self.output * (1 - active * active)
        by_sums[:, -1] = by_odds
        by_rows = np.zeros_like(self.rows)
        by_rows[:FEATURES] = features.T @ by_sums
        return by_rows, threatened.T @ by_sums, by_sums.sum(axis=0), active.T @ by_odds

    def _sums(self, views: NDArray[np.uint8]) -> Array:
        """Sums up the first layer, threats apart; shape (n, hidden + 1)."""
        sums: Array = views.astype(np.float32) @ self.rows[:FEATURES]
        sums += self.bias
        return sums

    def _odds(self, sums: Array) -> Array:
        odds: Array = np.tanh(sums[:, :-1]) @ self.output
        odds += sums[:, -1]
        return odds


def read_arrays(file: Path) -> dict[str, NDArray[Any]]:
    """Reads arrays by name.

    Raises:
        InvalidNetwork: The file is not there, can't be read, or holds no arrays.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise InvalidNetwork(f"{file} holds no network that can be read: {error}") from error


def write_arrays(file: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Writes arrays by name; the same arrays give the same bytes."""
    with file.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
