# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`majority of AGENT`: several samples of every action, of which the most frequent is played.

Source: Wang et al., Self-Consistency Improves Chain of Thought Reasoning in Language Models, arXiv 2203.11171.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from rsi_agents.policies.wrapping import Factory, WrappingAgent
from rsi_envs.core.judgements import read
from rsi_envs.core.options import check_count


class Majority(WrappingAgent):
    """Plays the first drawn of the actions that most of the agents within mean; see `meaning_of`.

    The agents within go on as if each had drawn the one that is played.
    """

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Plays what most agents within would."""
        drawn = self._drawn(observation, info)
        meanings = [meaning_of(action, info) for action in drawn]
        votes = Counter(meaning for meaning in meanings if meaning is not None)
        return self._chosen(drawn, [0 if meaning is None else votes[meaning] for meaning in meanings])


def majority(inner: Factory, /, *, n: int = 5) -> Factory:
    """Wraps an agent so that the most frequent of several samples is played.

    Args:
        inner: Makes the agents that draw samples.
        n: How many.

    Raises:
        InvalidOption: `n` is no such number.
    """
    check_count("n", n)
    return lambda: Majority([inner() for _ in range(n)])


def meaning_of(action: Any, info: Mapping[str, Any]) -> str | None:
    """Tells what an action comes to, so that those that differ in writing alone count together.

    A judgement is its ranking, and one that can't be read is None. Elsewhere a text is the one action of
    `info["legal_actions"]` that stands in it, else the JSON value that it is, else itself without white space around.
    What is no text is its value.
    """
    if not isinstance(action, str):
        return repr(np.asarray(action).tolist())
    if "judging" in info:
        ranking = read(action, len(info["judging"]["candidates"])).ranking
        return None if ranking is None else repr([sorted(group) for group in ranking.order])
    mentioned = [legal for legal in info.get("legal_actions") or () if legal in action]
    if len(mentioned) == 1:
        return str(mentioned[0])
    try:
        return json.dumps(json.loads(action), sort_keys=True)
    except (ValueError, RecursionError):
        return action.strip()
