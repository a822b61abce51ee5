# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What the runner adds to an episode and to each of its steps, beside a bare loop over the same calls.

    python benchmarks/rollout_overhead.py [--rounds 7] [--concurrency 1 16 128] [--episodes 1000]

A model that answers at once plays an environment of ten turns that does nothing, and random moves play short games of
rsi/ChessText-v0: what is left is the time between the calls. The floor is a bare asyncio loop in one thread, which
records nothing; another appends a line an episode and syncs it, as durable records must. Inspect AI plays the ten turns
by its own mock model, where it is installed. All take turns in each round; medians are shown, of the time that passed
and of the processor's: on a busy machine only the second is a matter of the player alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

from contest.command import count, progress, read
from contest.interleaved import Taken, take
from contest.sheet import Sheet, add_outputs, console_for, load, place
from rollout_contest.instant import INSTANT, TURNS, TURNS_ID
from rollout_contest.ways import BARE, PEER, WAYS
from rsi_agents import Plan

CHESS_ID = "rsi/ChessText-v0"
CHESS = {"opponent": "random", "color": "white", "legal_moves": True, "max_plies": 2 * TURNS}
GAMES = {
    "ten turns": (TURNS_ID, INSTANT, {}),
    CHESS_ID: (CHESS_ID, "random", CHESS),
}
"""What is played: id, agent, the constructor's arguments. Each episode takes `TURNS` steps."""
_PACKAGES = ("rsi-envs", "gymnasium", "inspect-ai")
_SHARE = {PEER: 20, CHESS_ID: 10}
"""Of a slow player's or game's episodes one in so many is played, so that it takes no longer than the others."""


def main() -> int:
    """Measures and prints the table."""
    options = read_options()
    console, before = console_for(options), load()
    processor: dict[str, list[float]] = {}
    measures = dict(_measures(options, processor))
    with progress(console, "rounds", (1 + options.rounds) * len(measures)) as step:
        taken = take(measures, options.rounds, step)
    # The first round of each does not count.
    busy = Taken({name: processor[name][1:] for name in taken.by_name})
    rows = []
    for name in taken.by_name:
        way, played, at_once = name.split(" | ")
        floor = _named(BARE, played, at_once)
        row = [way, played, at_once]
        for figures in (taken, busy):
            row += [f"{1e3 * figures.median(name):.2f}", f"± {figures.spread(name):.0%}"]
            row += [f"{1e3 / TURNS * figures.added(name, floor):.3f}"]
        rows.append([*row, f"{busy.ratio(name, floor):.1f}"])
    titles = ["player", "plays", "at once", "ms an episode", "spread", "added a step"]
    titles += ["processor's ms", "spread", "added a step", "times the floor"]
    how = f"medians of {options.rounds} interleaved rounds of {options.episodes} episodes, of {TURNS} steps each"
    Sheet(titles, rows, taken, place(_PACKAGES, how, before)).deliver(options, console)
    return 0


def read_options(words: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Milliseconds that a runner adds to an episode, beside a bare loop.")
    parser.add_argument("--rounds", type=count, default=7, help="interleaved rounds (default 7)")
    parser.add_argument("--concurrency", type=count, nargs="+", default=[1, 16, 128], help="episodes at once")
    parser.add_argument("--episodes", type=count, default=1000, help="in each round (default 1000)")
    parser.add_argument("--only", nargs="+", default=[""], help="players whose name has one of these; the floor stays")
    add_outputs(parser)
    return read(parser, words, rounds=2, episodes=200, concurrency=[1, 128])


def _measures(
    options: argparse.Namespace, processor: dict[str, list[float]]
) -> Iterator[tuple[str, Callable[[], float]]]:
    for at_once in options.concurrency:
        for played in GAMES:
            for way in WAYS:
                chosen = way == BARE or any(word in way for word in options.only)
                if chosen and not (way == PEER and played == CHESS_ID):
                    share = _SHARE.get(way, 1) * _SHARE.get(played, 1)
                    episodes = max(options.episodes // share, min(at_once, options.episodes))
                    name = _named(way, played, at_once)
                    yield name, partial(seconds, way, played, at_once, episodes, processor.setdefault(name, []))


def _named(way: str, played: str, at_once: int | str) -> str:
    return f"{way} | {played} | {at_once}"


def seconds(way: str, played: str, at_once: int, episodes: int, processor: list[float]) -> float:
    """Plays so many episodes, so many at once; gives the mean seconds of one, and adds those that a processor took."""
    env_id, agent, kwargs = GAMES[played]
    plan = Plan(env_id, (agent,), episodes, env_kwargs=kwargs, concurrency=at_once)
    began, busy = time.perf_counter(), time.process_time()
    WAYS[way](plan)
    processor.append((time.process_time() - busy) / episodes)
    return (time.perf_counter() - began) / episodes


if __name__ == "__main__":
    sys.exit(main())
