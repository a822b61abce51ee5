# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Which curves rounds make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rsi_agents.loops.rounds import HeldOut
from rsi_agents.report.measured import groups_of, told_once
from tests.report.made_loops import made_round


@dataclass(frozen=True, slots=True)
class MoreHeldOut(HeldOut):
    """A measurement that tells more than this page was written for."""

    distinct: Mapping[str, float] = field(default_factory=dict)
    compression: float | None = None


def titles(rounds):
    return {group.title: [curve.title for curve in group.curves] for group in groups_of(rounds)}


def test_measures_stand_with_those_that_they_belong_to():
    names = ("meta_alpha", "selected", "swap_consistency", "verification_gap", "violations_network")
    found = titles([made_round(number, 0.5, measures=dict.fromkeys(names, 0.5)) for number in range(3)])
    assert list(found) == ["Held-out tasks", "Judges", "Verifiers", "What else the loop tells"]
    assert found["Held-out tasks"] == ["Score", "Gain on the parent", "Passed", "Diversity"]
    assert found["Judges"] == ["meta alpha", "swap consistency"]
    assert found["Verifiers"] == ["verification gap"]
    assert found["What else the loop tells"] == ["selected", "violations network"]


def test_a_measure_of_one_round_makes_no_curve():
    rounds = [made_round(0, 0.5, measures={"gap_before": 0.25}), made_round(1, 0.5, measures={"pgr": float("nan")})]
    assert list(titles(rounds)) == ["Held-out tasks"]
    assert [(one.name, one.round, one.value) for one in told_once(rounds)] == [("gap before", 0, 0.25)]


def test_whatever_a_measurement_tells_of_variety_is_drawn_with_diversity():
    def told(number):
        distinct = {"distinct_1": 0.5, "distinct_2": 0.25 * number}
        return MoreHeldOut(0.5, None, None, None, 0.75, 4, 0, distinct, 0.125)

    rounds = [made_round(number, 0.5, held_out=told(number)) for number in range(2)]
    (held_out, *_) = groups_of(rounds)
    (variety,) = [curve for curve in held_out.curves if curve.title == "Diversity"]
    assert {line.name: [point.value for point in line.points] for line in variety.lines} == {
        "diversity": [0.75, 0.75],
        "distinct 1": [0.5, 0.5],
        "distinct 2": [0.0, 0.25],
        "compression": [0.125, 0.125],
    }


def test_nothing_is_drawn_of_what_no_round_tells():
    bare = HeldOut(0.5, None, None, None, None, 4, 0)
    assert titles([made_round(0, 0.5, held_out=bare)]) == {"Held-out tasks": ["Score"]}
