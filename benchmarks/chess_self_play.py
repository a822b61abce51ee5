# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Has chess learned from nothing by the loop `self_play`, and prints what came of it beside what has not learned.

    python benchmarks/chess_self_play.py [--seeds 3] [--rounds 3] [--plies 2500000] [--games 80] [--max-plies 300]
        [--out self-play] [--markdown docs/benchmarks/self-play.md]

A command that is repeated goes on: rounds that were learned and games that were played stay. Every player plays the
same games: each opening, of random moves, with either colour. Seconds are the learner's process's on its processor.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import chess
import numpy as np

from contest.command import count, read
from contest.report import machine, put_into_page
from rsi_agents import make_agent
from rsi_agents.leaderboard import bootstrap_interval
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.rounds import RoundRecord
from rsi_envs.chess.env import ChessEnv
from rsi_envs.chess.network import Network

STOCKFISH = "uci:stockfish?nodes=1"
OPENING_PLIES = 6
WORTH = (1.0, 3.0, 3.0, 5.0, 9.0, 0.0)
HALF, MATERIAL, FULL = "half Stockfish", "material", "Stockfish"
MATCHES = (
    (HALF, "depth=1", 1, 1),
    (HALF, "depth=2&captures=true", 2, 2),
    (MATERIAL, "depth=1", 1, 1),
    (MATERIAL, "depth=2&captures=true", 4, 2),
    (FULL, "depth=1", 1, 1),
    (FULL, "depth=2&captures=true", 2, 1),
    (FULL, "depth=3&captures=true", 8, 1),
)
"""Opponents, how the player searches against them, and by how much fewer games the untrained and the trained play,
because they take longer: whoever can't tell moves apart searches more of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """How the networks of all seeds did against one opponent by one search."""

    opponent: str
    search: str
    player: str
    scores: tuple[float, ...]
    """1 for a win, 0.5 for a draw, 0 for a loss, all seeds' games."""
    by_seed: tuple[float, ...]
    """Each seed's mean."""

    def cells(self) -> tuple[str, ...]:
        """Writes the row."""
        counts = "/".join(str(self.scores.count(result)) for result in (1.0, 0.5, 0.0))
        seeds = ", ".join(f"{mean:.0%}" for mean in self.by_seed)
        return self.opponent, self.search, self.player, share(self.scores), counts, seeds


def main() -> None:
    """Learns, plays, and prints."""
    options = read_options()
    options.out.mkdir(parents=True, exist_ok=True)
    learned = [learn_chess(options, seed) for seed in range(options.seeds)]
    rows = list(measured(options, [agent for agent, _ in learned]))
    text = report(rows, options, [spent for _, spent in learned])
    print(text)
    if options.markdown:
        put_into_page(options.markdown, text)


def read_options() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--max-plies", type=count, default=300, help="a game that gets as long is a draw (default: %(default)s)"
    )
    add_learning(parser, rounds=3, plies=2_500_000, games=80, out=Path("self-play"))
    return read(parser, seeds=1, rounds=1, plies=20_000, games=4, max_plies=60)


def add_learning(parser: argparse.ArgumentParser, *, rounds: int, plies: int, games: int, out: Path) -> None:
    """Adds what the command lines of learning by self-play share, with these defaults."""
    parser.add_argument("--seeds", type=count, default=3, help="networks that learn, each alone (default: %(default)s)")
    parser.add_argument("--rounds", type=count, default=rounds, help="generations of each (default: %(default)s)")
    parser.add_argument("--plies", type=count, default=plies, help="plies a generation (default: %(default)s)")
    parser.add_argument(
        "--games", type=count, default=games, help="games of each network, at most (default: %(default)s)"
    )
    parser.add_argument("--out", type=Path, default=out, help="a folder (default: %(default)s)")
    parser.add_argument("--markdown", type=Path, help="a page to put the table into, between its marks")


def learn_chess(options: argparse.Namespace, seed: int) -> tuple[str, float]:
    """Runs, or goes on with, the loop of a seed on the whole game; see `learn`."""
    asked = {
        "env_args": {"opponent": f"{STOCKFISH}&epsilon=0.5", "max_plies": options.max_plies},
        "base": f"td:untrained?seed={seed}",
        "rounds": options.rounds,
        "settings": {"plies": options.plies},
    }
    return learn(options.out, seed, asked)


def learn(out: Path, seed: int, asked: Mapping[str, Any]) -> tuple[str, float]:
    """Runs, or goes on with, a loop of self-play.

    Args:
        out: Where its folder is.
        seed: The loop's.
        asked: What else its configuration says.

    Returns:
        The last generation, without how it searches, and the seconds on the processor.
    """
    path, clock = out / f"seed-{seed}", out / f"seed-{seed}.json"
    shared = {
        "loop": "self_play",
        "env": "rsi/Chess-v0",
        "seed": seed,
        "held_out": {"tasks": 20},
        "sample": {"concurrency": 1},
        "brakes": {"patience": None},
    }
    begun = path.exists()
    spent = json.loads(clock.read_text()) if clock.exists() else 0.0
    last = time.process_time()

    def note(record: RoundRecord) -> None:
        nonlocal spent, last
        now = time.process_time()
        spent, last = spent + now - last, now
        clock.write_text(json.dumps(spent))
        score = record.held_out.score if record.held_out else None
        print(f"seed {seed}, round {record.number}: {score} on held-out games, {spent:.0f} s", flush=True)

    config = checked_config({**shared, **asked}, "here")
    with LoopFolder.open(path) if begun else LoopFolder.create(path, config) as folder:
        if folder.config != config:
            raise SystemExit(f"{path} was begun with other settings; give those, or another --out")
        agent = improve(folder, on_round=note).agent
    return agent.partition("?")[0], spent


