# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Settings are read from agents' names, and written to them, without harm to the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents.names import NameParts, parts_of, setting_of, with_argument, with_setting, without_setting
from rsi_agents.registry import innermost

SCRIPTED = "python:tests.agents.fakes:FakeScriptedAgent"
NAMES = st.sampled_from(
    ["random", SCRIPTED, "llm:openai/x?api_base=http://127.0.0.1:1/v1", "llm:x?system_prompt=a of b"]
)
WRAPPED = st.tuples(st.sampled_from(["", "majority of ", "best_of?n=2&judge=first of majority?n=3 of "]), NAMES)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("random", "random"),
        ("best_of?n=2 of majority of llm:x?temperature=1", "llm:x?temperature=1"),
        ("llm:x?system_prompt=Think of edge cases.", "llm:x?system_prompt=Think of edge cases."),
        ("majority of llm:x?system_prompt=best of all", "llm:x?system_prompt=best of all"),
    ],
)
def test_the_agent_within_all_wrappers_is_named(name, within):
    assert innermost(name) == within


def test_a_setting_is_written_to_the_agent_that_is_wrapped():
    assert with_setting("majority?n=3 of llm:x?n=1", "n", "a b/c") == "majority?n=3 of llm:x?n=a+b/c"


def test_a_setting_that_says_of_is_left_whole():
    name = with_setting("llm:x?system_prompt=Think of edge cases.", "instructions", "/a")
    assert setting_of(name, "system_prompt") == "Think of edge cases."
    assert setting_of(name, "instructions") == "/a"


def test_without_its_last_setting_a_name_is_bare():
    assert without_setting("majority of llm:x?instructions=/a", "instructions") == "majority of llm:x"
    assert without_setting("random", "instructions") == "random"


@given(WRAPPED.map("".join), TEXTS)
def test_what_is_written_is_read_and_can_be_taken_away_again(name, text):
    changed = with_setting(name, "instructions", text)
    assert setting_of(changed, "instructions") == text
    assert setting_of(changed, "system_prompt") == setting_of(name, "system_prompt")
    assert changed.startswith(name.removesuffix(innermost(name)))
    taken = without_setting(changed, "instructions")
    assert setting_of(taken, "instructions") is None
    assert with_setting(taken, "instructions", text) == changed


def test_a_name_is_taken_apart():
    name = "majority of transformers:/a/b:c?temperature=0&system_prompt="
    assert parts_of(name) == NameParts("transformers", "/a/b:c", {"temperature": "0", "system_prompt": ""})
    assert parts_of("random") == NameParts("random", "", {})


@given(WRAPPED.map("".join), st.from_regex("[a-z/.:-]{1,9}", fullmatch=True))
def test_an_argument_is_written_to_the_agent_within_and_the_rest_stays(name, argument):
    changed = with_argument(name, argument)
    before, after = parts_of(name), parts_of(changed)
    assert after == NameParts(before.scheme, argument, before.settings)
    assert changed.startswith(name.removesuffix(innermost(name)))
