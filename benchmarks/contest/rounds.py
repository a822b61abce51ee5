# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Takes all contenders through interleaved rounds, so that a machine whose speed drifts treats all alike."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from contest.contenders import Contender, Sample

ALONE = 1
START_UPS = 3
_MOST_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything measured, raw."""

    isolation: dict[str, str] = field(default_factory=dict)
    """By contender, in the order of the table."""
    samples: dict[tuple[str, int], list[Sample]] = field(default_factory=dict)
    """By contender and jobs in flight, one a round; `ALONE` in flight gives the latency of a single job."""
    first_jobs_s: dict[str, list[float]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    """Why a contender, or one at so many in flight, is not there."""

    def rate(self, name: str, in_flight: int) -> float | None:
        """The median of jobs a second over the rounds; None when there is none."""
        found = self.samples.get((name, in_flight))
        return statistics.median(sample.jobs_per_s for sample in found) if found else None

    def ratio(self, name: str, floor: str, in_flight: int) -> float | None:
        """The median over the rounds of the ratio to the floor in the same round; None when there is none."""
        mine, floors = (self.samples.get((who, in_flight), []) for who in (name, floor))
        ratios = [one.jobs_per_s / other.jobs_per_s for one, other in zip(mine, floors, strict=False)]
        return statistics.median(ratios) if ratios else None

    def latency_s(self, name: str, share: float) -> float | None:
        """The quantile of a single job's latency over all rounds; None when there is none."""
        latencies = sorted(latency for sample in self.samples.get((name, ALONE), []) for latency in sample.latencies_s)
        return latencies[min(len(latencies) - 1, int(share * len(latencies)))] if latencies else None


def measure(
    contenders: Iterable[Contender],
    measured: Measured,
    *,
    rounds: int,
    in_flight: Iterable[int],
    at_least_s: float,
    longest_s: float,
    step: Callable[[], None],
) -> None:
    """Runs the rounds, every other one in reverse order.

    A contender that raises is left out from there on: as a whole when it can't do a first job, else at that many
    jobs in flight.

    Args:
        contenders: Whoever takes part; closed at the end.
        measured: Filled.
        rounds: At least one.
        in_flight: Jobs at a time; `ALONE` is measured in any case.
        at_least_s: How long each contender runs in each round at each number in flight.
        longest_s: A contender that would need longer for one job in each lane is left out there.
        step: Called as often as `steps` says.
    """
    taking_part = list(contenders)
    levels = sorted({ALONE, *in_flight})
    try:
        for number in range(rounds):
            for contender in taking_part if number % 2 == 0 else reversed(taking_part):
                if number < START_UPS:
                    _first_job(contender, measured)
                step()
            for level in levels:
                for contender in taking_part if number % 2 == 0 else reversed(taking_part):
                    _sample(contender, level, measured, at_least_s, longest_s)
                    step()
    finally:
        for contender in taking_part:
            try:
                contender.close()
            except Exception as error:  # as in a first job
                measured.left_out[f"{contender.name}, at its close"] = _reason(error)


def steps(contenders: int, rounds: int, in_flight: Iterable[int]) -> int:
    """How often `measure` calls `step`."""
    return contenders * rounds * (1 + len({ALONE, *in_flight}))


def _first_job(contender: Contender, measured: Measured) -> None:
    name = contender.name
    if name in measured.left_out:
        return
    try:
        seconds = contender.first_job_s()
    except Exception as error:  # whatever its library raises; the others go on
        measured.left_out[name] = _reason(error)
        return
    measured.isolation[name] = contender.isolation
    measured.first_jobs_s.setdefault(name, []).append(seconds)


def _sample(contender: Contender, level: int, measured: Measured, at_least_s: float, longest_s: float) -> None:
    name, place = contender.name, f"{contender.name}, {level} in flight"
    if name in measured.left_out or place in measured.left_out:
        return
    alone_s = measured.latency_s(name, 0.5) or 0.0
    expected_s = alone_s * level / (os.cpu_count() or 1)
    if expected_s > longest_s:
        measured.left_out[place] = f"it would take {expected_s:.0f} s"
        return
    try:
        if (name, level) not in measured.samples:
            contender.sample(level, 0.0)  # what it keeps for so many jobs is there from now on
        sample = contender.sample(level, at_least_s)
    except Exception as error:  # as above
        measured.left_out[place] = _reason(error)
        measured.samples.pop((name, level), None)
        return
    measured.samples.setdefault((name, level), []).append(sample)


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:_MOST_CHARACTERS]
