# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Plain data goes through text unharmed, and nothing else does."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.code.values import NotPlain, decode, same

HASHABLE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.frozensets(inner, max_size=4),
    max_leaves=8,
)
PLAIN = st.recursive(
    HASHABLE | st.complex_numbers(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(HASHABLE, inner, max_size=4) | st.sets(HASHABLE, max_size=4)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_plain_data_reads_back_from_its_text(value: Any) -> None:
    again = decode(repr(value))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    "text",
    ["", "x", "f(1)", "Any()", "...", "[1, x]", "<object at 0x1>", "1 if 2 else 3", "lambda: 1", "__import__('os')",
     "set.__subclasses__()", "{**{}}", "inf()", "[" * 3000, "'" + "x" * 500, "(1,)(2)", "set(1)", "-'a'"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotPlain):
        decode(text)


@given(PLAIN)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same(value, decode(repr(value)), 1e-9)


@pytest.mark.parametrize(
    ("got", "wanted"),
    [(True, 1), (1, True), (0, False), ([1], (1,)), ({1}, frozenset({1})), ("1", 1), (b"a", "a"), (None, 0),
     ([1, 2], [2, 1]), ({"a": 1}, {"a": 2}), ({"a": 1}, {"b": 1}), ([1], [1, 1]), (1.0, 1.1), (10**20, 10**20 + 1),
     ({True: 1}, {1: 1}), ({1.0}, {1}), ({(True,)}, {(1,)}), (123456789012345999.0, 123456789012345678),
     (10**400, 1.0), (1e300, 10**300)],
)  # fmt: skip
def test_what_differs_in_type_or_value_is_not_the_same(got: Any, wanted: Any) -> None:
    assert not same(got, wanted, 1e-9)


@pytest.mark.parametrize(
    ("got", "wanted"),
    [(1, 1.0), (3.0, 3), (0.1 + 0.2, 0.3), ([1e12], [1e12 + 1]), (math.nan, math.nan), (math.inf, math.inf),
     ({"a": (0.30000000000000004, None)}, {"a": (0.3, None)}), ({2: 1, 1: 2}, {1: 2, 2: 1})],
)  # fmt: skip
def test_floats_may_be_off_by_the_tolerance(got: Any, wanted: Any) -> None:
    assert same(got, wanted, 1e-9)


def test_a_tolerance_of_zero_allows_no_difference() -> None:
    assert not same(0.1 + 0.2, 0.3, 0.0)
    assert same(0.3, 0.3, 0.0)
