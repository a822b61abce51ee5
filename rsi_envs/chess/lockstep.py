# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many games at once, in which networks choose among afterstates: one matrix product a ply for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rsi_envs.chess.afterstates import Changes, legal_actions, stacked, view_of
from rsi_envs.chess.game import Game
from rsi_envs.chess.mating import mates
from rsi_envs.chess.network import Array, Network
from rsi_envs.chess.starts import Start

_SURE, _DRAWN = 1.0, 0.0
_FEWEST_TO_REPEAT = 3
"""Reversible plies before one that may repeat a position."""
_TELLING_LOSS = 0.02
"""How much worse than the best an action chosen at random must be for its outcome to tell nothing of the best."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How games are played to be learned from."""

    start: Start
    """Where they begin."""
    boards: int = 64
    """Games at the same time."""
    opening: int = 10
    """Each game begins with 0 to so many random plies."""
    epsilon: float = 0.05
    """The probability of a random action later on."""
    max_plies: int = 200
    """A game that gets as long is a draw."""
    share: float = 0.2
    """Which share of the boards rivals play one colour on."""


@dataclass(slots=True)
class Trail:
    """A game, and what was thought at each ply."""

    game: Game
    opening: int
    """Random plies that it begins with."""
    rival: int | None
    """Who plays the colour below; None where the network plays both."""
    rival_turn: int
    """1 for White, else 0."""
    views: list[bytes] = field(default_factory=list)
    """After each ply, as whoever played it sees it."""
    best: list[float] = field(default_factory=list)
    """The value of the best action at each ply, to whoever is to move, in [-1, 1]."""
    cut: list[bool] = field(default_factory=list)
    """Whether an action was drawn at random and is worse, so that what comes of it says nothing of the best."""
    result: float = 0.0
    """1 when whoever moved last has won, 0 for a draw."""


class Lockstep:
    """Plays a network against itself, and against rivals on some of the boards, for ever.

    Args:
        network: Asked anew at every ply: its weights may change in between.
        rivals: Other networks.
        terms: How games are played.
        rng: All that chance decides.
    """

    def __init__(self, network: Network, rivals: Sequence[Network], terms: Terms, rng: np.random.Generator) -> None:
        self._network, self._rivals, self._terms, self._rng = network, rivals, terms, rng
        self._rival_boards = round(terms.share * terms.boards) if rivals else 0
        self._begun = 0
        self._trails = [self._begin(board) for board in range(terms.boards)]

    def step(self) -> list[Trail]:
        """Plays one ply on every board and gives the games that have ended; others begin in their places."""
        trails, rng = self._trails, self._rng
        games = [trail.game for trail in trails]
        views = stacked([view_of(game, game.turn) for game in games])
        actions, counts = legal_actions(games)
        changes = Changes.of(views, actions, counts)
        odds = self._network.odds_after(changes)
        first = np.cumsum(counts) - counts
        preferred = self._with_rivals(odds, views, actions, counts)
        _shun_repetitions(games, (odds, preferred), actions, first)
        best = np.tanh(np.maximum.reduceat(odds, first)).tolist()
        mating = mates(games, changes)
        ended = []
        draws = rng.random(len(trails)).tolist()
        for board, (trail, begin, count) in enumerate(zip(trails, first.tolist(), counts.tolist(), strict=True)):
            at_random = False
            if board in mating:
                chosen, value, best[board] = mating[board], _SURE, _SURE
            else:
                at_random = len(trail.views) < trail.opening or draws[board] < self._terms.epsilon
                chosen = begin + int(rng.integers(count) if at_random else preferred[begin : begin + count].argmax())
                value = float(np.tanh(odds[chosen]))
            game = trail.game
            mover = game.turn
            game.push(int(actions[chosen]))
            trail.views.append(view_of(game, mover))
            trail.best.append(best[board])
            trail.cut.append(at_random and value < best[board] - _TELLING_LOSS)
            outcome = game.outcome()
            if outcome or len(trail.views) >= self._terms.max_plies:
                trail.result = 1.0 if outcome and outcome.winner is not None else 0.0
                ended.append(trail)
                trails[board] = self._begin(board)
        return ended

    def _begin(self, board: int) -> Trail:
        self._begun += 1
        rival = self._begun % len(self._rivals) if board < self._rival_boards else None
        opening = int(self._rng.integers(self._terms.opening + 1))
        return Trail(Game(self._terms.start(self._rng)), opening, rival, rival_turn=self._begun // 2 % 2)

    def _with_rivals(
        self, odds: Array, views: NDArray[np.uint8], actions: NDArray[np.intp], counts: NDArray[np.intp]
    ) -> Array:
        """Gives the odds by which each action is chosen: its network's own, where a rival is to move the rival's."""
        if not self._rival_boards:
            return odds
        odds = odds.copy()
        to_move = np.array(
            [t.rival if t.rival is not None and t.game.turn == t.rival_turn else -1 for t in self._trails]
        )
        by_action = np.repeat(to_move, counts)
        for number, rival in enumerate(self._rivals):
            theirs, seen = by_action == number, views[to_move == number]
            if len(seen):
                odds[theirs] = rival.odds_after(Changes.of(seen, actions[theirs], counts[to_move == number]))
        return odds


def _shun_repetitions(
    games: Sequence[Game], rated: Sequence[Array], actions: NDArray[np.intp], first: NDArray[np.intp]
) -> None:
    """Rates as draws, 0, actions that repeat a position and that whoever moves, being ahead, would choose.

    Args:
        games: Where they are played.
        rated: The odds that are told, and those by which actions are chosen, which may be the same.
        actions: See `rsi_envs.chess.afterstates.legal_actions`.
        first: Where each game's actions begin.
    """
    odds, preferred = rated
    for game, begin, end in zip(games, first.tolist(), [*first[1:].tolist(), len(actions)], strict=True):
        if game.halfmove_clock < _FEWEST_TO_REPEAT:
            continue
        while True:
            chosen = begin + int(preferred[begin:end].argmax())
            if preferred[chosen] <= _DRAWN or not game.repeats(int(actions[chosen])):
                break
            preferred[chosen] = _DRAWN
            odds[chosen] = min(odds[chosen], _DRAWN)
