# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Calls at the same time, in threads that can't keep the process from ending."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeVar

ResultT = TypeVar("ResultT")


class _Outcome(NamedTuple):
    number: int
    value: object
    error: BaseException | None


def in_parallel(calls: Sequence[Callable[[], ResultT]], concurrency: int) -> list[ResultT]:
    """Makes calls at the same time and waits for them all.

    The threads are daemons (docs/decisions/0011), so that a call that hangs for ever can't keep the process alive.
    Where this is interrupted, by Ctrl-C for example, it waits for none.

    Args:
        calls: Safe to make from several threads at once.
        concurrency: How many at the same time, at least 1.

    Returns:
        What they returned, in their order.

    Raises:
        Exception: What the first call to fail raised, when those under way are over; the rest are not made.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    outcomes: queue.SimpleQueue[_Outcome] = queue.SimpleQueue()
    stopped = threading.Event()
    for number in range(len(calls)):
        waiting.put(number)

    def work() -> None:
        with suppress(queue.Empty):
            while not stopped.is_set():
                number = waiting.get_nowait()
                try:
                    outcomes.put(_Outcome(number, calls[number](), None))
                except BaseException as error:
                    stopped.set()
                    outcomes.put(_Outcome(number, None, error))

    threads = [
        threading.Thread(target=work, name=f"rsi-call-{i}", daemon=True) for i in range(min(concurrency, len(calls)))
    ]
    values: dict[int, object] = {}
    try:
        for thread in threads:
            thread.start()
        while len(values) < len(calls):
            number, value, error = outcomes.get()
            if error is not None:
                raise error
            values[number] = value
    except Exception:
        stopped.set()
        _join([thread for thread in threads if thread.ident])
        raise
    finally:
        stopped.set()
    _join(threads)
    return [values[number] for number in range(len(calls))]  # type: ignore[misc]


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join()
