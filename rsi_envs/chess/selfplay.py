# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Games between two agents by name, as trajectories of both and as PGN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import chess
import numpy as np
from numpy.typing import NDArray

from rsi_envs.chess.aec import BLACK, WHITE, ChessAEC
from rsi_envs.chess.pgn import to_pgn
from rsi_envs.core.agents import SeatedAgent
from rsi_envs.core.options import check_count

_RESULTS = {1.0: "1-0", 0.0: "1/2-1/2", -1.0: "0-1"}


@dataclass(frozen=True, slots=True)
class Ply:
    """One action of a game, and what its agent saw."""

    agent: str
    """"white" or "black"."""
    observation: NDArray[np.uint8]
    """Shape (8, 8, planes), from this agent's side."""
    action_mask: NDArray[np.int8]
    """Legal actions; shape (4672,)."""
    action: int
    """0 to 4671."""


@dataclass(frozen=True, slots=True)
class PlayedGame:
    """A finished game between two agents."""

    players: Mapping[str, str]
    """The agents' names by colour, "white" and "black"."""
    seed: int
    """What the game's and the agents' randomness came from."""
    plies: tuple[Ply, ...]
    """Every action in order."""
    rewards: Mapping[str, float]
    """By colour: 1 for a win, 0 for a draw, -1 for a loss."""
    reason: str
    """How the game ended, such as "white wins by checkmate"."""
    board: chess.Board
    """The game with its moves."""

    def trajectory(self, agent: str) -> tuple[Ply, ...]:
        """Returns the plies of one colour."""
        return tuple(ply for ply in self.plies if ply.agent == agent)

    def to_pgn(self) -> str:
        """Writes the game as PGN, with the players, the seed and the reason of its end in the headers."""
        return to_pgn(
            self.board,
            _RESULTS[self.rewards[WHITE]],
            {
                "Event": "rsi/Chess-v0",
                "Site": "?",
                "Date": "????.??.??",
                "Round": "?",
                "White": self.players[WHITE],
                "Black": self.players[BLACK],
                "Seed": str(self.seed),
                "Termination": self.reason,
            },
        )


def play_game(white: str, black: str, *, seed: int, **terms: Any) -> PlayedGame:
    """Plays one game between two agents.

    Args:
        white: An agent's name, as `rsi_agents.make_agent` takes it.
        black: Likewise.
        seed: At least 0; the same seed, agents and terms give the same game as far as the agents are repeatable.
        **terms: `ChessAEC`'s arguments.

    Raises:
        EnvironmentFault: An agent broke.
        Exception: Whatever making the agents raises.
    """
    with ExitStack() as stack:
        agents = {}
        for color, name in ((WHITE, white), (BLACK, black)):
            agents[color] = SeatedAgent(name)
            stack.callback(agents[color].close)
        return _play(ChessAEC(**terms), agents, seed)


def play_games(
    white: str, black: str, *, games: int, seed: int = 0, concurrency: int = 1, **terms: Any
) -> Iterator[PlayedGame]:
    """Plays several games between two agents; game i has the seed `seed + i` and is what `play_game` makes of it.

    Args:
        white: An agent's name.
        black: Likewise.
        games: How many, at least 1.
        seed: The first game's.
        concurrency: Games played at the same time, at least 1, each with agents of its own.
        **terms: `ChessAEC`'s arguments.

    Yields:
        The games in order.

    Raises:
        InvalidOption: A number out of range.
        Exception: Whatever `play_game` raises, when it is that game's turn.
    """
    check_count("games", games)
    check_count("concurrency", concurrency)
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="rsi-chess")
    try:
        futures = [pool.submit(play_game, white, black, seed=seed + i, **terms) for i in range(games)]
        for future in futures:
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _play(env: ChessAEC, agents: Mapping[str, SeatedAgent], seed: int) -> PlayedGame:
    game_seed, *agent_seeds = np.random.SeedSequence(seed).generate_state(3).tolist()
    env.reset(seed=game_seed)
    for agent, agent_seed in zip(agents.values(), agent_seeds, strict=True):
        agent.begin(env.match, agent_seed)
    plies = []
    while not env.match.over:
        mover = env.agent_selection
        seen = env.observe(mover)
        action = agents[mover].act(seen["observation"], {"action_mask": seen["action_mask"]})
        env.step(action)
        plies.append(Ply(mover, seen["observation"], seen["action_mask"], int(action)))
    return PlayedGame(
        players={color: agent.name for color, agent in agents.items()},
        seed=seed,
        plies=tuple(plies),
        rewards=dict(env.rewards),
        reason=env.infos[WHITE]["verdict"]["reason"],
        board=env.board().copy(),
    )
