# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a forked child lets go of: its copies of a world's descriptors would outlive their owner and keep it alive."""

from __future__ import annotations

import os
import threading
from typing import Protocol
from weakref import WeakSet


class Inherited(Protocol):
    """Something that a forked child gets a copy of and must not use."""

    def let_go(self) -> None:
        """Frees the child's copy, without a lock and without touching what is the parent's."""
        ...


_held: WeakSet[Inherited] = WeakSet()
_lock = threading.Lock()
_registered = False


def let_go_in_children(thing: Inherited) -> None:
    """Has every child forked from now on let go of `thing`, for as long as it lives."""
    global _registered
    with _lock:
        _held.add(thing)
        if not _registered:
            _registered = True
            os.register_at_fork(after_in_child=_let_go)


def _let_go() -> None:
    global _lock
    # Another thread of the parent may have held the old one, and will never release it here.
    _lock = threading.Lock()
    for thing in list(_held):
        thing.let_go()
