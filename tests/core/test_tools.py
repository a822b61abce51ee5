# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Tools come from typed functions, and calls from text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.core.errors import InvalidTool
from rsi_envs.core.tools import RESERVED_NAMES, MalformedCall, Tool, ToolCall, parse_call


def look_up(word: str, most: int = 3) -> str:
    """Looks a word up.

    Args:
        word: The word, in lower case.
        most: Most meanings to give.
    """
    return f"{word}:{most}"


def test_the_schema_holds_name_description_types_and_defaults() -> None:
    function = Tool.of(look_up).schema()["function"]
    assert (function["name"], function["description"]) == ("look_up", "Looks a word up.")
    properties = function["parameters"]["properties"]
    assert properties["word"]["type"] == "string"
    assert properties["word"]["description"] == "The word, in lower case."
    assert (properties["most"]["type"], properties["most"]["default"]) == ("integer", 3)
    assert function["parameters"]["required"] == ["word"]


def test_a_call_runs_the_function_with_its_defaults() -> None:
    assert Tool.of(look_up).call({"word": "tree"}) == "tree:3"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "word"),
        ({"word": "a", "most": "many"}, "most"),
        ({"word": "a", "least": 1}, "least"),
        ({"word": 3}, "word"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, object], named: str) -> None:
    with pytest.raises(MalformedCall, match=named):
        Tool.of(look_up).call(arguments)


def untyped(word) -> str:  # type: ignore[no-untyped-def]
    """Has no type.

    Args:
        word: A word.
    """
    return str(word)


def undescribed(word: str) -> str:
    """Leaves its parameter undescribed."""
    return word


def undocumented(word: str) -> str:
    return word


def numeric(word: str) -> int:
    """Returns no text.

    Args:
        word: A word.
    """
    return len(word)


@pytest.mark.parametrize("function", [untyped, undescribed, undocumented, numeric])
def test_a_poor_declaration_is_refused(function: Callable[..., str]) -> None:
    with pytest.raises(InvalidTool, match=function.__name__):
        Tool.of(function)


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_reserved_names_are_refused(name: str) -> None:
    def function() -> str:
        """Does nothing."""
        return ""

    function.__name__ = name
    with pytest.raises(InvalidTool, match=name):
        Tool.of(function)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)


@given(name=st.text(), arguments=st.dictionaries(st.text(), JSON))
def test_a_call_written_as_an_action_reads_back(name: str, arguments: dict[str, object]) -> None:
    call = ToolCall(name, arguments)
    assert parse_call(call.to_action()) == call


@pytest.mark.parametrize("text", ["look_up(tree)", "{}", '{"word": "tree"}', "[1]", '"name"', "{" * 5000, ""])
def test_plain_text_is_no_call(text: str) -> None:
    assert parse_call(text) is None


@pytest.mark.parametrize("text", ['{"name": 3}', '{"name": "f", "arguments": [1]}', '{"name": null}'])
def test_a_broken_call_is_malformed(text: str) -> None:
    with pytest.raises(MalformedCall):
        parse_call(text)
