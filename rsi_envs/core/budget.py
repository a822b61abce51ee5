# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What calls of models consume, and the bound that a whole run shares."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from rsi_envs.core.errors import BudgetExhausted


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls have consumed; usages add up with `+`."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    """By litellm's price list; 0 for a model that is not on it."""
    calls: int = 0

    @property
    def total_tokens(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost_usd + other.cost_usd,
            self.calls + other.calls,
        )


class Budget:
    """A bound shared by every model of a run; safe to use from several threads.

    Calls in flight when the budget runs out still count, so the overshoot is at most one call a thread.

    Args:
        max_tokens: Prompt and completion tokens in all; None for no bound.
        max_cost_usd: US dollars in all; None for no bound.
        max_wall_s: Seconds since the budget was made; None for no bound.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        *,
        max_tokens: int | None = None,
        max_cost_usd: float | None = None,
        max_wall_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_tokens, self._max_cost_usd, self._max_wall_s = max_tokens, max_cost_usd, max_wall_s
        self._clock = clock
        self._started = clock()
        self._lock = threading.Lock()
        self._spent = Usage()
        self._told: tuple[Callable[[Usage], None], ...] = ()

    @property
    def spent(self) -> Usage:
        """What has been charged so far."""
        with self._lock:
            return self._spent

    def charge(self, usage: Usage) -> None:
        """Adds what a call has consumed."""
        with self._lock:
            self._spent += usage
            told = self._told
        for tell in told:
            tell(usage)

    @contextmanager
    def telling(self, tell: Callable[[Usage], None]) -> Iterator[None]:
        """Within it, whoever keeps accounts is told of every charge, from the thread that makes it."""
        with self._lock:
            self._told = (*self._told, tell)
        try:
            yield
        finally:
            with self._lock:
                self._told = tuple(other for other in self._told if other is not tell)

    def check(self) -> None:
        """Raises `BudgetExhausted` when any bound has been reached."""
        spent = self.spent
        for amount, bound, unit in (
            (spent.total_tokens, self._max_tokens, "tokens"),
            (spent.cost_usd, self._max_cost_usd, "US dollars"),
            (self._clock() - self._started, self._max_wall_s, "seconds"),
        ):
            if bound is not None and amount >= bound:
                raise BudgetExhausted(f"the budget of {bound:g} {unit} is spent ({amount:g} used)")


_SHARED: ContextVar[Budget | None] = ContextVar("rsi_envs.budget", default=None)


@contextmanager
def sharing(budget: Budget) -> Iterator[None]:
    """Within it, agents that an environment makes for its seats (opponents, judges) spend from this budget.

    It holds in the thread that enters it, and in none that is started within.
    """
    token = _SHARED.set(budget)
    try:
        yield
    finally:
        _SHARED.reset(token)


def shared_budget() -> Budget | None:
    """Returns the budget that agents made here are to spend from; None where there is none."""
    return _SHARED.get()
