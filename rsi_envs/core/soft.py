# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Soft preference: how likely a model was to name each of the candidates first, read from its tokens."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from rsi_envs.core.chat import Token
from rsi_envs.core.judgements import read, written
from rsi_envs.core.judging import LABELS, Ranking

_FIRST_LETTER = re.compile(r'"ranking"\s*:\s*"\s*([A-Z])')


def weighed(answer: str, tokens: Sequence[Token], count: int) -> str:
    """Adds probabilities to an answer about two candidates: the odds of the letters that could have come first.

    Where a model always prefers the first place, but less so when the better candidate stands second, asking in both
    orders and adding the probabilities up finds the better one; the letters alone would not.

    Args:
        answer: As `rsi_envs.core.judgements.read` reads it.
        tokens: What it was written with.
        count: How many candidates it ranks.

    Returns:
        An answer that ranks by those odds. The answer as it is where it can't be read, is about more than two
        candidates (the first letter says little of them), holds probabilities, is a tie, or the tokens don't tell.

    Source: the idea of reading a score from the odds of its tokens is of Y. Liu et al., G-Eval, 2023, section 2.
    """
    ranking = read(answer, count).ranking
    places = list(_FIRST_LETTER.finditer("".join(token.text for token in tokens)))
    if count != 2 or ranking is None or ranking.probabilities or len(ranking.order) < 2 or not places:
        return answer
    at = places[-1].start(1)
    ends = list(accumulate(len(token.text) for token in tokens))
    token, end = next((token, end) for token, end in zip(tokens, ends, strict=True) if end > at)
    before = token.text[: at - (end - len(token.text))]
    odds = [
        sum(
            math.exp(logprob)
            for text, logprob in token.alternatives.items()
            if math.isfinite(logprob) and text.startswith(before + label) and not text[len(before) + 1 :].strip(' ">=}')
        )
        for label in LABELS[:count]
    ]
    if not sum(odds):
        return answer
    chances = {i: share / sum(odds) for i, share in enumerate(odds)}
    return written(replace(ranking, order=Ranking.of_scores(chances).order, probabilities=chances))
