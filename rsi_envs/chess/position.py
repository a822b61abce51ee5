# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`Position`: a chess position that knows its legal actions, made for speed.

Pieces are numbered 0 to 11: White's pawn, knight, bishop, rook, queen, king, then Black's; 12 is an empty square.
Beside the bitboards, a position keeps its twelve piece planes as bytes, seen by White and by Black, so that an
observation is put together without looking at a board, and each piece's squares in a list, for positions share few
bitboards worth remembering. Nothing here allocates a move.
"""

from __future__ import annotations

import chess
import numpy as np

from rsi_envs.chess.actions import LEAPS
from rsi_envs.chess.geometry import (
    BETWEEN,
    DIAGONAL,
    DIAGONAL_MASK,
    FILE,
    FILE_MASK,
    KING,
    KNIGHT,
    NOT_FILE_A,
    NOT_FILE_H,
    OPEN_DIAGONALS,
    OPEN_LINES,
    PAWN,
    RANK,
    RANK_MASK,
    RAY,
)
from rsi_envs.chess.masks import ACTION_BYTES, MOVERS, PACKED, PAWN_ACTIONS, PIECE_ACTIONS, pawn_targets

EMPTY = 12
NO_SQUARE = 64
_PLANE_BYTES = 64
VIEW_BYTES = 14 * _PLANE_BYTES
_BLACKS_PLANE = [(piece + 6) % 12 * _PLANE_BYTES for piece in range(12)]
"""Where each piece's plane begins in Black's view."""

# Castling rights are four bits: White's king side 1 and queen side 2, Black's 4 and 8.
_RIGHT_OF_ROOK = {chess.H1: 1, chess.A1: 2, chess.H8: 4, chess.A8: 8}
_RIGHTS_LEFT = [15] * 64
"""The rights that are left when something moves from, or to, a square."""
for _square, _lost in {**_RIGHT_OF_ROOK, chess.E1: 3, chess.E8: 12}.items():
    _RIGHTS_LEFT[_square] = 15 & ~_lost


def _squares(*names: str) -> int:
    return sum(chess.BB_SQUARES[chess.parse_square(name)] for name in names)


_CASTLINGS = (
    ((4, _squares("f8", "g8"), (chess.F8, chess.G8), _squares("g8")),
     (8, _squares("b8", "c8", "d8"), (chess.D8, chess.C8), _squares("c8"))),
    ((1, _squares("f1", "g1"), (chess.F1, chess.G1), _squares("g1")),
     (2, _squares("b1", "c1", "d1"), (chess.D1, chess.C1), _squares("c1"))),
)  # fmt: skip
"""By turn: the right it takes, squares that must be empty, squares that must not be attacked, the king's target."""


