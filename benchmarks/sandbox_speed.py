# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How fast a job runs in a sandbox, as a ratio to the same job without any isolation.

    python benchmarks/sandbox_speed.py [--rounds 9] [--in-flight 2]

The job is a grading job: a 30-line solution and 20 asserts in one Python program. Every contender runs it in turn
within each round, so that a machine whose speed drifts treats all alike; shown are medians of the rounds. The floor
is a bare `subprocess.run`; `docker run` is what a script without this suite would call.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from rsi_sandboxes import BackendUnavailable, Job, make_sandbox

FLOOR = "bare subprocess"
IMAGE = "rsi-sandbox-python:1"
PROGRAM = """
def parse(text):
    rows = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        rows.append((name.strip(), [int(word) for word in rest.split()]))
    return rows


def merge(rows):
    merged = {}
    for name, numbers in rows:
        merged.setdefault(name, []).extend(numbers)
    return merged


def totals(merged):
    return {name: sum(numbers) for name, numbers in merged.items()}


def ranking(sums):
    return sorted(sums, key=lambda name: (-sums[name], name))


def solve(text):
    return ranking(totals(merge(parse(text))))


for n in range(1, 21):
    text = "\\n".join(f"k{i % 7}: {i} {i * n}" for i in range(30))
    assert sorted(solve(text)) == [f"k{i}" for i in range(7)]
print("ok")
"""
COMMAND = ("python3", "-I", "-S", "-c", PROGRAM)


def bare() -> bytes:
    """Runs the job without isolation."""
    return subprocess.run(COMMAND, capture_output=True, check=True).stdout


def docker_run() -> bytes:
    """Runs the job by one `docker run`."""
    command = ["docker", "run", "--rm", "--network", "none", IMAGE, *COMMAND]
    return subprocess.run(command, capture_output=True, check=True).stdout


def sandboxed(name: str) -> Callable[[], bytes]:
    """Gives what runs the job in a backend's world."""
    sandbox = make_sandbox(name)
    return lambda: sandbox.run(Job(COMMAND)).stdout


def contenders(console: Console) -> dict[str, Callable[[], bytes]]:
    """Gives what can run on this machine, and says what can't."""
    found: dict[str, Callable[[], bytes]] = {FLOOR: bare}
    for name in ("bubblewrap", "docker"):
        try:
            found[f"rsi {name}"] = sandboxed(name)
        except BackendUnavailable as error:
            console.print(f"left out {name}: {error}")
    if "rsi docker" in found:
        found["docker run"] = docker_run
    return found


def jobs_per_second(run: Callable[[], bytes], jobs: int, in_flight: int) -> float:
    """Runs the job so often, so many at a time."""
    started = time.perf_counter()
    with ThreadPoolExecutor(in_flight) as pool:
        for output in pool.map(lambda _: run(), range(jobs)):
            if output != b"ok\n":
                raise RuntimeError(f"the job printed {output!r}")
    return jobs / (time.perf_counter() - started)


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description="Jobs a second in each sandbox, against a bare subprocess.")
    parser.add_argument("--rounds", type=int, default=9, help="interleaved rounds (default 9)")
    parser.add_argument("--in-flight", type=int, default=2, help="jobs at a time (default 2)")
    arguments = parser.parse_args()
    console = Console()
    runs = contenders(console)
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(arguments.rounds):
        for name, run in runs.items():
            rates[name].append(jobs_per_second(run, 4 if "docker" in name else 16, arguments.in_flight))
    table = Table("contender", "jobs a second", "ratio to the floor")
    for name, measured in rates.items():
        ratio = statistics.median(rate / floor for rate, floor in zip(measured, rates[FLOOR], strict=True))
        table.add_row(name, f"{statistics.median(measured):.1f}", f"{ratio:.3f}")
    console.print(table)
    console.print(
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors, {platform.machine()}, Linux {platform.release()}, "
        f"Python {platform.python_version()}, {arguments.in_flight} in flight, {arguments.rounds} rounds",
        soft_wrap=True,
    )


if __name__ == "__main__":
    main()
