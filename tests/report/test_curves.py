# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rsi_agents.leaderboard import Interval
from rsi_agents.report.curves import Line, Point, curve


def drawn(*values: float, **fields):
    points = tuple(Point(number, value, **fields) for number, value in enumerate(values))
    return curve("title", [Line("line", points)], last=max(0, len(values) - 1))


@settings(max_examples=50, deadline=None)
@example([0.1 + 0.2, 0.3])
@example([1e20])
@example([5e-324, 0.0])
@example([-0.01, 0.0])
@given(st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=9))
def test_every_value_stands_between_the_axis_ends_in_order(values):
    found = drawn(*values)
    places = [found.y(value) for value in values]
    assert all(8.0 <= place <= 148.0 for place in places)
    ranked = sorted(range(len(values)), key=values.__getitem__)
    assert all(places[low] >= places[high] for low, high in itertools.pairwise(ranked))
    labels = found.y_labels
    assert 2 <= len(labels) <= 12
    assert len({text for _, text in labels}) == len(labels)


def test_the_axis_is_labelled_in_round_steps_with_zero_in_its_place():
    assert [text for _, text in drawn(-0.07, 0.11).y_labels] == [
        "\u22120.10",
        "\u22120.05",
        "0.00",
        "0.05",
        "0.10",
        "0.15",
    ]
    assert [text for _, text in drawn(1200.0, 5800.0).y_labels] == ["0", "2,000", "4,000", "6,000"]


def test_the_axis_reaches_to_the_ends_of_intervals():
    found = drawn(0.5, interval=Interval(0.11, 0.89))
    assert (found.low, found.high) == (0.0, pytest.approx(1.0))


def test_marks_of_several_lines_with_intervals_stand_side_by_side_about_their_round():
    points = (Point(0, 0.5, interval=Interval(0.4, 0.6)), Point(1, 0.5))
    found = curve("title", [Line("one", points), Line("other", points)], last=1)
    assert found.x(1, 0) < found.x(1, 0.5) < found.x(1, 1)
    assert found.x(1, 0.5) == drawn(0.5, 0.5).x(1, 0)


@pytest.mark.parametrize(("last", "labels"), [(0, [0]), (3, [0, 1, 2, 3]), (100, [0, 13, 26, 39, 52, 65, 78, 91])])
def test_so_many_rounds_are_labelled_as_there_is_room_for(last, labels):
    assert curve("title", [Line("line", (Point(last, 1.0),))], last=last).x_labels == labels


def test_lines_without_a_point_are_left_out():
    assert curve("title", [Line("line", ())], last=3) is None
    assert [line.name for line in curve("title", [Line("a", ()), Line("b", (Point(0, 1.0),))], last=3).lines] == ["b"]
