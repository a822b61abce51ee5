# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rsi_agents.report.charts import distributions

RESULTS = st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=9)


@settings(max_examples=15, deadline=None)
@example([0.1 + 0.2, 0.3])
@example([1e20])
@example([5e-324, 0.0])
@given(RESULTS)
def test_every_result_falls_into_a_bar_however_close_together_or_far_apart_they_are(results):
    (drawn,) = distributions({"a": results, "b": []}, None)
    assert (drawn.agent, drawn.episodes) == ("a", len(results))
    assert sum(count for _, count in drawn.rows) == len(results)
    assert "nan" not in drawn.svg


def test_results_that_are_the_same_but_for_rounding_share_a_bar():
    (drawn,) = distributions({"a": [0.1 + 0.2, 0.3, 0.3]}, None)
    assert [count for _, count in drawn.rows] == [3]


@pytest.mark.parametrize("span", [(0.0, 1.0), None])
def test_the_lowest_and_the_highest_are_drawn(span):
    (drawn,) = distributions({"a": [0.0, 1.0]}, span)
    assert drawn.rows == (("0 to 0.05", 1), ("0.95 to 1", 1))
