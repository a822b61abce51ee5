# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A judge's name may say whom it judges as."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.personas import PERSONAS, cast_of

DOCS = Path(__file__).parents[2] / "docs" / "judging.md"


def test_a_name_is_taken_apart_at_its_last_as() -> None:
    assert cast_of("llm:x?system_prompt=judge as you like as editor") == (
        "llm:x?system_prompt=judge as you like",
        PERSONAS["editor"],
    )
    assert cast_of("longest") == ("longest", "")


def test_the_nearest_persona_is_named() -> None:
    with pytest.raises(InvalidOption, match="no persona is called 'skeptic'; the nearest is 'sceptic'"):
        cast_of("longest as skeptic")


@pytest.mark.skipif(not DOCS.exists(), reason="the documentation belongs to a checkout")
def test_the_docs_list_every_persona() -> None:
    assert all(f"`{name}`" in DOCS.read_text("utf-8") for name in PERSONAS)
