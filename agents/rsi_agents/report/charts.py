# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Charts as SVG, to be coloured by the page's style sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from markupsafe import Markup

from rsi_agents.leaderboard import Interval

_BINS = 20
_ROUNDING = 1e-9
"""Results closer together than this share of themselves are the same but for rounding, and can't be told apart."""
_WIDTH, _HEIGHT = 300, 120


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis on which intervals are drawn; positions are percentages of its length."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Where a value stands, 0 to 100."""
        return round(100 * min(1.0, max(0.0, (value - self.low) / (self.high - self.low))), 2)

    @classmethod
    def around(cls, values: Sequence[float]) -> Scale:
        """An axis with zero in its middle that reaches as far as the furthest of the values."""
        furthest = max((abs(value) for value in values), default=0.0) or 1.0
        return cls(-furthest, furthest)

    @classmethod
    def over(cls, values: Sequence[float]) -> Scale:
        """An axis from the lowest of the values and zero to the highest."""
        low, high = min([0.0, *values]), max([0.0, *values])
        return cls(low, high if high > low else low + 1.0)


UNIT = Scale(0.0, 1.0)


def bounds_of(values: Sequence[float], intervals: Sequence[Interval | None]) -> list[float]:
    """Gathers what an axis must reach."""
    return [*values, *(edge for interval in intervals if interval for edge in (interval.low, interval.high))]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How often an agent's results fell where."""

    agent: str
    episodes: int
    svg: Markup
    rows: tuple[tuple[str, int], ...]
    """The same in figures: what a bar covers, and how many fell there; empty bars are left out."""


def distributions(values: Mapping[str, Sequence[float]], span: tuple[float, float] | None) -> list[Distribution]:
    """Draws a histogram for each agent, all on the same axes.

    Args:
        values: By agent; those without any are left out.
        span: What the horizontal axis covers; None takes what the values cover.
    """
    import numpy as np

    held = {agent: numbers for agent, numbers in values.items() if numbers}
    if not held:
        return []
    together = [number for numbers in held.values() for number in numbers]
    low, high = span or (min(together), max(together))
    furthest = max(1.0, abs(low), abs(high))
    if high - low < _ROUNDING * furthest:
        low, high = low - furthest / 2.0, high + furthest / 2.0
    counted = {agent: np.histogram(numbers, bins=_BINS, range=(low, high)) for agent, numbers in held.items()}
    shares = {agent: [float(c) / len(held[agent]) for c in counts] for agent, (counts, _) in counted.items()}
    tallest = max(max(share) for share in shares.values())
    return [
        Distribution(
            agent,
            len(held[agent]),
            _histogram(shares[agent], [float(edge) for edge in edges], tallest),
            tuple(
                (f"{start:.3g} to {end:.3g}", int(count))
                for count, start, end in zip(counts, edges, edges[1:], strict=False)
                if count
            ),
        )
        for agent, (counts, edges) in counted.items()
    ]


def _histogram(shares: Sequence[float], edges: Sequence[float], tallest: float) -> Markup:
    import pygal

    chart = pygal.Histogram(
        width=_WIDTH,
        height=_HEIGHT,
        range=(0, tallest),
        xrange=(edges[0], edges[-1]),
        x_labels=[
            {"value": value, "label": f"{value:.3g}"} for value in (edges[0], (edges[0] + edges[-1]) / 2, edges[-1])
        ],
        y_labels=[{"value": value, "label": f"{value:.0%}"} for value in (0.0, tallest)],
        show_legend=False,
        margin=6,
        js=(),
        css=(),
        no_prefix=True,
        explicit_size=False,
    )
    bars = zip(shares, edges, edges[1:], strict=False)
    chart.add("", [(share, start, end) for share, start, end in bars if share])
    return _plain_svg(chart.render_tree())


def _plain_svg(tree: ElementTree.Element) -> Markup:
    """Strips what the page forbids or does better: scripts, styles, and titles that say nothing."""
    for parent in list(tree.iter()):
        for child in list(parent):
            name = str(child.tag).rpartition("}")[2] if isinstance(child.tag, str) else "comment"
            if name in ("defs", "title", "desc", "comment") or child.get("class") in ("tooltip", "text-overlay"):
                parent.remove(child)
        parent.attrib.pop("style", None)
        parent.attrib.pop("id", None)
    tree.set("aria-hidden", "true")
    return Markup(ElementTree.tostring(tree, encoding="unicode"))  # noqa: S704  numbers alone went into it
