# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every generation joins an arena's pool, kept or not, and is rated there against those that came before it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rsi_agents.arena import ArenaFolder, ArenaPlan, Game, Ratings, Stage, games_of, make_arena_plan, play_arena, rate
from rsi_agents.arena.plan import COLOR, OPPONENT
from rsi_agents.errors import InvalidGames, InvalidLoop, LoopPaused
from rsi_agents.leaderboard import CONFIDENCE
from rsi_agents.loops.config import ArenaSettings
from rsi_agents.loops.contract import Round
from rsi_agents.names import with_setting
from rsi_agents.records.reading import ARENA_FILE


def rated(round_: Round, agent: str) -> dict[str, float]:
    """Has a generation join the pool as its newcomer, and rates it; a kill in between changes nothing.

    Args:
        round_: The round that made it.
        agent: Its name.

    Returns:
        What `elo_of` tells of it. Empty where the loop's configuration has no arena.

    Raises:
        InvalidLoop: The folder holds the pool of another world.
        InvalidPlan: Nobody can play against anybody in the arena's environment.
        AgentNameError: The generation takes no such settings as it is to have in the arena.
        LoopPaused: The budget is spent.
        RecordsError: The pool can't be written.
    """
    asked = round_.config.arena
    if asked is None:
        return {}
    base, parent, newcomer = (_as_member(name, asked) for name in (round_.base, round_.parent, agent))
    with _pool(round_, asked, base) as pool:
        for name in (base, newcomer):
            if name not in pool.plan.agents:
                pool.add(_placed((*pool.plan.agents, name), asked))
        outcome = play_arena(pool, budget=round_.budget)
        if outcome.exhausted:
            raise LoopPaused(f"{outcome.exhausted}, with games of {pool.path} to play")
        return elo_of(games_of(pool.records()), newcomer, base=base, parent=parent)


def elo_of(games: Sequence[Game], agent: str, *, base: str, parent: str) -> dict[str, float]:
    """Rates a generation on Elo's scale.

    Args:
        games: All of the pool.
        agent: Its name.
        base: Who is at 0.
        parent: Whom it comes from.

    Returns:
        `elo`, and as `elo_gained` what it has more than its parent; the ends of their intervals at 95%, `_low` and
        `_high`; and as `elo_games` how many games it has played. There is no interval where one of the two compared has
        won or lost every game, and no number where no chain of games links them. The base itself has `elo` alone.
    """
    if agent == base:
        return {"elo": 0.0}
    found = {"elo_games": float(sum(agent in (game.first, game.second) for game in games))}
    try:
        ratings = rate(games)
    except InvalidGames:
        return found
    return found | _above(ratings, "elo", agent, base) | _above(ratings, "elo_gained", agent, parent)


def _above(ratings: Ratings, name: str, agent: str, other: str) -> dict[str, float]:
    rows = {row.agent: row for row in ratings.rows}
    if agent not in rows or other not in rows:
        return {}
    found = {name: rows[agent].elo - rows[other].elo}
    if rows[agent].interval is None or rows[other].interval is None:
        return found
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.quantile(np.subtract(ratings.draws[agent], ratings.draws[other]), [tail, 1.0 - tail])
    return found | {f"{name}_low": float(low), f"{name}_high": float(high)}


def _pool(round_: Round, asked: ArenaSettings, base: str) -> ArenaFolder:
    """Opens the pool; begins it with the base where there is none."""
    path = round_.path.parent / asked.folder
    plan = _plan(round_, asked, base)
    if not (path / ARENA_FILE).exists():
        return ArenaFolder.create(path, plan)
    pool = ArenaFolder.open(path)
    if pool.plan.world != plan.world:
        pool.close()
        raise InvalidLoop(f"the pool in {path} plays {pool.plan.world}, not {plan.world}; name another arena.folder")
    return pool


def _plan(round_: Round, asked: ArenaSettings, base: str) -> ArenaPlan:
    config = round_.config
    args: Mapping[str, Any] = {name: value for name, value in config.env_args.items() if name not in (OPPONENT, COLOR)}
    if asked.env is not None or asked.env_args is not None:
        args = asked.env_args or {}
    return make_arena_plan(
        asked.env or config.env,
        [_placed((base,), asked)],
        env_kwargs=args,
        seed=config.seed,
        concurrency=config.sample.concurrency,
        episode_timeout_s=config.sample.episode_timeout_s,
    )


def _placed(names: tuple[str, ...], asked: ArenaSettings) -> Stage:
    return Stage("place", names, games=asked.games, width_elo=asked.width_elo)


def _as_member(agent: str, asked: ArenaSettings) -> str:
    for name, value in asked.settings.items():
        agent = with_setting(agent, name, value if isinstance(value, str) else json.dumps(value))
    return agent
