# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How unlike one another an agent's texts for the same task are: an agent whose texts all sound alike has collapsed."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from statistics import fmean

import numpy as np

FEWEST, MOST = 4, 32
"""Texts for one task that tell anything, and those that are compared, the first ones."""
_HARDEST = 9
"""The level at which deflate tries hardest."""
_WORD = re.compile(r"\w+")


class Diversity:
    """Gathers an agent's texts by task."""

    def __init__(self) -> None:
        self._shingles: dict[str, list[np.ndarray]] = {}

    def add(self, task_id: str, text: str) -> None:
        """Takes a text for a task."""
        kept = self._shingles.setdefault(task_id, [])
        if len(kept) < MOST:
            kept.append(_shingles(text))

    def value(self) -> float | None:
        """Returns the mean distance of two texts for the same task, in [0, 1], over tasks with at least four texts.

        None where there is no such task.
        """
        means = [
            fmean(_apart(one, other) for one, other in combinations(kept, 2))
            for kept in self._shingles.values()
            if len(kept) >= FEWEST
        ]
        return fmean(means) if means else None


def distance(one: str, other: str) -> float:
    """Returns the share of pairs of neighbouring words that only one of two texts has, 0 to 1.

    Case and punctuation count nothing.

    Source: A. Z. Broder, On the resemblance and containment of documents, 1997, with shingles of two words.
    """
    return _apart(_shingles(one), _shingles(other))


def distinct(texts: Iterable[str], n: int) -> float | None:
    """Returns the share of all runs of n neighbouring words that are different ones, in (0, 1].

    Longer texts repeat more, so that only texts for the same tasks compare. None where no text has n words.

    Args:
        texts: Taken together. Case and punctuation count nothing.
        n: At least 1.

    Source: J. Li et al., A diversity-promoting objective function for neural conversation models, 2016 (1510.03055),
    which divides by the number of words.
    """
    runs = [run for text in texts for run in _runs(_WORD.findall(text.casefold()), n)]
    return len(set(runs)) / len(runs) if runs else None


def compression_ratio(texts: Iterable[str]) -> float | None:
    """Returns how many times smaller deflate makes texts: the more they repeat one another, the more. None for none.

    Source: C. Shaib et al., Standardizing the measurement of text diversity, 2024 (2403.00553).
    """
    data = "\n".join(texts).encode("utf-8", "surrogatepass")
    return len(data) / len(zlib.compress(data, _HARDEST)) if data else None


def _runs(words: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(n)), strict=False)


def _shingles(text: str) -> np.ndarray:
    """The text's pairs of words, its first word as one too, each as 32 bits."""
    words = ["", *_WORD.findall(text.casefold())]
    return np.unique(np.array([_code(pair) for pair in pairwise(words)], dtype=np.uint32))


def _code(words: Iterable[str]) -> int:
    return zlib.crc32(" ".join(words).encode("utf-8", "surrogatepass"))


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    shared = np.intersect1d(one, other, assume_unique=True).size
    together = one.size + other.size - shared
    return 1.0 - shared / together if together else 0.0
