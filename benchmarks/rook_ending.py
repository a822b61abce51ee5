# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Has mate with king and rook learned from nothing by the loop `self_play`, and prints how often it is given.

    python benchmarks/rook_ending.py --tablebases FOLDER [--seeds 3] [--rounds 8] [--plies 1000000] [--games 200]
        [--out rook-ending] [--markdown docs/benchmarks/rook-ending.md]

The folder holds Syzygy and Gaviota tables of three men, by which the lone king defends itself perfectly. A command that
is repeated goes on: rounds that were learned and games that were played stay.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from chess_self_play import add_learning, kept_games, learn, markdown, play, share
from contest.command import is_quick, read
from contest.report import machine, put_into_page
from rsi_agents import make_agent
from rsi_envs.chess.env import ChessEnv

START, MAX_PLIES, FIRST_SEED = "KRvK", 200, 10_000_000
"""Games to measure by begin with seeds that the loop has not played."""
NEW = {"hidden": 256, "spread": 0.6}
"""What a network begins as."""
LEARNER = {
    "start": START,
    "opening": 0,
    "max_plies": 100,
    "epsilon": 0.1,
    "trace": 0.7,
    "discount": 0.98,
    "batch": 128,
    "passes": 2,
    "halving": 4_000_000,
}
MATE, DRAWS = "checkmate", ("insufficient material", "fifty moves")
OTHER = "other"


def main() -> None:
    """Learns, plays, and prints."""
    options = read_options()
    if options.tablebases is None:
        problem = "this benchmark needs endgame tables: give their folder with --tablebases"
        if not is_quick():
            raise SystemExit(problem)
        print(f"left out: {problem}")
        return
    options.out.mkdir(parents=True, exist_ok=True)
    learned = [learn_rook(options, seed) for seed in range(options.seeds)]
    players = (("untrained", [untrained(seed) for seed in range(options.seeds)]), ("trained", [a for a, _ in learned]))
    rows = [row(name, [games(options, f"{name}-{i}", agent) for i, agent in enumerate(of)]) for name, of in players]
    text = report(rows, options, [spent for _, spent in learned])
    print(text)
    if options.markdown:
        put_into_page(options.markdown, text)


def read_options() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tablebases", type=Path, help="a folder of Syzygy and Gaviota tables of three men")
    add_learning(parser, rounds=8, plies=1_000_000, games=200, out=Path("rook-ending"))
    return read(parser, seeds=1, rounds=1, plies=20_000, games=10)


def untrained(seed: int) -> str:
    """Names the network that a seed's learning begins with."""
    return f"td:untrained?seed={seed}&hidden={NEW['hidden']}&spread={NEW['spread']}"


def learn_rook(options: argparse.Namespace, seed: int) -> tuple[str, float]:
    """Runs, or goes on with, the loop of a seed; gives the last generation and the seconds on the processor."""
    asked = {
        "env_args": {
            "opponent": f"tablebase:{options.tablebases.resolve()}",
            "start": START,
            "color": "white",
            "max_plies": MAX_PLIES,
        },
        "base": untrained(seed),
        "rounds": options.rounds,
        "settings": {"plies": options.plies, "pool": 0, "options": {**NEW, **LEARNER}},
    }
    return learn(options.out, seed, asked)


def games(options: argparse.Namespace, name: str, agent: str) -> list[str]:
    """Plays what is missing of a network's games with White; gives how each ended."""
    env = ChessEnv(opponent=f"tablebase:{options.tablebases}", start=START, color="white", max_plies=MAX_PLIES)
    player = make_agent(agent)

    def end(game: int) -> str:
        reason = play(env, player, FIRST_SEED + game)["reason"]
        return next((named for named in (MATE, *DRAWS) if named in reason), OTHER)

    ends = kept_games(options.out / f"{name}.json", options.games, end)
    env.close()
    return ends


def row(player: str, by_seed: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Writes how the networks of all seeds did."""
    together = [end for ends in by_seed for end in ends]
    counts = Counter(together)
    mates = share([float(end == MATE) for end in together])
    others = (f"{counts[end] / len(together):.1%}" for end in (*DRAWS, OTHER))
    return player, mates, *others, ", ".join(f"{ends.count(MATE) / len(ends):.1%}" for ends in by_seed)


def report(rows: Sequence[tuple[str, ...]], options: argparse.Namespace, spent: Sequence[float]) -> str:
    """Writes the table and how it was measured."""
    head = ("network", "mates [95%]", "rook lost", "fifty moves", OTHER, "mates by seed")
    table = markdown(head, rows)
    plies, seconds = options.rounds * options.plies, ", ".join(f"{one:.0f}" for one in spent)
    return (
        f"{table}\n\n{options.games} starts for each of {options.seeds} networks, {plies:,} plies each, learned in "
        f"{seconds} s on one processor.\nMeasured {datetime.now(UTC):%Y-%m-%d}; {machine()}.\n"
    )


if __name__ == "__main__":
    main()
