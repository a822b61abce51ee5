# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from rsi_agents.report.visible import visible, walked

ANY_TEXT = st.text(st.characters() | st.sampled_from("\x00\x1b\u202e\u2066\ud800\r\n\t\x7f"))


@given(ANY_TEXT)
def test_what_is_visible_hides_nothing_and_can_be_written(text):
    shown = visible(text)
    shown.encode()
    assert not {
        c
        for c in shown
        if unicodedata.bidirectional(c) in {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}
    }
    assert not {c for c in shown if c < " " or c == "\x7f"} - {"\n", "\t"}
    assert visible(shown) == shown


@given(st.text(st.characters(exclude_categories=["C"])))
def test_ordinary_text_stays_as_it_is(text):
    assert visible(text) == text


def test_control_characters_show_their_code_points():
    assert visible("\x1b[31m\u202etxt\ud800\r\n") == "[U+001B][31m[U+202E]txt\ufffd\n"


def test_walking_leaves_what_json_can_say():
    walk = walked({"a": [float("nan"), float("-inf"), 1.5, None, True, ("x", {1, 2}.__class__)], 3: "y"}, str.upper)
    assert json.loads(json.dumps(walk, allow_nan=False)) == {
        "a": ["nan", "-inf", 1.5, None, True, ["X", "<CLASS 'SET'>"]],
        "3": "Y",
    }
