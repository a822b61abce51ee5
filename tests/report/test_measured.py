# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Which curves rounds make."""

from __future__ import annotations

from rsi_agents.loops.rounds import HeldOut
from rsi_agents.report.measured import groups_of, told_once
from tests.report.made_loops import made_round


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


def test_what_a_measurement_tells_of_variety_is_drawn():
    def told(number):
        return HeldOut(0.5, None, None, None, 0.75, 4, 0, 0.5, 0.25 * number, 2.0 + number)

    rounds = [made_round(number, 0.5, held_out=told(number)) for number in range(2)]
    (held_out, *_) = groups_of(rounds)
    drawn = {c.title: {line.name: [p.value for p in line.points] for line in c.lines} for c in held_out.curves}
    assert drawn["Diversity"] == {"diversity": [0.75, 0.75], "distinct 1": [0.5, 0.5], "distinct 2": [0.0, 0.25]}
    assert drawn["Compression"] == {"compression ratio": [2.0, 3.0]}


def test_nothing_is_drawn_of_what_no_round_tells():
    bare = HeldOut(0.5, None, None, None, None, 4, 0)
    assert titles([made_round(0, 0.5, held_out=bare)]) == {"Held-out tasks": ["Score"]}
