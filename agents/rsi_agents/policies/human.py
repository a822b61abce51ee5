# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`human`: a person at the terminal."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from rsi_agents.errors import NobodyAnswers
from rsi_envs.core.untrusted import spelled_out

ASK_RANKING = "Ranking, such as A > B, or A = B where they are equal: "
ASK_REASON = "Why, in a line: "
ASK_TEXT = "Your answer; end it with a line that holds a full stop alone."
_END = "."
_TERMINAL = threading.Lock()
"""Held while somebody is asked: there is one terminal, and judges are asked several things at once."""


class HumanAgent:
    """Shows observations on standard error and reads answers from standard input, one question at a time.

    What is shown can't steer the terminal: control characters are spelled out.
    """

    def reset(self, seed: int | None) -> None:
        """Nothing to forget."""

    def act(self, observation: Any, info: Mapping[str, Any]) -> str:
        """Asks: for a ranking and a reason where there are candidates to judge, else for lines of text.

        Raises:
            NobodyAnswers: Standard input is closed.
        """
        with _TERMINAL:
            # Made here, because standard error may have been replaced since.
            console = Console(stderr=True, markup=False, highlight=False, emoji=False)
            console.print(f"\n{spelled_out(str(observation))}\n", soft_wrap=True)
            try:
                return _judgement(console) if "judging" in info else _lines(console)
            except EOFError as error:
                raise NobodyAnswers("nobody answers: standard input is closed; run this in a terminal") from error


def _judgement(console: Console) -> str:
    ranking, reason = console.input(ASK_RANKING), console.input(ASK_REASON)
    return json.dumps({"rationale": reason, "ranking": ranking}, ensure_ascii=False)


def _lines(console: Console) -> str:
    console.print(ASK_TEXT)
    lines: list[str] = []
    while (line := console.input()) != _END:
        lines.append(line)
    return "\n".join(lines)