def measured(options: argparse.Namespace, learned: Sequence[str]) -> Iterator[Row]:
    """Plays every game that is missing, and gives a row for each player, search and opponent."""
    material = options.out / "material"
    counting_material().write(material)
    untrained = [f"td:untrained?seed={seed}" for seed in range(options.seeds)]
    for opponent, search, *fewer in MATCHES:
        named = {HALF: f"{STOCKFISH}&epsilon=0.5", MATERIAL: f"td:{material}?{search}", FULL: STOCKFISH}[opponent]
        players = (("untrained", untrained), ("trained", [f"{agent}?" for agent in learned]))
        for (player, agents), divisor in zip(players, fewer, strict=True):
            wanted = max(options.games // divisor, 1)
            scores = [
                games(
                    options.out / f"{player}-{seed}-{search}-{opponent}.json".replace(" ", "-"),
                    wanted,
                    f"{agent}&{search}".replace("?&", "?"),
                    named,
                    options.max_plies,
                )
                for seed, agent in enumerate(agents)
            ]
            together = tuple(one for of_seed in scores for one in of_seed)
            yield Row(opponent, search, player, together, tuple(fmean(of_seed) for of_seed in scores))


def games(kept: Path, wanted: int, agent: str, opponent: str, max_plies: int) -> list[float]:
    """Plays the games of a network against an opponent that are not in the file yet; gives their scores.

    Each opening of random moves is played twice, with either colour.
    """
    env, player = ChessEnv(opponent=opponent, max_plies=max_plies), make_agent(agent)
    scores = kept_games(kept, wanted, lambda game: float(play(env, player, game, start=opening(game // 2))["score"]))
    env.close()
    print(f"{kept.stem}: {fmean(scores):.3f}", flush=True)
    return scores


def kept_games(kept: Path, wanted: int, one: Callable[[int], Any]) -> list[Any]:
    """Plays games that a file does not have yet, by their numbers; gives what all that are wanted came to."""
    ended: list[Any] = json.loads(kept.read_text()) if kept.exists() else []
    while len(ended) < wanted:
        ended.append(one(len(ended)))
        kept.write_text(json.dumps(ended))
    return ended[:wanted]


def play(env: ChessEnv, agent: Any, seed: int, **options: str) -> dict[str, Any]:
    """Plays one game, which begins as the options say; returns its verdict."""
    observation, info = env.reset(seed=seed, options=options)
    agent.attach(env)
    agent.reset(seed)
    over = False
    while not over:
        observation, _, terminated, truncated, info = env.step(agent.act(observation, info))
        over = terminated or truncated
    verdict: dict[str, Any] = info["verdict"]
    return verdict


def opening(seed: int) -> str:
    """Plays random moves from the usual position."""
    rng = np.random.default_rng([seed, OPENING_PLIES])
    board = chess.Board()
    while board.ply() < OPENING_PLIES:
        moves = sorted(board.legal_moves, key=chess.Move.uci)
        board.push(moves[rng.integers(len(moves))])
        if board.is_game_over():
            board.reset()
    return board.fen()


def counting_material() -> Network:
    """Makes a hand-made player of a network: it counts pieces by their usual worth."""
    network = Network.untrained(1, 0)
    for array in network.arrays():
        array[...] = 0.0
    for kind, worth in enumerate(WORTH):
        network.rows[kind * 64 : kind * 64 + 64, -1] = worth
        network.rows[(kind + 6) * 64 : (kind + 7) * 64, -1] = -worth
    return network


def report(rows: Sequence[Row], options: argparse.Namespace, spent: Sequence[float]) -> str:
    """Writes the table and how it was measured."""
    head = ("opponent", "search of the player", "network", "score [95%]", "won/drawn/lost", "by seed")
    table = markdown(head, [row.cells() for row in rows])
    plies, seconds = options.rounds * options.plies, ", ".join(f"{one:.0f}" for one in spent)
    return (
        f"{table}\n\n{options.seeds} networks, {plies:,} plies each, learned in {seconds} s on one processor.\n"
        f"Measured {datetime.now(UTC):%Y-%m-%d}; {machine()}; load {os.getloadavg()[0]:.1f} after.\n"
    )


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Writes a table."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows))


def share(values: Sequence[float]) -> str:
    """Writes a mean in per cent, with its interval."""
    interval = bootstrap_interval(values)
    return f"{fmean(values):.1%}" + (f" [{interval.low:.1%}, {interval.high:.1%}]" if interval else "")


if __name__ == "__main__":
    main()
