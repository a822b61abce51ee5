# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What each environment holds in memory while nobody plays in it, beside a bare Gymnasium environment.

    python benchmarks/memory.py [--environments 100] [--rounds 3] [--only Chess]

In a fresh process, one environment is made and reset, which loads all that environments of its id share; then so many
more. Counted is the memory that they add, to this process and to those below it. Boards into a game: chess_speed.py.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial

from contest.command import count, progress, read
from contest.fresh import compiled_modules, run_fresh
from contest.interleaved import take
from contest.sheet import Sheet, add_outputs, console_for, load, place
from contest.text_floor import FLOOR, FLOOR_ID
from rsi_agents.environments import registered_ids

_KIB = 1024
_HOLDER = ("-m", "contest.holding")
_PACKAGES = ("rsi-envs", "gymnasium")


def main() -> int:
    """Measures and prints the table."""
    options = read_options()
    console, before = console_for(options), load()
    ids = {FLOOR: FLOOR_ID} | {env_id: env_id for env_id in registered_ids() if _chosen(env_id, options.only)}
    with compiled_modules() as variables:
        variables["PYTHONPATH"] = ":".join(entry for entry in sys.path if entry)
        measures = {name: partial(held_bytes, env_id, options.environments, variables) for name, env_id in ids.items()}
        with progress(console, "rounds", (1 + options.rounds) * len(measures)) as step:
            taken = take(measures, options.rounds, step)
    rows = []
    for name in taken.by_name:
        kib, ratio = taken.median(name) / _KIB, f"{taken.ratio(name, FLOOR):.1f}"
        rows.append([name, f"{kib:,.1f}", f"± {taken.spread(name):.0%}", ratio])
    how = f"{options.environments} environments, medians of {options.rounds} interleaved rounds"
    titles = ["environment", "KiB each", "spread", "times the floor"]
    Sheet(titles, rows, taken, place(_PACKAGES, how, before)).deliver(options, console)
    return 0


def read_options(words: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Memory of an idle environment of every id, beside a bare one.")
    parser.add_argument("--environments", type=count, default=100, help="made in each process (default 100)")
    parser.add_argument("--rounds", type=count, default=3, help="interleaved rounds (default 3)")
    parser.add_argument("--only", nargs="+", default=[""], help="environments whose id has one of these")
    add_outputs(parser)
    return read(parser, words, rounds=1)


def held_bytes(env_id: str, environments: int, variables: dict[str, str]) -> float:
    """Gives the bytes that one more environment adds, the mean of so many."""
    return max(1.0, float(run_fresh([*_HOLDER, env_id, str(environments)], variables)))


def _chosen(name: str, words: list[str]) -> bool:
    return any(word in name for word in words)


if __name__ == "__main__":
    sys.exit(main())
