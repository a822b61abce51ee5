# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`script:FILE`: a program of the user's, in any language.

The program is started anew for every episode, reads lines of JSON from standard input and writes lines of JSON to
standard output:

    gets     {"type": "reset", "seed": 0}                              once, first; no answer
    gets     {"type": "act", "observation": "…", "info": {…}}          at each turn
    answers  {"action": "…"}                                           in one line, flushed

It ends when its standard input does. What it writes to standard error is told when it fails.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, Dict, MultiBinary, MultiDiscrete, Space, Text, Tuple

from rsi_agents.errors import AgentNameError, AgentNotFound, ProgramEnded, ProgramGarbled
from rsi_agents.policies.program import Program

MOST_TIMEOUT_S = 1_000_000
"""Eleven days. Not much longer is what poll(2) can wait."""
_SHOWN = 80


class ScriptAgent:
    """Plays what a program answers. The program is trusted: it runs as the user, in no sandbox.

    Arrays go to the program as lists, and what JSON lacks as text, such as "inf". A list that it answers is made the
    array that the action space wants; where text is wanted, an answer that is none is given as JSON.

    Args:
        file: An executable, or a Python file ending in ".py", which need not be.
        timeout_s: Seconds that an answer may take, the first one with the program's start; at most a million.

    Raises:
        AgentNotFound: There is no such file, or it is not executable.
        AgentNameError: A timeout out of its range.
    """

    def __init__(self, file: str, /, *, timeout_s: float = 60.0) -> None:
        path = Path(file).absolute()
        if not path.is_file():
            raise AgentNotFound(f"there is no program {file!r}; give the path of an executable or of a Python file")
        is_python = path.suffix == ".py"
        if not (is_python or os.access(path, os.X_OK)):
            raise AgentNotFound(f"{file} is not executable; chmod +x it")
        if not 0 < timeout_s <= MOST_TIMEOUT_S:
            raise AgentNameError(f"timeout_s is {timeout_s}; it must be above 0, and at most {MOST_TIMEOUT_S}")
        self._name = f"script:{file}"
        self._command = [sys.executable, str(path)] if is_python else [str(path)]
        self._timeout_s = timeout_s
        self._space: Space[Any] | None = None
        self._program: Program | None = None
        self._unsent = b""

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Takes the action space, of which answers are to be members."""
        self._space = env.action_space

    def reset(self, seed: int | None) -> None:
        """Ends the program of the last episode and starts that of the next.

        Raises:
            ProgramEnded: It can't be started.
        """
        self.close()
        self._program = Program(self._name, self._command)
        self._unsent = _line({"type": "reset", "seed": seed})

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Returns the program's answer.

        Raises:
            ProgramFault: It gave none; see `rsi_agents.errors`.
        """
        if self._program is None:
            raise ProgramEnded(f"{self._name} is not running; call reset() first")
        asked = self._unsent + _line({"type": "act", "observation": observation, "info": info})
        self._unsent = b""
        action = self._action(self._program.ask(asked, self._timeout_s))
        try:
            return _member(self._space, action)
        except (ValueError, TypeError, OverflowError) as error:
            raise ProgramGarbled(f"{self._name} answered an action that is none of {self._space}: {error}") from error

    def close(self) -> None:
        """Ends the program. Idempotent."""
        if self._program is not None:
            self._program.close()

    def _action(self, line: bytes) -> Any:
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or "action" not in answer:
            raise ProgramGarbled(
                f'{self._name} answered {line[:_SHOWN].decode("utf-8", "replace")!r}, which is no {{"action": …}}; '
                "what is not for the environment belongs on standard error"
            )
        return answer["action"]


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(_plain(message), allow_nan=False).encode("ascii") + b"\n"


def _plain(value: Any) -> Any:
    """Turns a value into what JSON can say."""
    if isinstance(value, np.ndarray | np.generic):
        exact = value.dtype.kind in "biu"
        value = value.tolist()
        if exact:
            return value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return repr(value)


def _member(space: Space[Any] | None, value: Any) -> Any:
    """Makes what came as JSON a member of the space if it can be one; else it is left to the environment to refuse."""
    if isinstance(space, Text) and not isinstance(value, str):
        return json.dumps(value)
    if isinstance(space, Box | MultiBinary | MultiDiscrete) and isinstance(value, list):
        return np.asarray(value, space.dtype)
    if isinstance(space, Dict) and isinstance(value, dict):
        return {key: _member(space.get(key), item) for key, item in value.items()}
    if isinstance(space, Tuple) and isinstance(value, list):
        return tuple(map(_member, space, value))
    return value
