# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What an agent is: two methods it must have, and five more it may have; and how a name becomes one."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, cast, runtime_checkable

import gymnasium as gym

from rsi_envs.core.budget import Budget, Usage, shared_budget
from rsi_envs.core.errors import EnvironmentFault, RsiError


class Agent(Protocol):
    """Whatever picks actions: a language model, a policy, an engine, a script, a person.

    An agent plays one episode at a time. `rollout` calls it in this order: `attach` (if it has one), `reset`,
    then `act` and `observe` (if it has one) in turn until the episode is over.
    """

    def reset(self, seed: int | None) -> None:
        """Forgets the last episode.

        Args:
            seed: What the new episode's randomness comes from; None draws it from the system. It is the
                environment's seed too, so an agent that draws numbers must not draw the environment's own.
        """
        ...

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Picks an action.

        Args:
            observation: What the environment showed last.
            info: The dict that came with it.
        """
        ...


@runtime_checkable
class Observer(Protocol):
    """An agent that wants to know what its actions led to."""

    def observe(
        self, observation: Any, reward: float, terminated: bool, truncated: bool, info: Mapping[str, Any]
    ) -> None:
        """Takes in what the last action led to; called after every step, the last one too."""
        ...


@runtime_checkable
class Attached(Protocol):
    """An agent that wants the environment itself: its action space, its references, its system prompt."""

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Takes the environment of the next episode; called before every `reset`."""
        ...


@runtime_checkable
class Overruled(Protocol):
    """An agent that remembers what it did, and within which another decides what is played."""

    def overruled(self, action: Any) -> None:
        """Takes in that this was played in place of its last action; called between `act` and `observe`."""
        ...


@runtime_checkable
class Metered(Protocol):
    """An agent that consumes what costs money."""

    @property
    def usage(self) -> Usage:
        """What the current episode has consumed so far."""
        ...


@runtime_checkable
class Traced(Protocol):
    """An agent that can tell how its last action came about. One that wraps another passes the other's trace on."""

    @property
    def trace(self) -> Mapping[str, Any]:
        """What is to be kept of the last action beside it, such as reasoning and token ids.

        JSON-serialisable, with those keys only that there is something to say of. It is recorded, and never shown to
        environments or judges.
        """
        ...


@runtime_checkable
class Closeable(Protocol):
    """An agent that holds something to let go of."""

    def close(self) -> None:
        """Lets go of it; called once, when no further episode comes."""
        ...


_REGISTRY = "rsi_agents.registry"


def make_agent(name: str, *, budget: Budget | None = None) -> Agent:
    """Makes the agent of this name, for a seat that an environment fills: an opponent's, a judge's.

    Names are `rsi_agents`' (see `rsi_agents.registry`), which is imported when it is called: environments stand below
    agents and import none.

    Args:
        name: Such as "random", "uci:stockfish?nodes=1000" or "llm:openai/gpt-4o?temperature=0.7".
        budget: What the agent's models spend from; None for the `shared_budget`, if there is one.

    Raises:
        Exception: Whatever `rsi_agents.make_agent` raises for a name that it can't make.
    """
    return cast("Agent", importlib.import_module(_REGISTRY).make_agent(name, budget=budget or shared_budget()))


class SeatGuard:
    """Within it, an agent in a seat that an environment fills breaks as the environment does: by an EnvironmentFault.

    What has a name already, an `RsiError`, stays as it is. No generator, because contextlib passes StopIteration on.

    Args:
        who: Whom to name.
    """

    def __init__(self, who: str) -> None:
        self._who = who

    def __enter__(self) -> None:
        """Begins to guard."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Gives what an agent's code may raise its name."""
        if isinstance(error, Exception) and not isinstance(error, RsiError):
            raise EnvironmentFault(f"{self._who} broke: {type(error).__name__}: {error}") from error


class SeatedAgent:
    """An agent by name in a seat that an environment fills, shown what its own agent would be shown there.

    Args:
        name: As `rsi_agents.make_agent` takes it.

    Raises:
        Exception: Whatever `rsi_agents.make_agent` raises for a name that it can't make.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.at_fault = True
        """Whether it broke, gave what can't be played, or is being asked just now."""
        noted = _NOTED.get()
        if noted is not None:
            noted.append(self)
        self._agent = make_agent(name)
        self.at_fault = False

    @property
    def usage(self) -> Usage:
        """What the present episode has consumed; all zero for an agent that keeps no account."""
        agent = getattr(self, "_agent", None)
        return agent.usage if isinstance(agent, Metered) else Usage()

    def begin(self, env: Any, seed: int) -> None:
        """Begins an episode of this environment; `seed` is all that the agent's randomness comes from."""
        self.at_fault = True
        with self._guard():
            if isinstance(self._agent, Attached):
                self._agent.attach(env)
            self._agent.reset(seed)
        self.at_fault = False

    def act(self, observation: Any, info: Mapping[str, Any]) -> Any:
        """Gives the agent's action, whatever it is.

        Raises:
            EnvironmentFault: It broke, for which the agent that is being evaluated is not to blame.
            RsiError: It broke in a way that has a name.
        """
        self.at_fault = True
        with self._guard():
            action = self._agent.act(observation, info)
        self.at_fault = False
        return action

    def blame(self, problem: str) -> EnvironmentFault:
        """Puts down that it gave what can't be played; returns the error to raise."""
        self.at_fault = True
        return EnvironmentFault(f"the opponent {self.name!r} {problem}")

    def close(self) -> None:
        """Closes the agent."""
        if isinstance(self._agent, Closeable):
            self._agent.close()

    def _guard(self) -> SeatGuard:
        return SeatGuard(f"the opponent {self.name!r}")


_NOTED: ContextVar[list[SeatedAgent] | None] = ContextVar("rsi_envs.seats", default=None)


@contextmanager
def noting_seats() -> Iterator[list[SeatedAgent]]:
    """Within it, opponents that environments seat are noted, for whoever asks what they consume and if they broke.

    It holds in the thread that enters it, and in none that is started within.
    """
    seated: list[SeatedAgent] = []
    token = _NOTED.set(seated)
    try:
        yield seated
    finally:
        _NOTED.reset(token)
