# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What environments tell their stories with; see `rsi_envs.core.story`.

A record may be older than the environment that reads it, or somebody else's, so a story is put together of parts each
of which may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rsi_envs.core.constraints import Constraint
from rsi_envs.core.judging import LABELS
from rsi_envs.core.story import Check, Played, Section, plain_story

Teller = Callable[[Played], Iterable[Section]]
"""Tells one part of a story."""
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What reading a record raises that lacks something, or holds it in another form."""


def put_together(episode: Played, *tellers: Teller) -> tuple[Section, ...]:
    """Tells an episode part by part; parts that the record can't tell are left out.

    Args:
        episode: What was recorded.
        *tellers: The parts in order. Each may read the record as if nothing could be missing.

    Returns:
        Where no part can be told, what `plain_story` tells. Nothing of an episode that broke.
    """
    if episode.info is None:
        return ()
    sections = [section for teller in tellers for section in _told_by(teller, episode)]
    return tuple(sections) or plain_story(episode)


def _told_by(teller: Teller, episode: Played) -> list[Section]:
    try:
        return list(teller(episode))
    except _UNREADABLE:
        return []


def talk(episode: Played) -> tuple[Section, ...]:
    """Tells the conversation; nothing where actions are no text."""
    return plain_story(episode) if all(isinstance(step.action, str) for step in episode.steps) else ()


def last_info(episode: Played) -> Mapping[str, Any]:
    """Returns the info dict of the last step.

    Raises:
        IndexError: There is none.
    """
    return episode.steps[-1].info


def demands_on(text: str, constraints: Iterable[Mapping[str, Any]]) -> tuple[Check, ...]:
    """Checks a text against constraints as an info dict has them."""
    demands = [Constraint.from_dict(data) for data in constraints]
    return tuple(Check(str(demand), demand.holds(text), demand.measured(text)) for demand in demands)


def ranked(order: Iterable[Iterable[int]], shown: Sequence[int], names: Mapping[int, str]) -> str:
    """Writes a ranking such as "this text (shown as B) > fair (shown as A)".

    Args:
        order: Groups of candidates, the best first.
        shown: The candidates in the sequence in which they were shown, and so got their letters.
        names: What to call each candidate; one that is called by its letter is not said to be shown as it.
    """
    labels = dict(zip(shown, LABELS, strict=False))
    called = {i: names[i] if names[i] == label else f"{names[i]} (shown as {label})" for i, label in labels.items()}
    return " > ".join(" = ".join(called[i] for i in group) for group in order)
