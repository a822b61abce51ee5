# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every word that an agent reads in rsi/ChessText-v0, but for why a move can't be read (`rsi_envs.chess.reading`)."""

SYSTEM = "You are a strong chess player."

ASSIGNMENT = """\
You play a game of chess with the {side} pieces. Win it.

{news}{position}
At each turn, reply with one legal move. After {forgiven} unreadable or illegal replies at one turn you lose the game.

{form}"""

NEXT = """\
{news}{position}
Your next move, in the same form:

<move>YOUR MOVE</move>"""

OPPONENT_MOVED = """\
{side} has played {move}.

"""

POSITION = "FEN: {fen}\n"

DIAGRAM = """
The board, White's pieces in capitals:

{diagram}
"""

LEGAL_MOVES = """
Legal moves: {moves}
"""

HISTORY = """
The game so far: {moves}
"""

FORMS = {
    "uci": """\
Write the move in a tag, as the square it leaves and the square it reaches (castling as the king's move; a promotion \
adds q, r, b or n):

<move>YOUR MOVE</move>""",
    "san": """\
Write the move in a tag, in standard algebraic notation:

<move>YOUR MOVE</move>""",
}

MALFORMED = """\
No move was played: {reason}.

{left}. Reply with one legal move in a tag:

<move>YOUR MOVE</move>"""

REPLIES_LEFT = "Replies left at this turn: {count}"

CLOSING = "The game is over: {reason}."
