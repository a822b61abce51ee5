# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Constraints measure texts as they say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.core.constraints import KINDS, Constraint, findings, share_met, words
from rsi_envs.core.errors import InvalidOption

POEM = """Roses grow – slowly.
Is that so?  “Yes!” she said.

Early frost, though...
"""
MEASURED = [
    ("words", "", POEM, 12),
    ("words", "", "  — * \n", 0),
    ("words", "", "don't over-think 3.5", 3),
    ("sentences", "", POEM, 5),
    ("sentences", "", "He paid 3.50 at example.com", 0),
    ("questions", "", POEM, 1),
    ("questions", "", "Really?! Yes. Really? Well", 2),
    ("lines", "", POEM, 3),
    ("paragraphs", "", POEM, 2),
    ("paragraphs", "", "\n\n", 0),
    ("list_items", "", "- a\n* b\n 1. c\n2) d\n-e\n3.5 f", 4),
    ("longest_line", "", POEM, 6),
    ("longest_line", "", "", 0),
    ("shortest_line", "", POEM, 3),
    ("occurrences", "rose", "A rose, roses and ROSE-red; primrose", 2),
    ("occurrences", "don't", "Don’t. don't!", 2),
    ("occurrences", "c++", "c++ and c+++ and (C++)", 3),
    ("letters", "e", "Eel été", 2),
    ("lines_begin", "anna:", "ANNA: hi\n Anna: there\nBob: Anna: no", 2),
    ("begins", "dear sir", "\n Dear Sir, …", 1),
    ("begins", "dear sir", "Oh dear sir", 0),
    ("ends", "yours", "… Yours\n", 1),
    ("ends", "yours", "yours truly", 0),
    ("acrostic", "RIE", POEM, 1),
    ("acrostic", "RI", POEM, 0),
]


@pytest.mark.parametrize(("kind", "text", "measured", "measure"), MEASURED)
def test_every_kind_measures_what_it_says(kind: str, text: str, measured: str, measure: int) -> None:
    assert Constraint(kind, text, least=1).measure(measured) == measure


def test_every_kind_is_measured_here() -> None:
    assert {kind for kind, *_ in MEASURED} == set(KINDS)


@given(least=st.integers(0, 20), more=st.none() | st.integers(0, 20), count=st.integers(0, 50))
def test_a_bound_holds_from_least_to_most(least: int, more: int | None, count: int) -> None:
    most = None if more is None else least + more
    if least == 0 and most is None:
        return
    constraint = Constraint("words", least=least, most=most)
    assert constraint.holds("word " * count) == (least <= count <= (1000 if most is None else most))
    assert Constraint.from_dict(json.loads(json.dumps(constraint.as_dict()))) == constraint


@given(st.text())
def test_any_text_can_be_measured(text: str) -> None:
    for kind, about in KINDS.items():
        measure = Constraint(kind, "x" if about.takes_text else "", least=1).measure(text)
        assert measure >= 0
        assert measure <= 1 or not about.is_yes_or_no


@pytest.mark.parametrize("part", ["-", ".", "_", "\n", " \n", "- ", "“", "a."])
def test_hostile_texts_of_the_greatest_length_are_measured(part: str) -> None:
    # Would take minutes each, were a search begun anew at every character.
    for kind, about in KINDS.items():
        assert Constraint(kind, "x" if about.takes_text else "", least=1).measure(part * (100_000 // len(part))) >= 0


@pytest.mark.parametrize(
    ("constraint", "sentence"),
    [
        (Constraint("words", least=80, most=120), "It has 80 to 120 words."),
        (Constraint("lines", least=14, most=14), "It has exactly 14 lines."),
        (Constraint("words", most=50), "It has at most 50 words."),
        (Constraint("occurrences", "sea", least=2), "It has at least 2 occurrences of “sea”."),
        (Constraint("occurrences", "sea", least=1), "It has at least 1 occurrence of “sea”."),
        (Constraint("letters", "e", most=1), "It has at most 1 occurrence of “e”, also within words."),
        (Constraint("list_items", least=1, most=1), "It has exactly 1 list item."),
        (Constraint("questions", least=1, most=3), "It has 1 to 3 questions."),
        (Constraint("lines_begin", "O", least=1), "It has at least 1 line that begins with “O”."),
        (Constraint("longest_line", most=1), "It has at most 1 word in its longest line."),
        (Constraint("letters", "e", most=0), "It has no occurrences of “e”, also within words."),
        (Constraint("acrostic", "ODE", least=1), "It spells “ODE” with the first letters of its lines."),
        (Constraint("begins", "Once", most=0), "It is not so that it begins with “Once”."),
    ],
)
def test_a_constraint_states_itself(constraint: Constraint, sentence: str) -> None:
    assert str(constraint) == sentence


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"kind": "rhymes", "least": 1}, "kind is 'rhymes'"),
        ({"kind": "words"}, "needs least or most"),
        ({"kind": "words", "text": "sea", "least": 1}, "must be left out"),
        ({"kind": "occurrences", "least": 1}, "must be a text"),
        ({"kind": "words", "least": 5, "most": 4}, "nothing lies between"),
        ({"kind": "words", "least": -1}, "at least 0"),
        ({"kind": "begins", "text": "a", "least": 2}, "give least=1 for yes"),
        ({"kind": "words", "at_least": 5}, "this one has"),
        ({"least": 5}, "this one has"),
    ],
)
def test_a_constraint_that_makes_no_sense_is_refused(data: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidOption, match=problem):
        Constraint.from_dict(data)


def test_the_share_of_constraints_met() -> None:
    constraints = [Constraint("words", most=2), Constraint("begins", "a", least=1), Constraint("lines", least=2)]
    assert share_met(constraints, "a b") == pytest.approx(2 / 3)
    assert share_met([], "anything") == 1.0


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1)))
def test_words_are_what_white_space_parts(parts: list[str]) -> None:
    assert words(" ".join(parts)) == len(parts)


def test_findings_name_what_is_not_met() -> None:
    constraints = (Constraint("words", most=3), Constraint("questions", most=0), Constraint("begins", "Once", least=1))
    assert findings(constraints, "Once there was") == "meets all 3 demands that a program checks."
    assert findings(constraints, "Why? Once it was so") == (
        "meets 0 of the 3 demands that a program checks. Not met: It has at most 3 words. Here it is 5. "
        "It has no questions. Here it is 1. It begins with “Once”."
    )
    assert findings((), "Once") == "has nothing to meet that a program checks."
    one = (Constraint("words", most=1),)
    assert findings(one, "Once") == "meets the one demand that a program checks."
    assert findings(one, "Once so") == (
        "does not meet the one demand that a program checks. Not met: It has at most 1 word. Here it is 2."
    )
