# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""rsi/ChessPuzzle-v0: find the best line from a position."""

from __future__ import annotations

import chess
from gymnasium.error import ResetNeeded

from rsi_envs.chess import prompts
from rsi_envs.chess.puzzle_rules import judge, opening_board, right_move, rule_on, tempting_mistake
from rsi_envs.chess.puzzles import Puzzle, load_puzzles
from rsi_envs.chess.reading import read_move
from rsi_envs.chess.story import puzzle_story, score_sheet
from rsi_envs.chess.telling import Notation, Telling, side
from rsi_envs.core.errors import TaskNotFound
from rsi_envs.core.options import check_count
from rsi_envs.core.tasks import Split
from rsi_envs.core.text import Opening, TextEnv, Turn

SOLUTION, MISTAKE = "solution", "mistake"


class ChessPuzzleEnv(TextEnv):
    """Find the best line from a chess position.

    ## Description
    The agent reads a position and what there is to find: a forced mate, the move that wins or holds an endgame, or the
    best moves. It plays one move a turn; the environment answers with the opponent's, until the line is found or a
    move is wrong.

    ## Action Space
    Text of up to 100,000 characters: the reply, with one move in a tag, as in `<move>e2e4</move>`. Other forms are read
    too (see `rsi_envs.chess.reading`).

    ## Observation Space
    Text of up to 100,000 characters. First the position, the side to play and the goal, ending with the form of the
    reply; later the opponent's move and the position after it, or why no move was read.

    ## Starting State
    A puzzle drawn uniformly from the split by `reset(seed=…)`, or the one that `reset(options={"task_id": …})` names.
    The shipped set has 100 puzzles in each split: 60 mates in one, two and three moves, found by search in random
    games, and 40 endgames of three and four men that tablebases have decided.

    ## Rewards
    Each right move earns its share of the line, so that a solved puzzle earns 1 in all; a move that checkmates earns
    what is left. Everything else earns 0. The verdict's score is the sum.

    ## Episode End
    Terminated when the puzzle is solved, by the first wrong move, or by more than `retries` unreadable or illegal
    replies at one move. Which moves are right is documented in `rsi_envs.chess.puzzle_rules`.

    ## Information
    `legal_actions`: every legal move as an action; empty after the end. `malformed`: why no move was read.
    `verdict["passed"]`: whether the puzzle is solved. `verdict["parts"]`: `moves_found` of `moves`; `rating` and
    `rating_deviation` of the puzzle, where known, from which `rsi_envs.chess.puzzle_rating` estimates the solver's. On
    the last step `game`: the `start` in FEN, the `moves` of both sides in UCI, the wrong one too, the agent's `color`,
    and as `right` a move that was right where the last was wrong.

    ## Arguments
    * `tasks`: None for the shipped set; an EPD file (`.epd`) or Lichess's puzzle CSV (`.csv`), also with `.gz`.
    * `split`: "train" or "test", what `reset` draws from. A file's puzzles are in "test" unless it says otherwise.
    * `retries`: unreadable or illegal replies that are forgiven at each move, at least 0.
    * `notation`: how moves are written and asked for, "uci" (e2e4) or "san" (Nf3); both are read.
    * `diagram`: whether the board is drawn beneath its FEN.
    * `legal_moves`: whether the legal moves are listed.
    * `render_mode`: None or "ansi".

    Raises:
        InvalidOption: An argument that makes no sense.
        TaskFileError: `tasks` can't be used; names path, line and field.
    """

    system_prompt = prompts.PUZZLE_SYSTEM
    story = staticmethod(puzzle_story)

    def __init__(
        self,
        *,
        tasks: str | None = None,
        split: Split = "train",
        retries: int = 2,
        notation: Notation = "uci",
        diagram: bool = True,
        legal_moves: bool = False,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(render_mode=render_mode, split=split)
        check_count("retries", retries, least=0)
        self.retries = retries
        self._telling = Telling(notation, diagram, legal_moves)
        self._puzzles = load_puzzles(tasks)
        self._playing: Puzzle | None = None
        self._board = chess.Board()
        self._found, self._retries_left = 0, retries

    @property
    def puzzle(self) -> Puzzle:
        """The current puzzle.

        Raises:
            ResetNeeded: No episode has begun.
        """
        if self._playing is None:
            raise ResetNeeded("call reset() first; there is no puzzle yet")
        return self._playing

    def board(self) -> chess.Board:
        """Returns a copy of the position, with the moves of this episode on its stack."""
        return self._board.copy()

    def action_of(self, move: chess.Move) -> str:
        """Writes a legal move of the present position as an action."""
        return self._telling.action(move, self._board)

    def task_ids(self, split: Split | None = None) -> tuple[str, ...]:
        """See `TextEnv.task_ids`."""
        return self._puzzles.ids(split)

    def reference_action(self, level: str) -> str:
        """See `TextEnv.reference_action`; "solution" is a right move in the present position, "mistake" a wrong one.

        Raises:
            TaskNotFound: Another level is asked for, every move is right, or the puzzle is over.
            ResetNeeded: No episode has begun.
        """
        puzzle = self.puzzle
        if level not in (SOLUTION, MISTAKE):
            raise TaskNotFound(f"puzzle {puzzle.id!r} has no reference {level!r}; its levels: {SOLUTION}, {MISTAKE}")
        if self._over:
            raise TaskNotFound(f"puzzle {puzzle.id!r} is over; call reset() before asking for its references")
        move = right_move(puzzle, self._board) if level == SOLUTION else tempting_mistake(puzzle, self._board)
        if move is None:
            raise TaskNotFound(f"puzzle {puzzle.id!r} has no reference {level!r} here: every move is right")
        return self.action_of(move)

    def reference_worth(self) -> dict[str, float]:
        """See `TextEnv.reference_worth`: what the two moves score at once; no mistake where every move is right."""
        if self._over:
            return {}
        worth = {SOLUTION: 1.0 / self.puzzle.moves}
        return worth if tempting_mistake(self.puzzle, self._board) is None else worth | {MISTAKE: 0.0}

    def _open(self, task_id: str | None) -> Opening:
        puzzle = self._puzzles.pick(self.np_random, self.split) if task_id is None else self._puzzles.get(task_id)
        self._playing, self._board = puzzle, opening_board(puzzle)
        self._found, self._retries_left = 0, self.retries
        text = prompts.PUZZLE_ASSIGNMENT.format(
            position=self._telling.position(self._board),
            lead=self._lead(puzzle),
            side=side(self._board.turn),
            goal=_goal(puzzle, side(not self._board.turn)),
            form=self._telling.form,
        )
        return Opening(text, puzzle.id, puzzle.split, self._telling.legal_actions(self._board))

    def _respond(self, action: str) -> Turn:
        reading = read_move(action, self._board)
        return self._refuse(reading.problem) if reading.move is None else self._play(reading.move)

    def _play(self, move: chess.Move) -> Turn:
        puzzle, written = self.puzzle, self._telling.write(move, self._board)
        ruling = rule_on(puzzle, self._board, move)
        if not ruling.right:
            right = right_move(puzzle, self._board)
            told = prompts.PUZZLE_WRONG.format(move=written, right=self._telling.write(right, self._board))
            self._board.push(move)
            return self._end(0.0, told, right=right)
        before, self._found = self._found, puzzle.moves if ruling.solved else self._found + 1
        reward = (self._found - before) / puzzle.moves
        self._board.push(move)
        if ruling.reply is None:
            return self._end(reward, prompts.PUZZLE_SOLVED.format(move=written))
        reply = self._telling.write(ruling.reply, self._board)
        self._board.push(ruling.reply)
        self._retries_left = self.retries
        text = prompts.PUZZLE_RIGHT.format(
            opponent=side(not self._board.turn), move=reply, position=self._telling.position(self._board)
        )
        return Turn(text, reward, legal_actions=self._telling.legal_actions(self._board))

    def _refuse(self, reason: str) -> Turn:
        """An unreadable or illegal reply uses up a retry; with none left, the puzzle is lost."""
        if not self._retries_left:
            return self._end(0.0, prompts.PUZZLE_LOST.format(reason=reason), malformed=reason)
        self._retries_left -= 1
        text = prompts.MALFORMED.format(reason=reason, count=self._retries_left + 1)
        return Turn(text, malformed=reason, legal_actions=self._telling.legal_actions(self._board))

    def _end(self, reward: float, text: str, malformed: str | None = None, *, right: chess.Move | None = None) -> Turn:
        verdict = judge(self.puzzle, self._found, text)
        moves = [move.uci() for move in self._board.move_stack]
        game = score_sheet(self._board.root(), moves, opening_board(self.puzzle).turn, {})
        if right is not None:
            game["right"] = right.uci()
        return Turn(
            text, reward, terminated=True, verdict=verdict, malformed=malformed, legal_actions=(), extra={"game": game}
        )

    def _lead(self, puzzle: Puzzle) -> str:
        if puzzle.lead is None:
            return ""
        before = chess.Board(puzzle.fen)
        move = self._telling.write(chess.Move.from_uci(puzzle.lead), before)
        return prompts.PUZZLE_LEAD.format(opponent=side(before.turn), move=move)


def _goal(puzzle: Puzzle, opponent: str) -> str:
    if puzzle.mate_in is not None:
        text = prompts.PUZZLE_MATE_NOW if puzzle.mate_in == 1 else prompts.PUZZLE_MATE
        return text.format(moves=puzzle.mate_in, opponent=opponent)
    if puzzle.goal:
        return prompts.PUZZLE_GOALS[puzzle.goal]
    return prompts.PUZZLE_BEST if puzzle.moves == 1 else prompts.PUZZLE_LINE
