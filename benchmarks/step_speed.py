# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How long a step of every environment takes, as a ratio to doing the least there is to do.

    python benchmarks/step_speed.py [--rounds 7] [--only Chess]

Only the environment's own calls are timed, not the agent's. Actions are random ones, and those of a reference where
there is one. The floor is a bare Gymnasium environment of text; of chess, python-chess that makes a random move for
each side; of programs, the start of a bare Python. All take turns in each round; medians are shown. Many boards at
once, and others' chess: chess_speed.py. Sandboxes by themselves: sandbox_speed.py.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import chess
import numpy as np

from contest.command import count, progress, read
from contest.interleaved import take
from contest.sheet import Sheet, add_outputs, console_for, load, place
from contest.text_floor import FLOOR, FLOOR_ID
from rsi_agents import make_agent, open_environment
from rsi_agents.environments import registered_ids

CHESS_FLOOR, PROGRAM_FLOOR = "python-chess, two random plies", "a bare Python's start"
REFERENCES = {
    "rsi/ChessPuzzle-v0": "solution",
    "rsi/Code-v0": "slow",
    "rsi/Judge-v0": "oracle",
    "rsi/MetaJudge-v0": "oracle",
    "rsi/Writing-v0": "good",
}
"""A reference of each environment that has any; of the others random actions are all there is."""
FLOORS = {"rsi/Chess-v0": CHESS_FLOOR, "rsi/ChessText-v0": CHESS_FLOOR, "rsi/Code-v0": PROGRAM_FLOOR}
_PACKAGES = ("rsi-envs", "gymnasium", "chess")


def main() -> int:
    """Measures and prints the table."""
    options = read_options()
    console, before = console_for(options), load()
    names = [name for name in played() if any(word in name for word in options.only)]
    measures = {FLOOR: lambda: stepping(FLOOR_ID, "random", options.seconds)}
    measures |= {CHESS_FLOOR: lambda: two_plies(options.seconds), PROGRAM_FLOOR: a_start}
    measures |= {name: _measure(name, options.seconds) for name in names}
    with progress(console, "rounds", (1 + options.rounds) * len(measures)) as step:
        taken = take(measures, options.rounds, step)
    rows = []
    for name in taken.by_name:
        floor = FLOORS.get(name.partition(",")[0], FLOOR) if name in names else name
        took = taken.median(name)
        ratio = f"{taken.ratio(name, floor):.3g}"
        rows.append(
            [
                name,
                f"{1e6 * took:,.0f}",
                f"{1 / took:,.{0 if took < 0.1 else 2}f}",
                f"± {taken.spread(name):.0%}",
                ratio,
                floor,
            ]
        )
    how = f"medians of {options.rounds} interleaved rounds of at least {options.seconds:g} s"
    titles = ["environment, actions", "µs a step", "steps/s", "spread", "times the floor", "floor"]
    Sheet(titles, rows, taken, place(_PACKAGES, how, before)).deliver(options, console)
    return 0


def read_options(words: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Steps a second of every environment, beside a floor.")
    parser.add_argument("--rounds", type=count, default=7, help="interleaved rounds (default 7)")
    parser.add_argument("--seconds", type=float, default=0.5, help="at least, for each in each round (default 0.5)")
    parser.add_argument("--only", nargs="+", default=[""], help="environments whose name contains one of these")
    add_outputs(parser)
    return read(parser, words, rounds=3, seconds=0.1)


def played() -> Iterator[str]:
    """Names every registered environment, with each kind of actions."""
    for env_id in registered_ids():
        yield f"{env_id}, random"
        if env_id in REFERENCES:
            yield f"{env_id}, reference:{REFERENCES[env_id]}"


def _measure(name: str, at_least_s: float) -> Callable[[], float]:
    env_id, _, agent = name.partition(", ")
    return lambda: stepping(env_id, agent, at_least_s)


def stepping(env_id: str, agent_name: str, at_least_s: float) -> float:
    """Gives the mean seconds of a step, over whole episodes; what is not the environment's own call is not counted."""
    kwargs = {"opponent": "random"} if env_id in ("rsi/Chess-v0", "rsi/ChessText-v0") else {}
    if env_id == "rsi/ChessText-v0":
        kwargs["legal_moves"] = True
    env, agent = open_environment(env_id, kwargs), make_agent(agent_name)
    spent, steps, seed = 0.0, 0, 0
    try:
        while spent < at_least_s:
            if hasattr(agent, "attach"):
                agent.attach(env)
            agent.reset(seed)
            observation, info = env.reset(seed=seed)
            over, seed = False, seed + 1
            while not over:
                action = agent.act(observation, info)
                began = time.perf_counter()
                observation, _, terminated, truncated, info = env.step(action)
                spent += time.perf_counter() - began
                steps += 1
                over = terminated or truncated
    finally:
        env.close()
    return spent / steps


def two_plies(at_least_s: float) -> float:
    """Gives the mean seconds in which python-chess makes two random legal moves, and sees whether the game is over."""
    random, board, plies, began = np.random.default_rng(0), chess.Board(), 0, time.perf_counter()
    while time.perf_counter() < began + at_least_s:
        moves = list(board.legal_moves)
        if not moves or board.is_insufficient_material() or board.halfmove_clock >= 100:
            board.reset()
            continue
        board.push(moves[int(random.integers(len(moves)))])
        plies += 1
    return 2 * (time.perf_counter() - began) / plies


def a_start() -> float:
    """Gives the seconds in which a bare Python starts and ends."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
