# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading one move out of a reply, whatever way it is written.

Where it is looked for, in this order; what comes first decides, and nothing else is read:

1. The last `<move>…</move>` tag; one that is never closed goes on to the end.
2. The last line that says "move:" or "answer:" (a few words may stand between, as in "My move is:") with a notation
   behind the colon.
3. The whole reply.

There, every notation counts:

* coordinates: `e2e4`, `e2-e4`, `e2 to e4`, `e7e8q`, `e7e8=Q`, in either case; `B4f6` is the bishop's move where one on
  that rank may make it;
* standard algebraic notation: `Nf3`, `exd5`, `O-O`, `0-0`, `e8=Q+`, also long (`Ng1-f3`) and with `!` or `?`;
* a piece in words: "knight to f3", "queen takes d5";
* a square alone, `e4`, which is a pawn's move, but only where it can hardly be anything else: at the start of a line,
  in bold, quotes, backticks or any tag, behind a colon or a move's number, or behind "play", "move", "is", "push",
  "choose" or "pawn" (and "to").

Notations of moves that are not legal now are passed over, because replies repeat the opponent's move and look ahead.
If those left are all the same move, it is that one; if they differ, or none is left, no move is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import chess

_TAG = re.compile(r"<move>((?:(?!<move>).)*?)(?:</move>|\Z)", re.IGNORECASE | re.DOTALL)
_LABEL = re.compile(r"\b(?:move|answer)\b[^\n:.;,]{0,20}:(.*)", re.IGNORECASE)
_NOTATION = re.compile(
    r"""(?<![A-Za-z0-9/])(?:
        (?P<worded>(?i:king|queen|rook|bishop|knight)) \s+ (?i:to|takes|x) \s+ (?:on\s+)? (?P<goal>(?i:[a-h])[1-8])
      | (?P<castling>[Oo0]-[Oo0](?:-[Oo0])?)
      | (?P<origin>(?i:[a-h])[1-8]) (?:[-x]|\s*(?:->|→|\bto\b)\s*)? (?P<target>(?i:[a-h])[1-8]) =?(?P<made>[QRBNqrbn])?
      | (?P<san>[KQRBN][a-h]?[1-8]?[-x]?[a-h][1-8] | [a-h]x[a-h][1-8](?:=?[QRBNqrbn])? | [a-h][18]=?[QRBNqrbn])
      | (?P<square>(?i:[a-h])[1-8])
    )(?![A-Za-z0-9/])""",
    re.VERBOSE,
)
_BISHOP = re.compile(r"B[1-8][-x]?[a-h][1-8]\Z")
"""A bishop, told by its rank, which reads like coordinates in mixed case."""
_BEFORE_A_SQUARE = re.compile(
    r"""(?:
        (?:^|\n)\W*
      | [:*`"'\u201c\u2018<>]\s*
      | (?<![a-h\d])\d{1,3}\.+\s*
      | \b(?:play|move|is|push|choose|pawn)\s+(?:to\s+)?
    )\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_LETTERS = {"king": "K", "queen": "Q", "rook": "R", "bishop": "B", "knight": "N"}
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in a reply."""

    move: chess.Move | None
    """A legal move; None when there is not exactly one."""
    problem: str = ""
    """Why no move was read, in words for the agent; empty when one was."""


def read_move(reply: str, board: chess.Board) -> Reading:
    """Reads the move in a reply; the module's docstring says how.

    Args:
        reply: What the agent said.
        board: The position, which is not changed.

    Source: the Portable Game Notation specification (1994), section 8.2.3, for algebraic notation.
    """
    notations = _notations(_where_to_look(reply))
    if not notations:
        return Reading(None, "there is no move in the reply")
    legal: dict[chess.Move, str] = {}
    problems: dict[str, str] = {}
    for notation in notations:
        found = _understand(notation, board)
        if isinstance(found, chess.Move):
            legal.setdefault(found, notation.text)
        else:
            problems.setdefault(notation.text, found)
    if len(legal) == 1:
        return Reading(next(iter(legal)))
    if legal:
        return Reading(None, f"the reply holds several different moves: {', '.join(legal.values())}")
    reasons = [f"{text} is not legal: {problem}" for text, problem in problems.items()]
    return Reading(None, "; ".join(reasons[-_MOST_REASONS:]))


@dataclass(frozen=True, slots=True)
class _Notation:
    text: str
    """As the agent wrote it."""
    san: str = ""
    """In algebraic notation that python-chess reads; empty for what is none."""
    uci: str = ""
    """In coordinates; empty for what is none. `B4f6` is both, and algebraic notation if that is legal."""


def _where_to_look(reply: str) -> str:
    tags = _TAG.findall(reply)
    if tags:
        return str(tags[-1])
    for rest in reversed(_LABEL.findall(reply)):
        text = str(rest).lstrip(" \t*_`\"'")
        if _notations(text):
            return text
    return reply


def _notations(text: str) -> list[_Notation]:
    found = []
    for match in _NOTATION.finditer(text):
        part, written = match.groupdict(), match[0]
        if part["worded"]:
            found.append(_Notation(written, san=_LETTERS[part["worded"].lower()] + part["goal"].lower()))
        elif part["castling"]:
            found.append(_Notation(written, san=written.upper().replace("0", "O")))
        elif part["origin"]:
            coordinates = part["origin"] + part["target"] + (part["made"] or "")
            found.append(_Notation(written, written if _BISHOP.match(written) else "", coordinates.lower()))
        elif part["san"]:
            found.append(_Notation(written, san=written))
        elif _BEFORE_A_SQUARE.search(text, max(0, match.start() - 40), match.start()):
            found.append(_Notation(written, san=written.lower()))
    return found


def _understand(notation: _Notation, board: chess.Board) -> chess.Move | str:
    """Finds the legal move that a notation means, or says why there is none."""
    if notation.san and notation.uci:
        as_san = _understand(_Notation(notation.text, san=notation.san), board)
        return _understand(_Notation(notation.text, uci=notation.uci), board) if isinstance(as_san, str) else as_san
    if notation.uci:
        if notation.uci[:2] == notation.uci[2:4]:
            return "it leaves the piece where it is"
        move = chess.Move.from_uci(notation.uci)
        return move if board.is_legal(move) else _why_illegal(move, board)
    try:
        return board.parse_san(notation.san)
    except chess.AmbiguousMoveError:
        fitting = ", ".join(board.san(move) for move in _fitting(notation.san, board.legal_moves, board))
        return f"it may mean any of {fitting}"
    except ValueError:
        return _why_no_such(notation.san, board)


def _why_illegal(move: chess.Move, board: chess.Board) -> str:
    origin, target = chess.square_name(move.from_square), chess.square_name(move.to_square)
    piece = board.piece_at(move.from_square)
    if piece is None:
        return f"there is no piece on {origin}"
    if piece.color != board.turn:
        return f"the piece on {origin} is the opponent's"
    if board.is_pseudo_legal(move):
        return _in_check(board)
    if piece.piece_type == chess.KING and abs(move.to_square - move.from_square) == 2:
        return "castling is not possible now"
    if move.promotion is None and board.is_legal(chess.Move(move.from_square, move.to_square, chess.QUEEN)):
        return f"say what the pawn becomes, as in {origin}{target}q"
    if move.promotion and board.is_legal(chess.Move(move.from_square, move.to_square)):
        return "only a pawn that reaches the last rank becomes another piece"
    return f"the {chess.piece_name(piece.piece_type)} on {origin} can't go to {target}"


def _why_no_such(san: str, board: chess.Board) -> str:
    if san.startswith("O"):
        return "castling is not possible now"
    kind = _kind(san)
    if kind == chess.PAWN and _fitting(san, board.legal_moves, board):
        return f"say what the pawn becomes, as in {san}=Q"
    if _fitting(san, board.pseudo_legal_moves, board):
        return _in_check(board)
    return f"no {chess.piece_name(kind)} of yours can go there"


def _in_check(board: chess.Board) -> str:
    return "it leaves your king in check" if board.is_check() else "it puts your own king in check"


def _kind(san: str) -> chess.PieceType:
    return chess.PIECE_SYMBOLS.index(san[0].lower()) if san[0] in "KQRBN" else chess.PAWN


def _fitting(san: str, moves: Iterable[chess.Move], board: chess.Board) -> list[chess.Move]:
    """The moves of this kind of piece to this square."""
    target = chess.parse_square(re.findall(r"[a-h][1-8]", san)[-1])
    return [move for move in moves if move.to_square == target and board.piece_type_at(move.from_square) == _kind(san)]
