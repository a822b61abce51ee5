# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every word that an agent reads in rsi/ChessText-v0 and rsi/ChessPuzzle-v0, but for why a move can't be read.

That is in `rsi_envs.chess.reading`.
"""

POSITION = "FEN: {fen}\n"

DIAGRAM = """
The board, White's pieces in capitals:

{diagram}
"""

HISTORY = """
The game so far: {moves}
"""

LEGAL_MOVES = """
Legal moves: {moves}
"""

MALFORMED = """\
No move was played: {reason}.

Replies left at this turn: {count}. Reply with one legal move in a tag:

<move>YOUR MOVE</move>"""

FORMS = {
    "uci": """\
Write the move in a tag, as the square it leaves and the square it reaches (castling as the king's move; a promotion \
adds q, r, b or n):

<move>YOUR MOVE</move>""",
    "san": """\
Write the move in a tag, in standard algebraic notation:

<move>YOUR MOVE</move>""",
}

GAME_SYSTEM = "You are a strong chess player."

GAME_ASSIGNMENT = """\
You play a game of chess with the {side} pieces. Win it.

{news}{position}
At each turn, reply with one legal move. After {forgiven} unreadable or illegal replies at one turn you lose the game.

{form}"""

GAME_NEXT = """\
{news}{position}
Your next move, in the same form:

<move>YOUR MOVE</move>"""

GAME_NEWS = """\
{side} has played {move}.

"""

GAME_CLOSING = "The game is over: {reason}."

PUZZLE_SYSTEM = "You are a strong chess player who solves chess puzzles."

PUZZLE_ASSIGNMENT = """\
Solve this chess puzzle.

{position}
{lead}You play {side}. {goal}

Reply with one move. {form}"""

PUZZLE_LEAD = "{opponent} has just played {move}. "

PUZZLE_MATE = "Checkmate in {moves}: {opponent} can't escape however it defends."
PUZZLE_MATE_NOW = "Checkmate in one move."
PUZZLE_GOALS = {"win": "Find a move that wins.", "draw": "Find a move that holds the draw."}
PUZZLE_BEST = "Find the best move."
PUZZLE_LINE = "Find the best move, and go on with the best move after each reply."

PUZZLE_RIGHT = """\
Right. {opponent} replies {move}.

{position}
Your next move, in the same form:

<move>YOUR MOVE</move>"""

PUZZLE_SOLVED = "Solved: {move}."
PUZZLE_WRONG = "Wrong: {move}. The puzzle is lost; a right move was {right}."
PUZZLE_LOST = "The puzzle is lost: {reason}."
