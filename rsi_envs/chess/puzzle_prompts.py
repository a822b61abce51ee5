# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every word that an agent reads in rsi/ChessPuzzle-v0, but for why a move can't be read (`rsi_envs.chess.reading`)."""

SYSTEM = "You are a strong chess player who solves chess puzzles."

ASSIGNMENT = """\
Solve this chess puzzle.

{position}
{lead}You play {side}. {goal}

{form}"""

POSITION = "FEN: {fen}\n"

DIAGRAM = """
The board, White's pieces in capitals:

{diagram}
"""

LEGAL_MOVES = """
Legal moves: {moves}
"""

LEAD = "{opponent} has just played {move}. "

GOAL_MATE = "Checkmate in {moves}: {opponent} can't escape however it defends."
GOAL_MATE_NOW = "Checkmate in one move."
GOALS = {"win": "Find a move that wins.", "draw": "Find a move that holds the draw."}
GOAL_BEST = "Find the best move."
GOAL_LINE = "Find the best move, and go on with the best move after each reply."

FORMS = {
    "uci": """\
Reply with one move in a tag, written as the square it leaves and the square it reaches (castling as the king's move; \
a promotion adds q, r, b or n):

<move>YOUR MOVE</move>""",
    "san": """\
Reply with one move in a tag, in standard algebraic notation:

<move>YOUR MOVE</move>""",
}

RIGHT = """\
Right. {opponent} replies {move}.

{position}
Your next move, in the same form:

<move>YOUR MOVE</move>"""

MALFORMED = """\
No move was played: {reason}.

{left}. Reply with one move in a tag:

<move>YOUR MOVE</move>"""

RETRIES_LEFT = "Replies left for this move: {count}"

SOLVED = "Solved: {move}."
WRONG = "Wrong: {move}. The puzzle is lost; a right move was {right}."
LOST = "The puzzle is lost: {reason}."
