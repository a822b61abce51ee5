# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Games of random moves."""

from __future__ import annotations

import random

import chess
import numpy as np
from numpy.typing import NDArray

from rsi_envs.chess.afterstates import Changes, legal_actions, stacked, view_of
from rsi_envs.chess.game import Game
from rsi_envs.chess.mating import after
from tests.chess.oracle import ODD_POSITIONS


def random_games(seed: int, count: int = 6) -> list[Game]:
    """Games that go on, from usual and odd positions."""
    draw = random.Random(seed)
    boards = [chess.Board(), chess.Board(), *(chess.Board(fen) for fen in ODD_POSITIONS.values())]
    games: list[Game] = []
    while len(games) < count:
        game = Game(draw.choice(boards))
        for _ in range(draw.randrange(60)):
            if game.legal:
                game.push(draw.choice(game.legal_actions()))
        if game.legal:
            games.append(game)
    return games


def changes_and_views(games: list[Game]) -> tuple[Changes, NDArray[np.uint8]]:
    """What all legal actions change, and, played one by one, the views of what they lead to."""
    changes = Changes.of(stacked([view_of(game, game.turn) for game in games]), *legal_actions(games))
    played = zip(changes.owner.tolist(), changes.actions.tolist(), strict=True)
    return changes, stacked([view_of(after(games[owner], action), games[owner].turn) for owner, action in played])
