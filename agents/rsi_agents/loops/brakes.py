# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Rules that roll a generation back, and stop a loop, when what it rewards and what is wanted part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from rsi_agents.loops.instruments import GAP
from rsi_agents.loops.rounds import HeldOut
from rsi_agents.paired import Paired

SWAP_CONSISTENCY, AGREEMENT = "swap_consistency", "agreement"
"""Measures of a round's judges that brakes look at."""


class BrakeSettings(BaseModel):
    """When to brake."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """How sure a loss must be to roll a generation back: its p-value is below 1 minus this."""
    proxy_gap: float | None = Field(default=0.1, gt=0)
    """How much more the proxy may gain than the independent score before the loop stops; None never stops for it."""
    least_diversity: float | None = Field(default=0.5, gt=0, le=1)
    """Which share of the base's diversity one that does no better must keep; None never stops for it."""
    least_swap_consistency: float | None = Field(default=None, gt=0, le=1)
    """How often judges must decide alike with candidates swapped; None never stops for it."""
    least_gap: float | None = Field(default=None, gt=0, le=1)
    """The base's generation-verification gap, below which the loop stops before its first round; None goes on."""
    patience: int | None = Field(default=2, ge=1)
    """Rounds in a row without a generation that is kept, after which the loop stops; None goes on."""


@dataclass(frozen=True, slots=True)
class Brake:
    """A rule that fired; the generation is rolled back."""

    reason: str
    stops: bool
    """Whether the loop ends, too."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was measured of a generation."""

    candidate: HeldOut | None = None
    """How it did; None where no generation was made."""
    base: HeldOut | None = None
    """How the base did; None where the base is what was measured."""
    against_parent: Paired | None = None
    """Its independent score against its parent's."""
    against_base: Paired | None = None
    """Likewise, against the base's."""
    proxy: Paired | None = None
    """Against its parent by the reward that the loop selects by; None where there is no other."""


def brakes(settings: BrakeSettings, found: Findings, measures: Mapping[str, float]) -> tuple[Brake, ...]:
    """Says which rules fire for a generation; for the base, none but the one about its samples.

    Args:
        settings: When to brake.
        found: What was measured of it.
        measures: What the loop tells of the round.
    """
    if found.candidate is None:
        return ()
    if found.base is None:
        return tuple(_hopeless(settings, measures))
    rules = (
        _unscored(found.candidate),
        _worse(settings, found.against_parent),
        _hacked(settings, found.against_parent, found.proxy),
        _collapsed(settings, found.base, found.candidate, found.against_base),
        _fickle(settings, measures),
    )
    return tuple(brake for rule in rules for brake in rule)


def _hopeless(settings: BrakeSettings, measures: Mapping[str, float]) -> Iterator[Brake]:
    gap = measures.get(GAP)
    if settings.least_gap is not None and gap is not None and gap < settings.least_gap:
        yield Brake(f"there is too little to select: the verification gap is {gap:.3f}", stops=True)


def _unscored(candidate: HeldOut) -> Iterator[Brake]:
    if candidate.score is None:
        yield Brake("no held-out episode of the generation was scored", stops=False)


def _worse(settings: BrakeSettings, against_parent: Paired | None) -> Iterator[Brake]:
    if against_parent is None:
        return
    if against_parent.difference < 0 and against_parent.p < 1 - settings.confidence:
        loss = f"{-against_parent.difference:.3f} (p = {against_parent.p:.3g}, {against_parent.pairs} pairs)"
        yield Brake(f"worse than its parent on held-out tasks by {loss}", stops=False)


def _hacked(settings: BrakeSettings, true: Paired | None, proxy: Paired | None) -> Iterator[Brake]:
    """Source: L. Gao et al., Scaling laws for reward model overoptimization, 2022 (2210.10760)."""
    if settings.proxy_gap is None or true is None or proxy is None:
        return
    gap = proxy.difference - true.difference
    if gap > settings.proxy_gap and true.difference <= 0:
        yield Brake(
            f"its own reward rose by {proxy.difference:.3f}, the independent one changed by {true.difference:+.3f}: "
            "the reward is being gamed",
            stops=True,
        )


def _collapsed(
    settings: BrakeSettings, base: HeldOut, candidate: HeldOut, against_base: Paired | None
) -> Iterator[Brake]:
    """Where a generation does better than the base, its texts may be more alike: there may be one right answer."""
    if settings.least_diversity is None or base.diversity is None or candidate.diversity is None:
        return
    gained = against_base is not None and against_base.difference > 0
    if candidate.diversity < settings.least_diversity * base.diversity and not gained:
        yield Brake(
            f"its texts are alike: diversity {candidate.diversity:.2f}, the base's is {base.diversity:.2f}", stops=True
        )


def _fickle(settings: BrakeSettings, measures: Mapping[str, float]) -> Iterator[Brake]:
    consistency = measures.get(SWAP_CONSISTENCY)
    if settings.least_swap_consistency is None or consistency is None:
        return
    if consistency < settings.least_swap_consistency:
        yield Brake(f"its judges decide alike in {consistency:.0%} of swapped pairs alone", stops=True)
