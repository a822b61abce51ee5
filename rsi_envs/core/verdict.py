# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The verdict: why an episode scored what it scored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an episode is worth and why; the last step's `info["verdict"]` is `as_dict()` of one.

    A verdict either scores or says why it can't: exactly one of `score` and `unscored` is None.
    An episode that could not be judged is unscored, never zero.

    Raises:
        ValueError: A score outside [0, 1], or neither or both of `score` and `unscored`.
    """

    score: float | None = None
    """Worth in [0, 1], higher is better; None when unscored."""
    passed: bool | None = None
    """Whether the task counts as solved; None where the environment knows no such line."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """Named components of the score, each finite; what each means is in the environment's card."""
    references_beaten: int | None = None
    """How many of the task's references this episode did better than; None without a ladder."""
    references: int | None = None
    """How many references the task's ladder has; None without a ladder."""
    votes: tuple[Mapping[str, Any], ...] = ()
    """One JSON-serialisable entry a judge; empty where nobody voted."""
    judged_by: tuple[str, ...] = ()
    """The names of the judges; empty where nobody judged."""
    health: Mapping[str, float] = field(default_factory=dict)
    """How far the votes can be trusted, see `rsi_envs.core.health`; empty where nobody voted."""
    reason: str = ""
    """One sentence on what decided; empty where the parts say it all."""
    unscored: str | None = None
    """Why no verdict could be reached; None when scored."""

    def __post_init__(self) -> None:
        if (self.score is None) == (self.unscored is None):
            raise ValueError("a verdict has either a score or an unscored reason, and not both")
        if self.score is not None and not 0.0 <= self.score <= 1.0:
            raise ValueError(f"score {self.score!r} is outside [0, 1]")
        for name, value in self.parts.items():
            if not math.isfinite(value):
                raise ValueError(f"part {name!r} is {value!r}; parts are finite numbers")

    def as_dict(self) -> dict[str, Any]:
        """Returns a fresh JSON-serialisable dict of the fields that are not None.

        None is left out because vectors of environments keep each field of all their infos in one array.
        """
        data = {name: value for name, value in asdict(self).items() if value is not None}
        data["votes"], data["judged_by"] = list(data["votes"]), list(data["judged_by"])
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Verdict:
        """Rebuilds what `as_dict` gave.

        Raises:
            TypeError: An unknown field.
            ValueError: Values that make no verdict.
        """
        lists = {name: tuple(data.get(name, ())) for name in ("votes", "judged_by")}
        return cls(**{**data, **lists})
