# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Drawing a token from what a language model gives for the next place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Drawn:
    """A token."""

    token_id: int
    logprob: float
    """The natural logarithm of its probability by the model as it is, before `temperature` and `top_p`."""


def draw(logits: ArrayLike, rng: np.random.Generator, *, temperature: float = 1.0, top_p: float = 1.0) -> Drawn:
    """Draws a token; the same numbers and generator draw the same one.

    Args:
        logits: One for each token of the vocabulary, shape (tokens,).
        rng: One number is drawn from it, unless `temperature` is 0.
        temperature: What logits are divided by, at least 0; 0 takes the likeliest token.
        top_p: In (0, 1]: only the likeliest tokens that together have this probability can be drawn.

    Source: A. Holtzman et al., The curious case of neural text degeneration, 2020 (1904.09751), for `top_p`.
    """
    given = np.asarray(logits, np.float64)
    if temperature == 0.0:
        chosen = int(given.argmax())
    else:
        chances = _nucleus(np.exp(_log_softmax(given / temperature)), top_p)
        reached = np.cumsum(chances)
        place = int(np.searchsorted(reached, rng.random() * reached[-1], side="right"))
        chosen = min(place, int(np.flatnonzero(chances)[-1]))  # the product may round up to the whole
    return Drawn(chosen, float(_log_softmax(given)[chosen]))


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted: NDArray[np.float64] = logits - logits.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))


def _nucleus(chances: NDArray[np.float64], top_p: float) -> NDArray[np.float64]:
    """Sets all to 0 but the fewest, likeliest tokens whose probabilities add up to `top_p`."""
    if top_p >= 1.0:
        return chances
    order = np.argsort(-chances, kind="stable")
    before = np.cumsum(chances[order]) - chances[order]
    dropped = order[before >= top_p]
    kept = chances.copy()
    kept[dropped] = 0.0
    return kept
