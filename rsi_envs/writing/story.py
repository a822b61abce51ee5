# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An attempt at an assignment told as its drafts, what a program found of each, and what the judges said."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from rsi_envs.core.story import CastVote, Played, Section, Votes, Writing
from rsi_envs.core.storytelling import demands_on, last_info, put_together, ranked, talk
from rsi_envs.writing.reward import TEXT

TEXT_NAME = "this text"


def writing_story(episode: Played) -> tuple[Section, ...]:
    """Tells every draft, an opponent's text, the judges' votes, and what was said."""
    return put_together(episode, _drafts, _rival, _votes, talk)


def _drafts(episode: Played) -> Iterator[Section]:
    constraints = (episode.info or {}).get("constraints", ())
    texts = [step.action.strip() for step in episode.steps if not step.info.get("malformed")]
    for number, text in enumerate(texts, start=1):
        title = "The text" if number == len(texts) else f"Draft {number}"
        yield Writing(title, text, demands_on(text, constraints))


def _rival(episode: Played) -> Iterator[Section]:
    for other in last_info(episode)["compared_with"]:
        if "text" in other:
            checks = demands_on(str(other["text"]), (episode.info or {}).get("constraints", ()))
            yield Writing(f"The text of {other['name']}", str(other["text"]), checks)


def _votes(episode: Played) -> Iterator[Section]:
    last = last_info(episode)
    verdict = last["verdict"]
    if not verdict["votes"]:
        return
    names = {i: f"text {i}" for vote in verdict["votes"] for i in vote["shown"]}
    names |= {i: str(other["name"]) for i, other in enumerate(last.get("compared_with", ()), start=1)}
    names[TEXT] = TEXT_NAME
    votes = tuple(_vote(vote, names) for vote in verdict["votes"])
    yield Votes("What the judges said", votes, dict(_finite(verdict["health"])))


def _finite(health: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in health.items():
        if isinstance(value, int | float) and math.isfinite(value):
            yield name, float(value)


def _vote(vote: Mapping[str, Any], names: Mapping[int, str]) -> CastVote:
    weight = vote.get("weight", 1.0)
    judge = str(vote["judge"]) + (f", whose vote counts {weight:g}" if weight != 1.0 else "")
    if "order" not in vote:
        return CastVote(judge, "", "", abstained=str(vote["abstained"]))
    return CastVote(judge, ranked(vote["order"], vote["shown"], names), str(vote["rationale"]))