class Position:
    """A position of standard chess.

    Args:
        board: A valid position without Chess960 castling rights; see `rsi_envs.chess.starts`.
    """

    __slots__ = (
        "blacks_view",
        "by_color",
        "castling",
        "check",
        "ep_is_legal",
        "ep_square",
        "fullmove_number",
        "halfmove_clock",
        "legal",
        "pieces",
        "squares",
        "standing",
        "turn",
        "whites_view",
    )

    def __init__(self, board: chess.Board) -> None:
        self.turn = int(board.turn)
        """1 when White is to move, else 0."""
        self.pieces = [board.pieces_mask(kind, color) for color in (True, False) for kind in chess.PIECE_TYPES]
        """The bitboard of each piece, 0 to 11."""
        self.by_color = [board.occupied_co[chess.BLACK], board.occupied_co[chess.WHITE]]
        """The bitboards of Black and White."""
        self.squares = bytearray([EMPTY]) * 64
        """The piece on each square."""
        self.standing: tuple[list[list[int]], list[list[int]]] = [[] for _ in range(6)], [[] for _ in range(6)]
        """By turn: the squares of that side's pawns, knights, bishops, rooks, queens and king."""
        self.castling = sum(_RIGHT_OF_ROOK[rook] for rook in chess.scan_forward(board.clean_castling_rights()))
        self.ep_square = NO_SQUARE if board.ep_square is None else board.ep_square
        """The square a pawn has just passed over, whether or not another may capture it there."""
        self.halfmove_clock, self.fullmove_number = board.halfmove_clock, board.fullmove_number
        self.whites_view, self.blacks_view = bytearray(VIEW_BYTES), bytearray(VIEW_BYTES)
        """Own pawns, knights, bishops, rooks, queens, king, then the opponent's: one byte, 0 or 1, a square.

        Two planes of 0 follow, in place of those that say whether the position has occurred before.
        """
        for piece, bitboard in enumerate(self.pieces):
            for square in chess.scan_forward(bitboard):
                self._put(piece, square)
        self.find_legal()

    def copy(self) -> Position:
        """Returns this position as one of its own."""
        twin = Position.__new__(Position)
        twin.turn, twin.castling, twin.ep_square = self.turn, self.castling, self.ep_square
        twin.halfmove_clock, twin.fullmove_number = self.halfmove_clock, self.fullmove_number
        twin.pieces, twin.by_color, twin.squares = self.pieces[:], self.by_color[:], self.squares[:]
        blacks, whites = self.standing
        twin.standing = [squares[:] for squares in blacks], [squares[:] for squares in whites]
        twin.whites_view, twin.blacks_view = self.whites_view[:], self.blacks_view[:]
        twin.legal, twin.check, twin.ep_is_legal = self.legal, self.check, self.ep_is_legal
        return twin

    def _put(self, piece: int, square: int) -> None:
        self.squares[square] = piece
        self.standing[piece < 6][piece % 6].append(square)
        self.whites_view[piece * _PLANE_BYTES + square] = 1
        self.blacks_view[_BLACKS_PLANE[piece] + (square ^ 56)] = 1

    def push(self, action: int) -> bool:
        """Plays a legal action and leaves `legal`, `check` and `ep_is_legal` to `find_legal`.

        Returns:
            Whether no earlier position can come again, as after a pawn's move, a capture, or a lost right to castle.
        """
        turn = self.turn
        origin, target, promotion = LEAPS[turn][action]  # type: ignore[misc]
        pieces, by_color, squares = self.pieces, self.by_color, self.squares
        white, black = self.whites_view, self.blacks_view
        piece, captured = squares[origin], squares[target]
        moved = 1 << origin | 1 << target
        pieces[piece] ^= moved
        kind = piece if turn else piece - 6
        standing = self.standing[turn][kind]
        standing[standing.index(origin)] = target
        by_color[turn] ^= moved
        squares[origin] = EMPTY
        squares[target] = piece
        whites, blacks = piece << 6, _BLACKS_PLANE[piece]
        white[whites + origin] = 0
        white[whites + target] = 1
        black[blacks + (origin ^ 56)] = 0
        black[blacks + (target ^ 56)] = 1
        irreversible = False
        if captured != EMPTY:
            irreversible = True
            self._take(captured, target)
        ep_square, self.ep_square = self.ep_square, NO_SQUARE
        if kind == 0:
            irreversible = True
            if target - origin in (16, -16):
                self.ep_square = origin + target >> 1
            elif target == ep_square:
                passed = target - 8 if turn else target + 8
                self._take(squares[passed], passed)
                squares[passed] = EMPTY
            elif target >> 3 in (0, 7):
                self._promote(piece, target, promotion or chess.QUEEN)
        elif kind == 5 and target - origin in (2, -2):
            corner, beside = (target + 1, target - 1) if target > origin else (target - 2, target + 1)
            self._move_rook(piece - 2, corner, beside)
        self.halfmove_clock = 0 if irreversible else self.halfmove_clock + 1
        if self.castling:
            left = self.castling & _RIGHTS_LEFT[origin] & _RIGHTS_LEFT[target]
            irreversible = irreversible or left != self.castling
            self.castling = left
        if not turn:
            self.fullmove_number += 1
        self.turn = 1 - turn
        return irreversible

    def loses_right(self, origin: int, target: int) -> bool:
        """Whether a right to castle is lost when something moves from one square to another."""
        return bool(self.castling & ~(_RIGHTS_LEFT[origin] & _RIGHTS_LEFT[target]))

    def _take(self, piece: int, square: int) -> None:
        """Takes the opponent's piece off everything but `squares`."""
        self.pieces[piece] ^= 1 << square
        self.standing[1 - self.turn][piece % 6].remove(square)
        self.by_color[1 - self.turn] ^= 1 << square
        self.whites_view[(piece << 6) + square] = 0
        self.blacks_view[_BLACKS_PLANE[piece] + (square ^ 56)] = 0

    def _promote(self, pawn: int, square: int, promotion: int) -> None:
        made = pawn + promotion - 1
        self.pieces[pawn] ^= 1 << square
        self.pieces[made] ^= 1 << square
        self.standing[self.turn][0].remove(square)
        self.whites_view[(pawn << 6) + square] = 0
        self.blacks_view[_BLACKS_PLANE[pawn] + (square ^ 56)] = 0
        self._put(made, square)

    def _move_rook(self, rook: int, corner: int, beside: int) -> None:
        moved = 1 << corner | 1 << beside
        self.pieces[rook] ^= moved
        self.by_color[self.turn] ^= moved
        self.squares[corner] = EMPTY
        self.standing[self.turn][3].remove(corner)
        self.whites_view[(rook << 6) + corner] = 0
        self.blacks_view[_BLACKS_PLANE[rook] + (corner ^ 56)] = 0
        self._put(rook, beside)

    def find_legal(self) -> None:
        """Sets `legal`, `check`, the bitboard of checkers, and `ep_is_legal`."""
        turn = self.turn
        pawns_at, knights_at, bishops_at, rooks_at, queens_at, (home,) = self.standing[turn]
        _, knights_at_, bishops_at_, rooks_at_, queens_at_, (home_,) = self.standing[1 - turn]
        if turn:
            pawns, _, _, _, _, king, pawns_, knights_, bishops_, rooks_, queens_, _ = self.pieces
        else:
            pawns_, knights_, bishops_, rooks_, queens_, _, pawns, _, _, _, _, king = self.pieces
        own, opponent = self.by_color[turn], self.by_color[1 - turn]
        occupied = own | opponent
        found: list[bytes] = []
        self.ep_is_legal = False

        checkers = KNIGHT[home] & knights_ | PAWN[turn][home] & pawns_
        pinned = 0
        snipers = OPEN_LINES[home] & (rooks_ | queens_) | OPEN_DIAGONALS[home] & (bishops_ | queens_)
        while snipers:
            s = snipers.bit_length() - 1
            snipers ^= 1 << s
            blockers = BETWEEN[home][s] & occupied
            if not blockers:
                checkers |= 1 << s
            elif not blockers & blockers - 1:
                pinned |= blockers & own
        self.check = checkers

        targets = KING[home] & ~(own | KING[home_])
        if turn:
            targets &= ~(pawns_ >> 7 & NOT_FILE_A | pawns_ >> 9 & NOT_FILE_H)
        else:
            targets &= ~(pawns_ << 7 & NOT_FILE_H | pawns_ << 9 & NOT_FILE_A)
        if targets:
            # A king does not shield the squares behind it from what checks it.
            seen_through = occupied ^ king
            for s in knights_at_:
                targets &= ~KNIGHT[s]
            for s in bishops_at_:
                if OPEN_DIAGONALS[s] & targets:
                    targets &= ~DIAGONAL[s][DIAGONAL_MASK[s] & seen_through]
            for s in rooks_at_:
                if OPEN_LINES[s] & targets:
                    targets &= ~(RANK[s][RANK_MASK[s] & seen_through] | FILE[s][FILE_MASK[s] & seen_through])
            for s in queens_at_:
                if OPEN_DIAGONALS[s] & targets:
                    targets &= ~DIAGONAL[s][DIAGONAL_MASK[s] & seen_through]
                if OPEN_LINES[s] & targets:
                    targets &= ~(RANK[s][RANK_MASK[s] & seen_through] | FILE[s][FILE_MASK[s] & seen_through])
        if not checkers:
            permitted = ~own
            if self.castling:
                targets |= self._castlings(occupied)
        elif checkers & checkers - 1:
            permitted = 0
        else:
            permitted = BETWEEN[home][checkers.bit_length() - 1] | checkers
        if targets:
            found.append(PIECE_ACTIONS[turn][home][targets])

        pawn, knight, bishop, rook, queen = MOVERS[turn]
        ray = RAY[home]
        for s in knights_at:
            if not (pinned and pinned >> s & 1):
                attacks, known = knight[s]
                targets = attacks & permitted
                if targets:
                    found.append(known[targets])
        for s in bishops_at:
            diagonals, on_diagonals, known = bishop[s]
            targets = on_diagonals[diagonals & occupied] & permitted
            if pinned and pinned >> s & 1:
                targets &= ray[s]
            if targets:
                found.append(known[targets])
        for s in rooks_at:
            rank, on_rank, file, on_file, known = rook[s]
            targets = (on_rank[rank & occupied] | on_file[file & occupied]) & permitted
            if pinned and pinned >> s & 1:
                targets &= ray[s]
            if targets:
                found.append(known[targets])
        for s in queens_at:
            rank, on_rank, file, on_file, diagonals, on_diagonals, known = queen[s]
            allowed = permitted & ray[s] if pinned and pinned >> s & 1 else permitted
            targets = (on_rank[rank & occupied] | on_file[file & occupied]) & allowed
            if targets:
                found.append(known[targets])
            targets = on_diagonals[diagonals & occupied] & allowed
            if targets:
                found.append(known[targets])
        if checkers or pawns & pinned or self.ep_square != NO_SQUARE:
            self._find_hindered_pawns(found, occupied, opponent, permitted, pinned, home)
        else:
            for s in pawns_at:
                front, attacks, known_free = pawn[s]
                found.append(known_free[occupied & front | opponent & attacks])
        self.legal = b"".join(found)
        """The legal actions in no order, each as the bytes of an `np.intp`, with which numpy indexes."""

    def legal_actions(self) -> list[int]:
        """Returns the legal actions in ascending order."""
        return sorted(np.frombuffer(self.legal, np.intp).tolist())

    def is_legal(self, action: int) -> bool:
        """Whether an action, 0 to 4671, is legal."""
        packed = PACKED[action]
        at = self.legal.find(packed)
        while at % ACTION_BYTES and at >= 0:
            # The same bytes from the middle of one action to the middle of the next.
            at = self.legal.find(packed, at + 1)
        return at >= 0

    def lacks_material(self) -> bool:
        """Whether neither side has the material to win."""
        pawns, knights, bishops, rooks, queens, _, pawns_, knights_, bishops_, rooks_, queens_, _ = self.pieces
        if pawns | pawns_ | rooks | rooks_ | queens | queens_:
            return False
        if knights | knights_:
            return (knights | knights_ | bishops | bishops_).bit_count() == 1
        all_bishops = bishops | bishops_
        return not all_bishops & chess.BB_LIGHT_SQUARES or not all_bishops & chess.BB_DARK_SQUARES

    def _find_hindered_pawns(
        self,
        found: list[bytes],
        occupied: int,
        opponent: int,
        permitted: int,
        pinned: int,
        home: int,
    ) -> None:
        """Adds the pawns' actions where a check, a pin or a capture en passant may matter."""
        turn, ep_square = self.turn, self.ep_square
        for s in self.standing[turn][0]:
            targets = pawn_targets(turn, s, occupied, opponent) & permitted
            if pinned >> s & 1:
                targets &= RAY[home][s]
            if ep_square != NO_SQUARE and PAWN[turn][s] >> ep_square & 1 and self._may_take_en_passant(s, home):
                targets |= 1 << ep_square
                self.ep_is_legal = True
            if targets:
                found.append(PAWN_ACTIONS[turn][s][targets])

    def _may_take_en_passant(self, pawn: int, home: int) -> bool:
        """Whether the king is safe after the capture, which takes two pawns off one rank."""
        passed = self.ep_square - 8 if self.turn else self.ep_square + 8
        after = (self.by_color[0] | self.by_color[1]) ^ (1 << pawn | 1 << passed | 1 << self.ep_square)
        return not self._attackers(home, after) & ~(1 << passed)

    def _castlings(self, occupied: int) -> int:
        """The squares that the king may castle to; it is not in check."""
        targets = 0
        for right, between, path, target in _CASTLINGS[self.turn]:
            free = self.castling & right and not occupied & between
            if free and not (self._attackers(path[0], occupied) or self._attackers(path[1], occupied)):
                targets |= target
        return targets

    def _attackers(self, square: int, occupied: int) -> int:
        """The opponent's pieces that attack a square when these squares are occupied."""
        first = 6 if self.turn else 0
        pawns, knights, bishops, rooks, queens, king = self.pieces[first : first + 6]
        return (
            PAWN[self.turn][square] & pawns
            | KNIGHT[square] & knights
            | KING[square] & king
            | DIAGONAL[square][DIAGONAL_MASK[square] & occupied] & (bishops | queens)
            | RANK[square][RANK_MASK[square] & occupied] & (rooks | queens)
            | FILE[square][FILE_MASK[square] & occupied] & (rooks | queens)
        )
