# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""rsi/ChessText-v0: chess for language models, against a named opponent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, get_args

import chess

from rsi_envs.chess import prompts
from rsi_envs.chess.errors import InvalidPosition
from rsi_envs.chess.evaluation import Evaluator
from rsi_envs.chess.game import DrawRules
from rsi_envs.chess.match import Colors, draw_color
from rsi_envs.chess.opponents import SELF_PLAY
from rsi_envs.chess.reading import read_move
from rsi_envs.chess.reward import DRAW_REWARD, LOSS_REWARD, WIN_REWARD, describe, result_for, verdict_of
from rsi_envs.chess.starts import read_start
from rsi_envs.chess.story import game_story, score_sheet
from rsi_envs.chess.telling import Notation, Telling, side
from rsi_envs.core.agents import SeatedAgent
from rsi_envs.core.errors import TaskNotFound
from rsi_envs.core.options import check_choice, check_count
from rsi_envs.core.text import Opening, TextEnv, Turn

_MOST_OPENINGS = 100


class ChessTextEnv(TextEnv):
    """Play chess in words against a named opponent.

    ## Description
    A game of standard chess. The agent reads the position and replies with a move; a named opponent, which reads and
    writes the same way, plays the other side.

    ## Action Space
    Text of up to 100,000 characters: the reply, with one move in a tag, as in `<move>e2e4</move>`. Other forms are read
    too (see `rsi_envs.chess.reading`).

    ## Observation Space
    Text of up to 100,000 characters. First the side, the position and the form of the reply; later the opponent's move
    and the position after it, or why no move was read.

    ## Starting State
    The usual position, or what `start` says. If the agent plays Black, the opponent has moved already.

    ## Rewards
    0 until the game ends, then the verdict's score: 1 for a win, 0.5 for a draw, 0 for a loss; in self-play, to the
    side that moved last.

    ## Episode End
    Terminated by checkmate, stalemate, insufficient material, draws as `draws` says, or when a side has given more
    than `retries` unreadable or illegal replies at one turn, and so loses. Truncated, and counted as a draw, after
    `max_plies`.

    ## Information
    `legal_actions`: every legal move as an action; empty after the end. `malformed`: why no move was read.
    `metrics["centipawn_loss"]`, with `analysis_engine`: how much the agent's move lost, 0 to 2000.
    `verdict["parts"]["plies"]`: the game's length. On the last step `game`: its `start` in FEN, the `moves` of both
    sides in UCI, the agent's `color` unless it plays both, and with `analysis_engine` as `evaluations` what White could
    expect, 0 to 1, in each position that was evaluated, None in the others.

    ## Arguments
    * `opponent`: "self", or an agent's name, such as "random", "uci:stockfish?nodes=1000" or "llm:openai/gpt-4o".
    * `color`: what the agent plays: "white", "black", "random", or "alternate": White with an even seed and Black with
      an odd one, and the other colour after each reset without a seed.
    * `start`: None, a FEN, or material such as "KRvK" (White's, then Black's) for random positions, White to move.
    * `draws`: "claim" ends the game as soon as the side to move may claim a draw by fifty moves or threefold
      repetition; "forced" only when seventy-five moves or fivefold repetition end it without a claim.
    * `max_plies`: the longest game, in moves of both sides together; None for no bound.
    * `retries`: unreadable or illegal replies that are forgiven at each turn, at least 0.
    * `notation`: how moves are written and asked for, "uci" (e2e4) or "san" (Nf3); both are read.
    * `diagram`, `legal_moves`, `history`: whether the board is drawn, the legal moves are listed, and the moves so far.
    * `analysis_engine`: None, or a UCI engine such as "stockfish" that measures the agent's moves.
    * `analysis_nodes`: positions it may search for an evaluation.
    * `render_mode`: None or "ansi".

    Raises:
        InvalidOption: An argument that makes no sense; `InvalidPosition` for a start that can't be played.
        EngineNotFound: `analysis_engine` is not there.
    """

    system_prompt = prompts.GAME_SYSTEM
    story = staticmethod(game_story)

    def __init__(
        self,
        *,
        opponent: str = "random",
        color: Colors = "alternate",
        start: str | None = None,
        draws: DrawRules = "claim",
        max_plies: int | None = None,
        retries: int = 2,
        notation: Notation = "uci",
        diagram: bool = True,
        legal_moves: bool = False,
        history: bool = False,
        analysis_engine: str | None = None,
        analysis_nodes: int = 10_000,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(render_mode=render_mode)
        check_choice("color", color, get_args(Colors))
        check_choice("draws", draws, get_args(DrawRules))
        check_count("max_plies", max_plies, optional=True)
        check_count("retries", retries, least=0)
        check_count("analysis_nodes", analysis_nodes)
        self._color, self._draws, self._max_plies = color, draws, max_plies
        self._retries = retries
        self._telling = Telling(notation, diagram, legal_moves, history)
        self._start = read_start(start, draws)
        self._opponent = None if opponent == SELF_PLAY else SeatedAgent(opponent)
        self._evaluator = Evaluator(analysis_engine, nodes=analysis_nodes) if analysis_engine else None
        self._board = chess.Board()
        self.agent_color = chess.BLACK
        """The agent's colour in the present game; in self-play, that of whoever moves first."""
        self._retries_left = retries
        self._seed: int | None = None
        self._last_move = ""
        self._has_read: set[chess.Color] = set()
        self._chances: dict[int, float] = {}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begins a game; see `TextEnv.reset`. There are no tasks.

        Raises:
            InvalidPosition: The opponent's first move ended every game.
            EnvironmentFault: The opponent could not make the first move.
        """
        self._seed = seed
        return super().reset(seed=seed, options=options)

    def board(self) -> chess.Board:
        """Returns the game with its moves. Copy it before you change it."""
        return self._board

    def action_of(self, move: chess.Move) -> str:
        """Writes a legal move of the present position as an action."""
        return self._telling.action(move, self._board)

    def close(self) -> None:
        """Lets go of the opponent. Idempotent."""
        if self._opponent is not None:
            self._opponent.close()

    def _open(self, task_id: str | None) -> Opening:
        if task_id is not None:
            raise TaskNotFound(f"there is no task {task_id!r}: a game has a start, chosen by the argument of this name")
        color = draw_color(self._color, self.agent_color, self.np_random, self._seed)
        for _ in range(_MOST_OPENINGS):
            self._board, self._last_move, self._has_read = self._start(self.np_random), "", set()
            self.agent_color = color if self._opponent else self._board.turn
            if self._opponent:
                self._opponent.begin(self, int(self.np_random.integers(2**31)))
                if self._board.turn != self.agent_color and (problem := self._let_opponent_move()):
                    raise self._opponent.blame(f"made no legal first move: {problem}")
            if self._outcome() is None:
                break
        else:
            raise InvalidPosition("the opponent's first move ended every game; let the agent play the other color")
        self._retries_left = self._retries
        self._chances.clear()
        return Opening(self._shown(), legal_actions=self._telling.legal_actions(self._board))

    def _respond(self, action: str) -> Turn:
        reading = read_move(action, self._board)
        return self._refuse(reading.problem) if reading.move is None else self._play(reading.move)

    def _play(self, move: chess.Move) -> Turn:
        mover = self._board.turn
        metrics = self._measure(move)
        self._push(move)
        if self._opponent and self._outcome() is None and not self._at_limit():
            problem = self._let_opponent_move()
            if problem:
                return self._end(WIN_REWARD, _loss(not mover, problem), metrics=metrics)
        outcome = self._outcome()
        if outcome:
            return self._end(result_for(outcome, mover), describe(outcome), metrics=metrics)
        if self._at_limit():
            return self._end(DRAW_REWARD, f"draw after {self._max_plies} plies", truncated=True, metrics=metrics)
        self._retries_left = self._retries
        return Turn(self._shown(), metrics=metrics, legal_actions=self._telling.legal_actions(self._board))

    def _measure(self, move: chess.Move) -> dict[str, float]:
        if self._evaluator is None:
            return {}
        after = self._board.copy()
        after.push(move)
        # The engine is not asked again about positions that it has evaluated.
        for board in (self._board, after):
            self._chances[len(board.move_stack)] = self._evaluator.white_win_probability(board)
        return {"centipawn_loss": float(self._evaluator.centipawn_loss(self._board, move))}

    def _refuse(self, reason: str) -> Turn:
        """An unreadable or illegal reply uses up a retry; with none left, the game is lost."""
        if not self._retries_left:
            return self._end(LOSS_REWARD, _loss(self._board.turn, reason), malformed=reason)
        self._retries_left -= 1
        text = _refusal(reason, self._retries_left)
        return Turn(text, malformed=reason, legal_actions=self._telling.legal_actions(self._board))

    def _end(
        self,
        result: float,
        reason: str,
        *,
        truncated: bool = False,
        malformed: str | None = None,
        metrics: Mapping[str, float] = MappingProxyType({}),
    ) -> Turn:
        verdict = verdict_of(result, len(self._board.move_stack), reason)
        return Turn(
            prompts.GAME_CLOSING.format(reason=reason),
            verdict.score or 0.0,
            terminated=not truncated,
            truncated=truncated,
            verdict=verdict,
            malformed=malformed,
            metrics=metrics,
            legal_actions=(),
            extra={"game": self._score_sheet()},
        )

    def _score_sheet(self) -> dict[str, Any]:
        color = self.agent_color if self._opponent else None
        moves = [move.uci() for move in self._board.move_stack]
        return score_sheet(self._board.root(), moves, color, self._chances)

    def _let_opponent_move(self) -> str | None:
        """Plays the opponent's move; returns what was wrong with its last reply if none could be read in time."""
        if self._opponent is None:
            return None
        text, malformed = self._shown(), None
        for left in range(self._retries, -1, -1):
            info = {
                "legal_actions": list(self._telling.legal_actions(self._board)),
                "malformed": malformed,
                "tools": [],
            }
            reading = read_move(str(self._opponent.act(text, info)), self._board)
            if reading.move is not None:
                self._push(reading.move)
                return None
            malformed = reading.problem
            text = _refusal(malformed, left - 1)
        return malformed

    def _push(self, move: chess.Move) -> None:
        self._last_move = self._telling.write(move, self._board)
        self._board.push(move)

    def _outcome(self) -> chess.Outcome | None:
        return self._board.outcome(claim_draw=self._draws == "claim")

    def _at_limit(self) -> bool:
        return self._max_plies is not None and len(self._board.move_stack) >= self._max_plies

    def _shown(self) -> str:
        """What the side to move is shown: the whole assignment at its first turn, then only what is new."""
        board = self._board
        news = prompts.GAME_NEWS.format(side=side(not board.turn), move=self._last_move) if self._last_move else ""
        if board.turn in self._has_read:
            return prompts.GAME_NEXT.format(news=news, position=self._telling.position(board))
        self._has_read.add(board.turn)
        return prompts.GAME_ASSIGNMENT.format(
            side=side(board.turn).lower(),
            news=news,
            position=self._telling.position(board),
            forgiven=self._retries + 1,
            form=self._telling.form,
        )


def _loss(color: chess.Color, problem: str) -> str:
    return f"{chess.COLOR_NAMES[color]} loses by illegal replies, the last because {problem}"


def _refusal(reason: str, retries_left: int) -> str:
    return prompts.MALFORMED.format(reason=reason, count=retries_left + 1)
