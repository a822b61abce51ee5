# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What each judge's vote should count, from how often it was right, kept in a file.

A file of weights is a JSON object from judges' names to numbers of at least 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

from rsi_envs.core.errors import InvalidOption


def fitted_weight(accuracy: float, tasks: int) -> float:
    """Returns the weight of a judge that ordered this share of pairs rightly; 0 where it was no better than chance.

    The weight is the logarithm of the odds that the judge is right, which makes a weighted majority of independent
    judges right most often. As if it had been right once more and wrong once more, so that it stays finite.

    Args:
        accuracy: 0 to 1.
        tasks: On how many it was measured.

    Source: S. Nitzan and J. Paroush, Optimal decision rules in uncertain dichotomous choice situations, International
    Economic Review 23, 1982; the smoothing is Laplace's rule of succession.
    """
    right = (accuracy * tasks + 1.0) / (tasks + 2.0)
    return max(0.0, math.log(right / (1.0 - right)))


def write_weights(path: str | Path, weights: Mapping[str, float]) -> None:
    """Writes a file of weights.

    Raises:
        InvalidOption: The file can't be written.
    """
    try:
        Path(path).write_text(json.dumps(dict(weights), indent=2) + "\n", "utf-8")
    except OSError as error:
        raise InvalidOption(f"weights can't be written to {path}: {error}") from error


def read_weights(path: str | Path) -> dict[str, float]:
    """Reads a file of weights.

    Raises:
        InvalidOption: The file can't be read, or holds something else.
    """
    try:
        weights = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidOption(f"weights can't be read from {path}: {error}") from error
    if not isinstance(weights, dict) or not all(_is_weight(weight) for weight in weights.values()):
        raise InvalidOption(f"{path} holds no weights: a JSON object from judges' names to numbers of at least 0")
    return weights


def weight_in(weights: Mapping[str, float], judge: str) -> float:
    """Returns a judge's weight.

    Raises:
        InvalidOption: It has none.
    """
    if judge not in weights:
        raise InvalidOption(f"there is no weight for the judge {judge!r}; there are some for {', '.join(weights)}")
    return weights[judge]


def _is_weight(weight: object) -> bool:
    return isinstance(weight, int | float) and not isinstance(weight, bool) and 0.0 <= weight < math.inf
