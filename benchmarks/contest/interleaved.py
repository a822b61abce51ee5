# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Several things measured in turns, a number each a round, so that a machine whose speed drifts treats all alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Taken:
    """Everything measured, raw."""

    by_name: dict[str, list[float]] = field(default_factory=dict)
    """A number a round."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Why something is not there."""

    def median(self, name: str) -> float:
        """The median over the rounds."""
        return statistics.median(self.by_name[name])

    def spread(self, name: str) -> float:
        """Half of the range in which the middle half of the rounds lies, as a share of the median."""
        rounds = self.by_name[name]
        if len(rounds) < 2:
            return 0.0
        low, _, high = statistics.quantiles(rounds, n=4, method="inclusive")
        return (high - low) / 2 / self.median(name)

    def ratio(self, name: str, floor: str) -> float:
        """The median over the rounds of the ratio to the floor in the same round."""
        return self._compared(name, floor, lambda mine, other: mine / other)

    def added(self, name: str, floor: str) -> float:
        """The median over the rounds of what is there beyond the floor of the same round."""
        return self._compared(name, floor, lambda mine, other: mine - other)

    def _compared(self, name: str, floor: str, compare: Callable[[float, float], float]) -> float:
        pairs = zip(self.by_name[name], self.by_name[floor], strict=True)
        return statistics.median(compare(mine, other) for mine, other in pairs)


def take(measures: Mapping[str, Callable[[], float]], rounds: int, step: Callable[[], None]) -> Taken:
    """Measures all in turns, every other round in reverse order, after one round that does not count.

    Whatever raises is left out as a whole, and the others go on.

    Args:
        measures: By name; each gives a positive number.
        rounds: At least one.
        step: Called after each measurement, `(1 + rounds) * len(measures)` times.
    """
    taken = Taken({name: [] for name in measures})
    for number in range(1 + rounds):
        for name in measures if number % 2 else reversed(measures):
            if name in taken.by_name:
                try:
                    figure = measures[name]()
                except Exception as error:  # whatever its library raises; the others go on
                    taken.left_out[name] = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
                    del taken.by_name[name]
                else:
                    taken.by_name[name] += [figure] if number else []
            step()
    return taken
