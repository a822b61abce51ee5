# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Perspectives by name: one model may sit in a panel several times, each time as somebody else.

A judge's name may end in a persona's, as in "llm:openai/gpt-4o as sceptic".
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from rsi_envs.core.errors import InvalidOption

PERSONAS: Mapping[str, str] = {
    "artist": "You are a writer of literature. Above all you look for a voice of its own, images that stay and turns "
    "that nobody expects; what anybody could have written leaves you cold.",
    "editor": "You are an experienced editor. Above all you look for a clear structure and exact words, and you mind "
    "every sentence that could be left out.",
    "examiner": "You are a strict examiner. Above all you go through the demands of the assignment one by one and look "
    "whether each is met.",
    "reader": "You are the reader for whom this was made. Above all you ask whether it holds you to its end and gives "
    "you what you came for.",
    "sceptic": "You are a sceptic. Above all you look for what is wrong, unsupported or evasive, and fluent words do "
    "not impress you.",
}
"""What a judge is told of itself before everything else."""
_AS = " as "


class Cast(NamedTuple):
    """An agent and whom it judges as."""

    agent: str
    """The agent's name."""
    persona: str
    """What it is told of itself; empty for nothing."""


def cast_of(name: str) -> Cast:
    """Takes a judge's name apart: "AGENT" or "AGENT as PERSONA".

    Raises:
        InvalidOption: No persona has this name; the message names the nearest.
    """
    agent, found, persona = name.rpartition(_AS)
    if not found:
        return Cast(name, "")
    if persona not in PERSONAS:
        near = get_close_matches(persona, PERSONAS, n=1, cutoff=0.0)[0]
        hint = "; in an agent's settings, write a space as +" if "?" in agent else ""
        raise InvalidOption(f"no persona is called {persona!r}; the nearest is {near!r} of {', '.join(PERSONAS)}{hint}")
    return Cast(agent, PERSONAS[persona])
