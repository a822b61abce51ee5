# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Curves over rounds: where their lines, marks and labels stand. `page/curves.html` draws them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rsi_agents.leaderboard import Interval

_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 350.0, 8.0, 148.0
"""Where the axes stand in a picture of 360 by 170."""
_STEPS = 4
"""About so many steps of the vertical axis are labelled."""
_MOST_ROUNDS_LABELLED = 8
_APART = 7.0
"""How far marks of the same round stand apart where they have intervals."""
_ROUNDING = 1e-9
"""Values closer together than this share of themselves are the same but for rounding."""


@dataclass(frozen=True, slots=True)
class Point:
    """What one round comes to."""

    round: int
    value: float
    kept: bool = True
    """Whether its generation was kept; the mark of one that was rolled back is hollow, and off the line."""
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What one thing comes to over rounds."""

    name: str
    points: tuple[Point, ...]

    @property
    def joined(self) -> tuple[Point, ...]:
        """Those that the line goes through."""
        return tuple(point for point in self.points if point.kept)

    def at(self, round_: int) -> Point | None:
        """What it comes to in a round."""
        return next((point for point in self.points if point.round == round_), None)


@dataclass(frozen=True, slots=True)
class Curve:
    """A picture of one line or several; what has no points is left out by `curve`."""

    title: str
    about: str
    """What is drawn, in a sentence; may be empty."""
    lines: tuple[Line, ...]
    last: int
    """The last round on the horizontal axis."""
    low: float
    high: float
    step: float

    @property
    def rounds(self) -> list[int]:
        """The rounds that some line has a point of."""
        return sorted({point.round for line in self.lines for point in line.points})

    @property
    def has_rolled_back(self) -> bool:
        """Whether some mark is hollow."""
        return any(not point.kept for line in self.lines for point in line.points)

    @property
    def x_labels(self) -> list[int]:
        """The rounds that the horizontal axis names."""
        return list(range(0, self.last + 1, math.ceil((self.last + 1) / _MOST_ROUNDS_LABELLED)))

    @property
    def y_labels(self) -> list[tuple[float, str]]:
        """What the vertical axis names: values, and how they are written."""
        digits = max(0, -math.floor(math.log10(self.step) + _ROUNDING))
        form = f",.{digits}f" if digits <= 6 and max(abs(self.low), abs(self.high)) < 1e6 else ".3g"
        values = [n * self.step for n in range(round(self.low / self.step), round(self.high / self.step) + 1)]
        return [(value, f"{value:{form}}".replace("-", "\u2212")) for value in values]

    def x(self, round_: int, line: float) -> float:
        """Where the mark of a round and a line stands; the middle line's number gives the middle of a round."""
        beside = any(point.interval for one in self.lines for point in one.points)
        shift = _APART * (line - (len(self.lines) - 1) / 2) if beside else 0.0
        return round(_LEFT + 12 + (_RIGHT - _LEFT - 24) * round_ / max(1, self.last) + shift, 2)

    def y(self, value: float) -> float:
        """Where a value stands."""
        return round(_BOTTOM - (_BOTTOM - _TOP) * (value - self.low) / (self.high - self.low), 2)

    def path(self, line: int) -> str:
        """A line's way, as SVG has it."""
        return "M" + "L".join(f"{self.x(p.round, line)} {self.y(p.value)}" for p in self.lines[line].joined)


def curve(title: str, lines: Iterable[Line], *, about: str = "", last: int) -> Curve | None:
    """Settles the axes of a picture; None where no line has a point."""
    drawn = tuple(line for line in lines if line.points)
    if not drawn:
        return None
    points = [point for line in drawn for point in line.points]
    values = [point.value for point in points]
    values += [edge for point in points if point.interval for edge in (point.interval.low, point.interval.high)]
    return Curve(title, about, drawn, last, *_axis(values))


def _axis(values: Sequence[float]) -> tuple[float, float, float]:
    """Gives the ends of an axis and the step of its labels: one, two or five times a power of ten."""
    low, high = min(values), max(values)
    largest = max(abs(low), abs(high))
    if high - low <= _ROUNDING * max(1.0, largest):
        room = 0.1 * largest or 1.0
        low, high = low - room, high + room
    rough = (high - low) / _STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(times for times in (1, 2, 5, 10) if times * power >= rough * (1 - _ROUNDING))
    return math.floor(low / step + _ROUNDING) * step, math.ceil(high / step - _ROUNDING) * step, step
