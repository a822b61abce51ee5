# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What was measured, as a table on the terminal, as Markdown for the documentation, and raw as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from contest.plain import FLOOR
from contest.processes import Idle
from contest.rounds import Measured

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how it was measured."""

    date: str
    machine: str
    python: str
    """The version of the interpreter outside containers."""
    in_flight: tuple[int, ...]
    rounds: int
    at_least_s: float
    load: float
    """Processes that wanted a processor in the minute before: what else the machine was doing."""

    def __str__(self) -> str:
        return (
            f"{self.date}; {self.machine}; load {self.load:.1f} before; the floor is Python {self.python}; "
            f"rounds: {self.rounds} of at least {self.at_least_s:g} s"
        )


def setting(python: str, in_flight: Sequence[int], rounds: int, at_least_s: float) -> Setting:
    """Describes this machine, before anything is measured, and what was asked."""
    version = subprocess.run([python, "-IS", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return Setting(today, machine(), version, tuple(in_flight), rounds, at_least_s, os.getloadavg()[0])


def machine() -> str:
    """Describes this machine."""
    return f"{os.cpu_count()} processors{_model()}, {platform.machine()}, Linux {platform.release().split('-')[0]}"


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f" ({names[0]})" if names else ""


def header(in_flight: Sequence[int]) -> list[str]:
    """Gives the titles of the columns."""
    rates = [title for level in in_flight for title in (f"jobs/s at {level}", f"ratio at {level}")]
    return ["contender", "isolation", "p50 ms", "p95 ms", *rates, "first job ms"]


def rows(measured: Measured, in_flight: Sequence[int]) -> list[list[str]]:
    """Gives a row for each contender, the fastest first below the floor."""
    names = sorted(measured.isolation, key=lambda name: (name != FLOOR, -(measured.rate(name, in_flight[0]) or 0.0)))
    return [_row(name, measured, in_flight) for name in names]


def _row(name: str, measured: Measured, in_flight: Sequence[int]) -> list[str]:
    rates = []
    for level in in_flight:
        rates += [_shown(measured.rate(name, level), ".1f"), _shown(measured.ratio(name, FLOOR, level), ".2f")]
    latencies = [_shown(measured.latency_s(name, share), ".1f", 1000) for share in (0.5, 0.95)]
    starts = measured.first_jobs_s.get(name)
    first = sorted(starts)[len(starts) // 2] if starts else None
    return [name, measured.isolation[name], *latencies, *rates, _shown(first, ".0f", 1000)]


def _shown(value: float | None, how: str, times: float = 1) -> str:
    return _NOTHING if value is None else format(value * times, how)


def terminal_table(measured: Measured, in_flight: Sequence[int]) -> Table:
    """Makes the table for the terminal."""
    titles = header(in_flight)
    table = Table()
    for number, title in enumerate(titles):
        table.add_column(title, justify="left" if number < 2 else "right")
    for row in rows(measured, in_flight):
        table.add_row(*row)
    return table


def markdown(measured: Measured, memory: dict[str, Idle], where: Setting) -> str:
    """Writes all that the documentation shows."""
    titles = header(where.in_flight)
    rule = ["---" if number < 2 else "---:" for number in range(len(titles))]
    lines = [f"| {' | '.join(row)} |" for row in (titles, rule, *rows(measured, where.in_flight))]
    lines += ["", f"Measured {where}.", ""]
    if memory:
        lines += ["Held while waiting for jobs:", ""]
        lines += [f"- {backend}: {held}" for backend, held in memory.items()] + [""]
    if measured.left_out:
        lines += ["Left out:", ""] + [f"- {name}: {reason}" for name, reason in measured.left_out.items()] + [""]
    return "\n".join(lines)


def put_into_page(page: Path, text: str) -> None:
    """Replaces what stands between `BEGIN` and `END` in a page.

    Raises:
        ValueError: The page lacks one of them.
    """
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} lacks {BEGIN} or {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", "utf-8")


def as_json(measured: Measured, memory: dict[str, Idle], where: Setting) -> str:
    """Writes all raw figures."""
    contenders: dict[str, Any] = {
        name: {
            "isolation": isolation,
            "first_jobs_s": measured.first_jobs_s.get(name, []),
            "in_flight": {
                str(level): [asdict(sample) | {"jobs_per_s": sample.jobs_per_s} for sample in samples]
                for (who, level), samples in measured.samples.items()
                if who == name
            },
        }
        for name, isolation in measured.isolation.items()
    }
    idle = {backend: asdict(held) for backend, held in memory.items()}
    whole = {
        "setting": asdict(where),
        "floor": FLOOR,
        "contenders": contenders,
        "idle": idle,
        "left_out": measured.left_out,
    }
    return json.dumps(whole, indent=1)
