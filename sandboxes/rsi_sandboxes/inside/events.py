# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Who is called when a descriptor can be read or written."""

from __future__ import annotations

import select
from collections.abc import Callable

READABLE, WRITABLE = select.POLLIN, select.POLLOUT


class Events:
    """Descriptors that are watched, each with what to call when it is ready or its other end is gone."""

    def __init__(self) -> None:
        self.poll = select.poll()
        self.handlers: dict[int, Callable[[], object]] = {}

    def on(self, fd: int, event: int, handler: Callable[[], object]) -> None:
        """Watches a descriptor from now on."""
        self.handlers[fd] = handler
        self.poll.register(fd, event)

    def off(self, fd: int) -> None:
        """Watches it no longer; to be called before it is closed. Does nothing when it is not watched."""
        if self.handlers.pop(fd, None) is not None:
            self.poll.unregister(fd)

    def wait(self, timeout_s: float | None) -> None:
        """Waits until something is ready, calls what is to be called, and returns; None waits for ever."""
        for fd, _ in self.poll.poll(None if timeout_s is None else max(0.0, timeout_s) * 1000):
            # One handler may have ended what another descriptor belongs to.
            handler = self.handlers.get(fd)
            if handler is not None:
                handler()
