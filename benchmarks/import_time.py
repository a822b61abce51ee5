# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How long imports, the command line and a first reset take in a fresh process, as a ratio to importing Gymnasium.

    python benchmarks/import_time.py [--rounds 9] [--only rsi]

Modules are compiled before the rounds that count, as those of an installed package are. All take turns in each round;
medians are shown. Peers are measured where they are installed.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from importlib.util import find_spec

from contest.command import count, progress, read
from contest.fresh import compiled_modules, seconds_of
from contest.interleaved import take
from contest.sheet import Sheet, add_outputs, console_for, load, place
from rsi_agents.environments import registered_ids

EMPTY, FLOOR = "an empty program", "import gymnasium"
PEERS = ("pettingzoo", "inspect_ai", "verifiers", "gem", "textarena")
_COMMAND = ("-m", "rsi_agents.cli")
_PACKAGES = ("rsi-envs", "gymnasium", "pettingzoo", "inspect-ai", "verifiers", "textarena")


def main() -> int:
    """Measures and prints the table."""
    options = read_options()
    console, before = console_for(options), load()
    with compiled_modules() as variables:
        programs = {name: how for name, how in programs_here().items() if _chosen(name, options.only)}
        measures = {name: partial(seconds_of, how, variables) for name, how in programs.items()}
        with progress(console, "rounds", (1 + options.rounds) * len(measures)) as step:
            taken = take(measures, options.rounds, step)
    taken.left_out.update({f"import {peer}": "not installed" for peer in PEERS if find_spec(peer) is None})
    rows = [
        [name, f"{1e3 * taken.median(name):,.0f}", f"± {taken.spread(name):.0%}", f"{taken.ratio(name, FLOOR):.2f}"]
        for name in taken.by_name
    ]
    how = f"medians of {options.rounds} interleaved rounds"
    titles = ["in a fresh process", "ms", "spread", f"times {FLOOR}"]
    Sheet(titles, rows, taken, place(_PACKAGES, how, before)).deliver(options, console)
    return 0


def read_options(words: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Milliseconds of imports in fresh processes, beside Gymnasium's.")
    parser.add_argument("--rounds", type=count, default=9, help="interleaved rounds (default 9)")
    parser.add_argument("--only", nargs="+", default=[""], help="those whose name has one of these; the floors stay")
    add_outputs(parser)
    return read(parser, words, rounds=2)


def programs_here() -> dict[str, tuple[str, ...]]:
    """Gives what is run, as Python's arguments, by name."""
    imports = ["gymnasium", "rsi_envs", "rsi_agents", "rsi_sandboxes", *(peer for peer in PEERS if find_spec(peer))]
    firsts = {
        f'make("{env_id}"), reset': f"import gymnasium, rsi_envs; gymnasium.make({env_id!r}).reset(seed=0)"
        for env_id in registered_ids()
    }
    return (
        {EMPTY: ("-c", "pass")}
        | {f"import {module}": ("-c", f"import {module}") for module in imports}
        | {f"rsi {word}": (*_COMMAND, word) for word in ("--help", "list")}
        | {name: ("-c", program) for name, program in firsts.items()}
    )


def _chosen(name: str, words: list[str]) -> bool:
    return name in (EMPTY, FLOOR) or any(word in name for word in words)


if __name__ == "__main__":
    sys.exit(main())
