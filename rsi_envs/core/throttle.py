# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How many calls a server is sent at once: as many as it bears, found out by trying."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

MOST_AT_ONCE = 64
"""Calls at once that a server is believed to bear until it says otherwise."""
_CHECK_S = 0.5


class Throttle:
    """Admits calls; the number at once grows by one and is halved as the server bears them.

    After as many successes as it admits at once it admits one more, up to `most`. A call that the server refused as one
    too many halves the number, unless it was sent before the last time that it was halved: calls that were under way
    together say one thing once. It never falls below 1. Safe to use from several threads.

    Args:
        most: Calls at once to begin with, and at most; at least 1.

    Source: D. Chiu and R. Jain, "Analysis of the increase and decrease algorithms for congestion avoidance in computer
    networks", 1989; RFC 5681, sections 3.1 and 3.2, for one halving a round trip.
    """

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._changed = threading.Condition()
        self._most = self._size = most
        self._in_flight = self._successes = self._halvings = 0

    @property
    def size(self) -> int:
        """How many calls are admitted at once now."""
        return self._size

    def at_most(self, most: int) -> Throttle:
        """Lowers the highest number that is ever admitted at once, and returns this throttle; it is never raised."""
        with self._changed:
            self._most = min(self._most, most)
            self._size = min(self._size, most)
        return self

    def enter(self, check: Callable[[], None]) -> int:
        """Waits until a call may be sent; `leave` must follow.

        Args:
            check: Called before the wait, now and then during it, and after it; what it raises ends the wait.

        Returns:
            What `leave` wants to know of when the call was sent.
        """
        with self._changed:
            check()
            while self._in_flight >= self._size:
                self._changed.wait(_CHECK_S)
                check()
            self._in_flight += 1
            return self._halvings

    def leave(self, entered: int, *, overloaded: bool | None) -> None:
        """Ends a call.

        Args:
            entered: What `enter` returned.
            overloaded: Whether the server refused the call as one too many; None where it failed for another reason,
                which says nothing of how much the server bears.
        """
        with self._changed:
            self._in_flight -= 1
            if overloaded and entered == self._halvings:
                self._size = max(1, self._size // 2)
                self._halvings += 1
                self._successes = 0
            elif overloaded is False:
                self._successes += 1
                if self._successes >= self._size:
                    self._size = min(self._most, self._size + 1)
                    self._successes = 0
            self._changed.notify_all()


_SHARED: dict[Hashable, Throttle] = {}


def shared_throttle(key: Hashable) -> Throttle:
    """Returns the throttle that all of the process share for this server."""
    return _SHARED.setdefault(key, Throttle())
