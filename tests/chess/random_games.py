# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Games of random moves."""

from __future__ import annotations

import random

import chess

from rsi_envs.chess.game import Game
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
