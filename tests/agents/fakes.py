# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Environments and agents that fail on purpose, in the ways real ones do."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np

from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.errors import EnvironmentFault
from rsi_envs.core.text import Opening, TextEnv, Turn
from rsi_envs.core.verdict import Verdict
from tests.agents.adding_env import AddingEnv

FAULTY = "test/FakeFaulty-v0"
HANGING = "test/FakeHanging-v0"
UNJUDGED = "test/FakeUnjudged-v0"
GUESSING = "test/FakeGuessing-v0"
LISTING = "test/FakeListing-v0"
MASKED = "test/FakeMasked-v0"
HINTING = "test/FakeHinting-v0"


class FakeFaultyEnv(AddingEnv):
    """Breaks in its reset or step on one task, or in its opening or closing; the first one opens and closes."""

    opened: ClassVar[list[FakeFaultyEnv]] = []

    def __init__(self, *, breaks_on: str = "3+1", breaks_in: str = "step", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if breaks_in == "open" and self.opened:
            raise ConnectionError("no engine")
        self._breaks_on, self._breaks_in = breaks_on, breaks_in
        self.closed = False
        self.opened.append(self)

    def _open(self, task_id: str | None) -> Any:
        if self._breaks_in == "reset" and task_id == self._breaks_on:
            raise EnvironmentFault("the sandbox is gone")
        return super()._open(task_id)

    def _respond(self, action: str) -> Turn:
        if self._breaks_in == "step" and self._sum.id == self._breaks_on:
            raise EnvironmentFault("the sandbox is gone")
        return super()._respond(action)

    def close(self) -> None:
        self.closed = True
        if self._breaks_in == "close" and self is not self.opened[0]:
            raise OSError("stuck")


class FakeHangingEnv(AddingEnv):
    """Hangs on one task: until it is closed, or for ever."""

    def __init__(self, *, hangs_on: str = "3+1", for_ever: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._hangs_on, self._for_ever = hangs_on, for_ever
        self._closed = threading.Event()

    def _respond(self, action: str) -> Turn:
        if self._sum.id == self._hangs_on:
            if self._for_ever:
                threading.Event().wait()
            self._closed.wait()
            raise EnvironmentFault("closed while running")
        return super()._respond(action)

    def close(self) -> None:
        self._closed.set()


class FakeUnjudgedEnv(AddingEnv):
    """Can't judge one task, until its class says that it can."""

    judge_is_back: ClassVar[bool] = False

    def _turn(self, right: bool, malformed: str | None) -> Turn:
        if self._sum.id == "3+1" and not type(self).judge_is_back:
            return Turn("Done.", terminated=True, verdict=Verdict(unscored="the judge is unreachable"))
        return super()._turn(right, malformed)


class FakeGuessingEnv(gym.Env[int, int]):
    """Draws one of many numbers exactly as a naive agent with the same seed would."""

    observation_space = gym.spaces.Discrete(1)
    action_space = gym.spaces.Discrete(1_000_000)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed)
        space = gym.spaces.Discrete(1_000_000)
        space.seed(seed)
        self._secret = int(space.sample())
        return 0, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        return 0, float(action == self._secret), True, False, {}


class FakeListingEnv(TextEnv):
    """Lists the two actions that it allows."""

    def _open(self, task_id: str | None) -> Opening:
        return Opening("Heads or tails?", legal_actions=("heads", "tails"))

    def _respond(self, action: str) -> Turn:
        return Turn("Thank you.", terminated=True, verdict=Verdict(score=0.0))

    def _refuse(self, reason: str) -> Turn:
        return Turn(reason, terminated=True, verdict=Verdict(score=0.0), malformed=reason)


class FakeMaskedEnv(gym.Env[np.ndarray, int]):
    """Allows one of five actions, another one every step, for ten steps."""

    observation_space = gym.spaces.Box(-np.inf, np.inf, (2,), dtype=np.float32)
    action_space = gym.spaces.Discrete(5)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        super().reset(seed=seed)
        self._steps = 0
        return self._seen(), self._info()

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        if action != self._steps % 5:
            raise ValueError(f"action {action} is masked")
        self._steps += 1
        return self._seen(), 1.0, self._steps == 10, False, self._info()

    def _seen(self) -> np.ndarray:
        return np.array([self._steps, np.inf], dtype=np.float32)

    def _info(self) -> dict[str, Any]:
        return {"action_mask": np.eye(5, dtype=np.int8)[self._steps % 5]}


class FakeHintingEnv(AddingEnv):
    """Tells of a number how near the sum it is, and of "?" nothing."""

    def _preview(self, action: str) -> float | None:
        if action == "?":
            return None
        return 1.0 / (1.0 + abs(int(action) - self._sum.left - self._sum.right))


gym.register(FAULTY, entry_point=FakeFaultyEnv)
gym.register(HANGING, entry_point=FakeHangingEnv)
gym.register(UNJUDGED, entry_point=FakeUnjudgedEnv)
gym.register(GUESSING, entry_point=FakeGuessingEnv)
gym.register(LISTING, entry_point=FakeListingEnv)
gym.register(MASKED, entry_point=FakeMaskedEnv)
gym.register(HINTING, entry_point=FakeHintingEnv)


class FakeScriptedAgent:
    """Plays the same action always; `raises` names a builtin exception to raise instead."""

    def __init__(self, *, action: str = "0", raises: str = "", seconds: float = 0.0) -> None:
        self._action, self._raises, self._seconds = action, raises, seconds

    def reset(self, seed: int | None) -> None:
        pass

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        time.sleep(self._seconds)
        if self._raises:
            raise {"ValueError": ValueError, "SystemExit": SystemExit}[self._raises]("the agent broke")
        return self._action


class FakeListAgent(FakeScriptedAgent):
    """Plays something that is no text."""

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        return [1, 2]


class FakeMeteredAgent(FakeScriptedAgent):
    """Spends ten tokens an action."""

    def __init__(self, *, budget: Budget | None = None) -> None:
        super().__init__()
        self._budget = budget or Budget()
        self.usage = Usage()

    def reset(self, seed: int | None) -> None:
        self.usage = Usage()

    def act(self, observation: Any, info: Mapping[str, Any]) -> str:
        self._budget.check()
        spent = Usage(prompt_tokens=8, completion_tokens=2, calls=1)
        self._budget.charge(spent)
        self.usage += spent
        return "0"


class FakeUncountableAgent(FakeScriptedAgent):
    """Fails wherever an agent can: in counting, in closing, and in saying what is wrong."""

    @property
    def usage(self) -> Usage:
        raise FakeUnprintableError

    def close(self) -> None:
        raise SystemExit("closing")


class FakeUnprintableError(Exception):
    """Has no text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class FakeRecordingAgent(FakeScriptedAgent):
    """Has every optional method, and writes down what it is called with."""

    calls: ClassVar[list[str]] = []

    def attach(self, env: gym.Env[Any, Any]) -> None:
        self.calls.append("attach")

    def reset(self, seed: int | None) -> None:
        self.calls.append(f"reset {seed}")

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        self.calls.append("act")
        return super().act(observation, info)

    def observe(
        self, observation: Any, reward: float, terminated: bool, truncated: bool, info: Mapping[str, Any]
    ) -> None:
        self.calls.append(f"observe {terminated}")

    def close(self) -> None:
        self.calls.append("close")


class FakeTellingAgent:
    """Says what its script says, the last of it for ever, and keeps what it was told. `|` separates the script."""

    def __init__(self, *, script: str = "0") -> None:
        self._script = script.split("|")
        self.shown: list[tuple[Any, Mapping[str, Any]]] = []
        self.overrules: list[Any] = []
        self.seeds: list[int | None] = []

    def reset(self, seed: int | None) -> None:
        self.seeds.append(seed)

    def act(self, observation: Any, info: Mapping[str, Any]) -> str:
        self.shown.append((observation, info))
        return self._script[min(len(self.shown), len(self._script)) - 1]

    def overruled(self, action: Any) -> None:
        self.overrules.append(action)


class FakeDrawingAgent(FakeScriptedAgent):
    """Draws one of the digits below `most`, by its seed alone."""

    def __init__(self, *, most: int = 10) -> None:
        super().__init__()
        self._most = most

    def reset(self, seed: int | None) -> None:
        self._rng = np.random.default_rng(seed)

    def act(self, observation: Any, info: Mapping[str, Any]) -> str:
        return str(self._rng.integers(self._most))


class FakeDrawingReference(FakeDrawingAgent):
    """Draws one of the references of the current task, named `levels` with commas between."""

    def __init__(self, *, levels: str) -> None:
        self._levels = levels.split(",")
        super().__init__(most=len(self._levels))

    def attach(self, env: gym.Env[Any, Any]) -> None:
        self._reference = env.unwrapped.reference_action

    def act(self, observation: Any, info: Mapping[str, Any]) -> str:
        return self._reference(self._levels[int(super().act(observation, info))])


class FakeLearningAgent(FakeScriptedAgent):
    """Answers rightly where it is shown what it said when it was asked what went wrong."""

    NOTE = "Three is what 1+2 is."

    def act(self, observation: Any, info: Mapping[str, Any]) -> str:
        if "did not succeed: the score" in observation:
            return self.NOTE
        return "3" if self.NOTE in observation else "9"
