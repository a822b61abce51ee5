# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What opened episodes show, on its way into the page: written once, read as often as it takes to make it fit."""

from __future__ import annotations

import bisect
import json
import tempfile
from array import array
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from rsi_agents.report.visible import visible, walked

SHORTEST_CUT = 200
"""Texts of up to this many characters are never cut."""


class Spool:
    """A temporary file of details, a line an episode, which knows how long their texts are."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by `__exit__`
        self._lengths = array("Q")
        self.characters = 0
        """Characters of all texts."""
        self.episodes = 0

    def add(self, details: Any) -> None:
        """Writes what an episode shows."""
        line = json.dumps(walked(details, self._measured)).encode("ascii")
        self._file.write(line + b"\n")
        self.episodes += 1

    def lines(self) -> Iterator[bytes]:
        """Reads what was written, in order, one JSON document an episode."""
        self._file.seek(0)
        return (line.rstrip(b"\n") for line in self._file)

    def longest_that_leaves(self, characters: float) -> int:
        """Says how long texts may stay so that about so many characters are left of all; at least SHORTEST_CUT."""
        lengths = sorted(self._lengths)
        sums = [0]
        for length in lengths:
            sums.append(sums[-1] + length)
        short = self.characters - sums[-1]

        def left(longest: int) -> int:
            shorter = bisect.bisect_right(lengths, longest)
            return short + sums[shorter] + longest * (len(lengths) - shorter)

        low, high = SHORTEST_CUT, max(lengths, default=SHORTEST_CUT)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if left(middle) <= characters else (low, middle - 1)
        return low

    def _measured(self, text: str) -> str:
        text = visible(text)
        self.characters += len(text)
        if len(text) > SHORTEST_CUT:
            self._lengths.append(len(text))
        return text

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
