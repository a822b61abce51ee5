# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`Game`: a position with the past that the rules and the observations look back on.

Its rules are python-chess's, to which the tests hold it ply by ply.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

import chess

from rsi_envs.chess.actions import LEAPS, leap_action, move_of
from rsi_envs.chess.position import EMPTY, VIEW_BYTES, Position

DrawRules = Literal["claim", "forced"]
"""Whether a draw that a player may claim ends the game, or only one that needs no claim."""

HISTORY = 8
"""Positions that an observation looks back on, the present one among them."""
PIECE_BYTES = 12 * 64
_SQUARES = 64
_PAWNS = (0, 6)
_SQUARE = 0xFF
_TWICE, _OFTEN = b"\1" * 64 + bytes(64), b"\1" * 128
_BEFORE_THE_START = [bytes(VIEW_BYTES)] * HISTORY


class Game(Position):
    """A game of standard chess from any valid position.

    Args:
        board: Where it starts; see `rsi_envs.chess.starts`. The moves that led there are not looked at.
    """

    __slots__ = (
        "_board",
        "_seen",
        "actions",
        "blacks_past",
        "is_dead",
        "occurrences",
        "repeated",
        "start",
        "whites_past",
    )

    def __init__(self, board: chess.Board) -> None:
        super().__init__(board)
        self.start = board.copy(stack=False)
        self._board = self.start.copy()
        self.actions: list[int] = []
        """Every action played, in order."""
        self.whites_past: deque[bytes] = deque(_BEFORE_THE_START, HISTORY)
        """The last eight positions as White sees them, the latest first: 12 piece planes, then 2 of repetition."""
        self.blacks_past: deque[bytes] = deque(_BEFORE_THE_START, HISTORY)
        self._seen: tuple[dict[bytes, int], dict[bytes, int]] = {}, {}
        """By turn: how often each position has occurred since the last irreversible action."""
        self.repeated: tuple[list[bytes], list[bytes]] = [], []
        """By turn: those among them that have occurred at least twice."""
        self.is_dead = self.lacks_material()
        """Whether neither side has the material to win."""
        self._arrive()

    def push(self, action: int) -> bool:
        """Plays a legal action; see `Position.push`. An illegal one spoils the game."""
        irreversible = Position.push(self, action)
        self.find_legal()
        self.actions.append(action)
        if irreversible:
            self._seen[0].clear()
            self._seen[1].clear()
            self.repeated = [], []
            self.is_dead = self.lacks_material()
        self._arrive()
        return irreversible

    def _arrive(self) -> None:
        """Notes the position that the game has come to."""
        # Whether a pawn may be taken en passant tells positions apart; castling rights can't differ, see `push`.
        key = bytes(self.squares)
        if self.ep_is_legal:
            key += b"e"
        seen = self._seen[self.turn]
        count = seen.get(key, 0) + 1
        self.occurrences = seen[key] = count
        """How often the position has occurred, now included."""
        white, black = self.whites_view, self.blacks_view
        if count == 1:
            self.whites_past.appendleft(bytes(white))
            self.blacks_past.appendleft(bytes(black))
            return
        if count == 2:
            self.repeated[self.turn].append(key)
        repetition = _TWICE if count == 2 else _OFTEN
        self.whites_past.appendleft(bytes(white[:PIECE_BYTES]) + repetition)
        self.blacks_past.appendleft(bytes(black[:PIECE_BYTES]) + repetition)

    def outcome(self, rules: DrawRules = "claim") -> chess.Outcome | None:
        """Says how the game has ended; None while it goes on.

        Args:
            rules: "claim" ends the game with a draw as soon as the player to move may claim one, by fifty moves or by
                threefold repetition, also one that a legal move would bring about: what python-chess calls
                `outcome(claim_draw=True)`. "forced" ends it only by seventy-five moves or fivefold repetition.

        Source: FIDE Laws of Chess (2023), articles 5.2, 9.2, 9.3 and 9.6.
        """
        if (
            self.halfmove_clock < 99
            and self.occurrences < 3
            and not self.repeated[1 - self.turn]
            and not self.is_dead
            and self.legal
        ):
            return None
        return self._outcome(rules)

    def _outcome(self, rules: DrawRules) -> chess.Outcome | None:
        stuck = not self.legal
        if stuck and self.check:
            return chess.Outcome(chess.Termination.CHECKMATE, not self.turn)
        ends = (
            (self.is_dead, chess.Termination.INSUFFICIENT_MATERIAL),
            (stuck, chess.Termination.STALEMATE),
            (self.halfmove_clock >= 150, chess.Termination.SEVENTYFIVE_MOVES),
            (self.occurrences >= 5, chess.Termination.FIVEFOLD_REPETITION),
            (rules == "claim" and self._may_claim_fifty_moves(), chess.Termination.FIFTY_MOVES),
            (rules == "claim" and self._may_claim_repetition(), chess.Termination.THREEFOLD_REPETITION),
        )
        return next((chess.Outcome(termination, None) for holds, termination in ends if holds), None)

    def _may_claim_fifty_moves(self) -> bool:
        if self.halfmove_clock != 99:
            return self.halfmove_clock > 99
        # The hundredth ply must not itself end the game.
        return any(self._goes_on_after(action) for action in self.legal_actions())

    def _goes_on_after(self, action: int) -> bool:
        after = self.copy()
        if after.push(action) and after.halfmove_clock == 0:
            return False
        after.find_legal()
        return bool(after.legal)

    def _may_claim_repetition(self) -> bool:
        return self.occurrences >= 3 or any(_leads_to(self, key) for key in self.repeated[1 - self.turn])

    def repeats(self, action: int) -> bool:
        """Whether a legal action leads to a position that has been, or lets the other side claim a repetition.

        Args:
            action: What it leads to counts as a draw to whoever does not want one: it has occurred since the last
                irreversible action, or a reply leads to what has occurred twice.
        """
        turn, squares = self.turn, self.squares
        origin, target, _ = LEAPS[turn][action]  # type: ignore[misc]
        if squares[origin] in _PAWNS or squares[target] != EMPTY or self.loses_right(origin, target):
            return False
        led_to = squares[:]
        led_to[origin], led_to[target] = EMPTY, squares[origin]
        if bytes(led_to) in self._seen[1 - turn]:
            return True
        twice = self.repeated[turn]
        if not twice:
            return False
        child = self.copy()
        child.push(action)
        child.find_legal()
        return any(_leads_to(child, key) for key in twice)

    def board(self) -> chess.Board:
        """Returns the game as python-chess has it, with its move stack.

        It is the same object every time, brought up to date: copy it before you change it.
        """
        for action in self.actions[len(self._board.move_stack) :]:
            self._board.push(move_of(action, self._board))
        return self._board


def _leads_to(position: Position, key: bytes) -> bool:
    """Whether one legal action leads to this earlier position, in which the other side is to move."""
    if len(key) > _SQUARES:
        return False
    now = position.squares
    differing = int.from_bytes(now, "little") ^ int.from_bytes(key, "little")
    first, last = (differing & -differing).bit_length() - 1 >> 3, differing.bit_length() - 1 >> 3
    if first == last or differing & ~(_SQUARE << 8 * first | _SQUARE << 8 * last):
        return False
    origin, target = (first, last) if key[first] == EMPTY else (last, first)
    if key[origin] != EMPTY or now[target] != EMPTY or key[target] != now[origin]:
        return False
    action = leap_action(origin, target, position.turn)
    return action is not None and position.is_legal(action)
