# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Reasoning is parted from what is said, and what a provider does not tell is left out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.core.budget import Usage
from rsi_envs.core.chat import Reply, Token
from rsi_envs.core.reply import read_reply, split_reasoning


@pytest.mark.parametrize(
    ("text", "reasoning", "rest"),
    [
        ("<think>\n1+2 is 3.\n</think>\n\n3\n", "1+2 is 3.", "3\n"),
        (" \n<think>hm</think>3", "hm", "3"),
        ("<think></think>3", "", "3"),
        ("<think>cut o", "cut o", ""),
        ("<think>a <think> b</think>3</think>", "a <think> b", "3</think>"),
        ("1+2 is 3.\n</think>\n\n3\n", "1+2 is 3.", "3\n"),
        ("1+2 is 3.\n</think>", "1+2 is 3.", ""),
        ("\n</think>\n3\n</think>\n4", "", "3\n</think>\n4"),
        ("3 </think>\n", "", "3 </think>\n"),
        ("a\n<think>\nb\n</think>\n3", "", "a\n<think>\nb\n</think>\n3"),
        ("3, as <think>I</think> said", "", "3, as <think>I</think> said"),
        ("  3\n", "", "  3\n"),
        ("", "", ""),
    ],
)
def test_a_block_at_the_beginning_is_reasoning(text: str, reasoning: str, rest: str) -> None:
    assert split_reasoning(text) == (reasoning, rest)


def response(**choice: Any) -> Any:
    """What litellm returns, as far as it is read."""
    message = SimpleNamespace(content="3", tool_calls=None)
    return SimpleNamespace(choices=[SimpleNamespace(**{"message": message, "finish_reason": None, **choice})])


def test_alternatives_are_kept_only_where_they_were_asked_for() -> None:
    other = SimpleNamespace(token="4", logprob=-1.0)
    entry = SimpleNamespace(token="3", logprob=-0.5, top_logprobs=[other])
    told = response(logprobs=SimpleNamespace(content=[entry]))
    assert read_reply(told, Usage()).tokens == (Token("3", {}, -0.5),)
    assert read_reply(told, Usage(), alternatives=True).tokens == (Token("3", {"4": -1.0}, -0.5),)


def test_a_reply_that_says_no_more_than_it_must_is_read() -> None:
    assert read_reply(response(), Usage(1, 2)) == Reply("3", usage=Usage(1, 2))


plain = st.text(st.characters(exclude_characters="<>"), max_size=40)


@given(plain, plain)
def test_nothing_that_was_said_is_lost(thought: str, said: str) -> None:
    assert split_reasoning(f"<think>{thought}</think>{said}") == (thought.strip(), said.lstrip())
    assert split_reasoning(said) == ("", said)
