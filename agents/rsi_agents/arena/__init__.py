# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The arena: who is better, and how sure that is.

plan = make_arena_plan("rsi/Chess-v0", [Stage("round-robin", ("random", "uci:stockfish?nodes=1"))])
with ArenaFolder.create("my-arena", plan) as folder:
    play_arena(folder)
    table = standings(games_of(folder.records()))
"""

from rsi_agents.arena.folder import ArenaFolder, read_arena_plan, read_games
from rsi_agents.arena.plan import ArenaPlan, Fixture, Stage, make_arena_plan
from rsi_agents.arena.ratings import Game, Rating, Ratings, expected_score, rate, sequential_elo
from rsi_agents.arena.record import GameRecord
from rsi_agents.arena.results import games_of, read_results
from rsi_agents.arena.runner import ArenaOutcome, play_arena
from rsi_agents.arena.standings import ArenaStanding, ArenaTable, faults_of, standings

__all__ = [
    "ArenaFolder",
    "ArenaOutcome",
    "ArenaPlan",
    "ArenaStanding",
    "ArenaTable",
    "Fixture",
    "Game",
    "GameRecord",
    "Rating",
    "Ratings",
    "Stage",
    "expected_score",
    "faults_of",
    "games_of",
    "make_arena_plan",
    "play_arena",
    "rate",
    "read_arena_plan",
    "read_games",
    "read_results",
    "sequential_elo",
    "standings",
]
