# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`human`: a person at the terminal."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Mapping
from typing import Any

import gymnasium as gym
from rich.console import Console

from rsi_agents.errors import NobodyAnswers
from rsi_agents.policies.fitting import check_text
from rsi_envs.core.untrusted import spelled_out

ASK_RANKING = "Ranking, such as A > B, or A = B where they are equal: "
ASK_REASON = "Why, in a line: "
ASK_LINE = "Your answer, in a line: "
ASK_TEXT = "Your answer; end it with a line that holds a full stop alone."
_END = "."
_TERMINAL = threading.Lock()
"""Held while somebody is asked: there is one terminal, and judges are asked several things at once."""


class HumanAgent:
    """Shows observations on standard error and reads answers from standard input, one question at a time.

    What is shown can't steer the terminal: control characters are spelled out.
    """

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Checks that a person can read and write what is played here.

        Raises:
            UnfitEnvironment: The environment is not played in text.
        """
        check_text("human", env)

    def reset(self, seed: int | None) -> None:
        """Nothing to forget."""

    def act(self, observation: Any, info: Mapping[str, Any]) -> str:
        """Asks: for a ranking and a reason where there are candidates to judge, else for an answer.

        An answer is one line where the legal actions are listed and each is one, such as a move; else it is lines of
        text.

        Raises:
            NobodyAnswers: Standard input is closed.
        """
        with _TERMINAL:
            console = _console()
            _show(console, observation)
            try:
                if "judging" in info:
                    return _judgement(console)
                return _asked(console, ASK_LINE) if _in_a_line(info.get("legal_actions")) else _lines(console)
            except EOFError as error:
                raise NobodyAnswers("nobody answers: standard input is closed; run this in a terminal") from error

    def observe(
        self, observation: Any, reward: float, terminated: bool, truncated: bool, info: Mapping[str, Any]
    ) -> None:
        """Shows how the episode ended."""
        if terminated or truncated:
            with _TERMINAL:
                _show(_console(), observation)


def _console() -> Console:
    """Made anew each time, because standard error may have been replaced since."""
    return Console(stderr=True, markup=False, highlight=False, emoji=False)


def _show(console: Console, observation: Any) -> None:
    console.print(f"\n{spelled_out(str(observation))}\n", soft_wrap=True)


def _in_a_line(legal_actions: Any) -> bool:
    return bool(legal_actions) and not any("\n" in action for action in legal_actions)


def _judgement(console: Console) -> str:
    ranking, reason = _asked(console, ASK_RANKING), _asked(console, ASK_REASON)
    return json.dumps({"rationale": reason, "ranking": ranking}, ensure_ascii=False)


def _lines(console: Console) -> str:
    console.print(ASK_TEXT)
    lines: list[str] = []
    while (line := _line()) != _END:
        lines.append(line)
    return "\n".join(lines)


def _asked(console: Console, prompt: str) -> str:
    console.print(prompt, end="")
    return _line()


def _line() -> str:
    """Reads a line from standard input, without its end; raises EOFError at the end of the input.

    It reads the descriptor, because a thread that waits in `sys.stdin` holds a lock that the interpreter wants when it
    exits, and byte by byte, so that nothing is taken from whoever reads next.
    """
    try:
        descriptor = sys.stdin.fileno()
    except (io.UnsupportedOperation, AttributeError, ValueError):  # replaced, not there, or closed
        line = sys.stdin.readline() if sys.stdin and not sys.stdin.closed else ""
        if not line:
            raise EOFError from None
        return line.removesuffix("\n")
    data = bytearray()
    while not data.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            if data:
                break
            raise EOFError
        data += byte
    return data.removesuffix(b"\n").removesuffix(b"\r").decode(sys.stdin.encoding, "replace")
