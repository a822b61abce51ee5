# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Calls at the same time: all of them, no more at once than told, and none that keeps the process from ending."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsi_envs.core.parallel import in_parallel

HANGING = """
import os, threading
from rsi_envs.core.parallel import in_parallel

def hang():
    os.write(1, b"hanging\\n")  # in one piece, whoever else writes
    threading.Event().wait()

in_parallel([hang, hang], 2)
"""
TIMEOUT_S = 60


@settings(max_examples=30)
@given(st.lists(st.integers(), max_size=20), st.integers(1, 8))
def test_results_come_in_the_order_of_calls(numbers: list[int], concurrency: int) -> None:
    assert in_parallel([partial(abs, number) for number in numbers], concurrency) == list(map(abs, numbers))


def test_as_many_are_under_way_as_told() -> None:
    # Each waits for two others, so that fewer than three at once would hang and more would break the barrier's rhythm.
    barrier = threading.Barrier(3)
    assert sorted(in_parallel([partial(barrier.wait, TIMEOUT_S)] * 9, 3)) == sorted([0, 1, 2] * 3)
    under_way, most = [0], [0]
    lock = threading.Lock()

    def count() -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        with lock:
            under_way[0] -= 1

    in_parallel([count] * 200, 4)
    assert 1 <= most[0] <= 4


def test_after_a_failure_the_rest_are_not_made_and_no_thread_is_left() -> None:
    made: list[int] = []

    def call(number: int) -> None:
        made.append(number)
        if number == 2:
            raise LookupError("two")

    before = threading.active_count()
    with pytest.raises(LookupError, match="two"):
        in_parallel([partial(call, number) for number in range(100)], 1)
    assert made == [0, 1, 2]
    assert threading.active_count() == before


def test_hanging_calls_do_not_keep_the_process_from_ending() -> None:
    running = subprocess.Popen([sys.executable, "-c", HANGING], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    assert running.stdout.readline() == b"hanging\n"
    time.sleep(0.3)  # Python heeds a signal that comes just before a wait after it, which is never
    running.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in running.communicate(timeout=TIMEOUT_S)[1]
    assert running.returncode == -signal.SIGINT
