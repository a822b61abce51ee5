# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`Match`: one agent's games against its opponent, whatever shows them to the agent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, SupportsIndex, get_args

import chess
import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from rsi_envs.chess import planes
from rsi_envs.chess.actions import ACTION_COUNT, action_of, as_index
from rsi_envs.chess.errors import InvalidPosition
from rsi_envs.chess.evaluation import make_evaluator
from rsi_envs.chess.game import DrawRules, Game
from rsi_envs.chess.opponents import make_opponent
from rsi_envs.chess.reward import DRAW_REWARD, LOSS_REWARD, describe, result_for, verdict_of
from rsi_envs.chess.starts import Start, read_start
from rsi_envs.chess.story import score_sheet
from rsi_envs.core.errors import InvalidAction
from rsi_envs.core.options import check_choice, check_count
from rsi_envs.core.verdict import Verdict

Colors = Literal["alternate", "white", "black", "random"]
OnIllegal = Literal["lose", "error"]
_MOST_OPENINGS = 100


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed before the first game; `ChessEnv`'s card says what each means.

    Raises:
        InvalidOption: A value that makes no sense.
    """

    opponent: str = "random"
    """"random", "self", or an agent's name."""
    color: Colors = "alternate"
    """What the agent plays; does not matter in self-play."""
    start: str | None = None
    """A FEN or material; None for the usual position."""
    observation: planes.Layout = "alphazero"
    """The planes that the players see."""
    draws: DrawRules = "claim"
    """Which draws end a game."""
    max_plies: int | None = None
    """The longest game; None for no bound."""
    illegal: OnIllegal = "lose"
    """What an illegal action does."""
    shaping: str | None = None
    """The UCI engine, or the tablebases, whose evaluation shapes the rewards; None for results alone."""
    shaping_nodes: int = 1_000
    """Positions that an engine may search for one evaluation."""

    def __post_init__(self) -> None:
        check_choice("color", self.color, get_args(Colors))
        check_choice("observation", self.observation, get_args(planes.Layout))
        check_choice("draws", self.draws, get_args(DrawRules))
        check_choice("illegal", self.illegal, get_args(OnIllegal))
        check_count("max_plies", self.max_plies, optional=True)
        check_count("shaping_nodes", self.shaping_nodes)


def draw_color(colors: Colors, last: chess.Color, rng: np.random.Generator, seed: int | None) -> chess.Color:
    """Decides which colour the agent plays.

    Args:
        colors: What was agreed.
        last: What it played last.
        rng: Draws a random colour.
        seed: The game's; its parity decides where colours alternate. None then gives the colour not played last.
    """
    if colors == "alternate":
        return not last if seed is None else seed % 2 == 0
    return bool(rng.integers(2)) if colors == "random" else colors == "white"


class Advance(NamedTuple):
    """What the agent's action led to."""

    reward: float = 0.0
    terminated: bool = False
    truncated: bool = False
    verdict: Verdict | None = None
    """Given when the game is over, and only then."""
    malformed: str | None = None
    """Why the action was not legal; None when it was."""
    game: Mapping[str, Any] | None = None
    """The game as it is recorded; given with the verdict, and only then."""

    def news(self) -> dict[str, Any]:
        """Returns what the info dict says beside the mask: `verdict`, `malformed` and `game`, where there is one."""
        news: dict[str, Any] = {}
        if self.game is not None:
            news["game"] = self.game
        if self.verdict is not None:
            news["verdict"] = self.verdict.as_dict()
        if self.malformed is not None:
            news["malformed"] = self.malformed
        return news


class Match:
    """The board between an agent and its opponent.

    It is the environment that an opponent who is an agent gets attached to: it has spaces, `unwrapped`, `board` and
    `action_of`.

    Raises:
        InvalidPosition: A start that can't be played.
        Exception: Whatever making the opponent raises.
    """

    action_space = gym.spaces.Discrete(ACTION_COUNT)

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.observation_space = planes.observation_space(terms.observation)
        self.agent_color = chess.BLACK
        """The agent's colour in the present game; in self-play, that of whoever moves first."""
        self.over = True
        """Whether no game is being played."""
        self.game = Game(chess.Board())
        """The game being played. Look at it, but push nothing."""
        self._start = read_start(terms.start, terms.draws)
        self._opponent = make_opponent(terms.opponent)
        self._evaluator = make_evaluator(terms.shaping, nodes=terms.shaping_nodes) if terms.shaping else None
        self._potential = 0.0
        self._chances: dict[int, float] = {}
        self._most_plies = math.inf if terms.max_plies is None else terms.max_plies

    @property
    def unwrapped(self) -> Match:
        """This match, as an agent expects of an environment."""
        return self

    def begin(self, rng: np.random.Generator, *, seed: int | None = None, start: str | None = None) -> None:
        """Begins a game, with the opponent's move if the agent is not the first to move.

        Args:
            rng: Draws the start, a random colour and the opponent's seed.
            seed: Its parity gives the colour with "alternate"; None gives the other colour than last time.
            start: For this game alone; None for the terms'.

        Raises:
            InvalidPosition: The start can't be played, or the opponent's first move ends every game.
            EnvironmentFault: The opponent could not make the first move.
        """
        draw = self._start if start is None else read_start(start, self.terms.draws)
        color = draw_color(self.terms.color, self.agent_color, rng, seed) if self._opponent else None
        try:
            self._open(draw, color, rng)
        except BaseException:
            self.over = True
            raise
        self._chances.clear()
        self._potential = self._white_potential()

    def _open(self, draw: Start, color: chess.Color | None, rng: np.random.Generator) -> None:
        self.over = False
        for _ in range(_MOST_OPENINGS):
            self.game = game = Game(draw(rng))
            self.agent_color = bool(game.turn) if color is None else color
            if self._opponent is not None:
                self._opponent.begin(self, int(rng.integers(2**31)))
                if game.turn != self.agent_color:
                    game.push(self._opponent.choose(self))
            if game.outcome(self.terms.draws) is None:
                return
        raise InvalidPosition("the opponent's first move ended every game; let the agent play the other color")

    def advance(self, action: SupportsIndex) -> Advance:
        """Plays the agent's action, then the opponent's.

        Raises:
            InvalidAction: The action is no integer, or it is not legal and the terms want an error.
            EnvironmentFault: The opponent, or what shapes the rewards, broke.
        """
        game, rules, index = self.game, self.terms.draws, as_index(action)
        mover = game.turn == 1
        if not (0 <= index < ACTION_COUNT and game.is_legal(index)):
            return self._refuse(index, mover)
        game.push(index)
        outcome = game.outcome(rules)
        if self._opponent is not None and outcome is None and len(game.actions) < self._most_plies:
            game.push(self._opponent.choose(self))
            outcome = game.outcome(rules)
        if outcome:
            return self._end(result_for(outcome, mover), mover, describe(outcome))
        if len(game.actions) >= self._most_plies:
            return self._end(DRAW_REWARD, mover, f"draw after {self.terms.max_plies} plies", truncated=True)
        return _GOING_ON if self._evaluator is None else Advance(self._gain(mover, self._white_potential()))

    def _refuse(self, index: int, mover: chess.Color) -> Advance:
        reason = f"action {index} is not legal here; legal actions are those of the mask"
        if self.terms.illegal == "error":
            raise InvalidAction(reason)
        return self._end(LOSS_REWARD, mover, f"{chess.COLOR_NAMES[mover]} loses by an illegal action", malformed=reason)

    def _end(
        self, result: float, mover: chess.Color, reason: str, *, truncated: bool = False, malformed: str | None = None
    ) -> Advance:
        self.over = True
        verdict = verdict_of(result, len(self.game.actions), reason)
        return Advance(
            result + self._gain(mover, 0.0), not truncated, truncated, verdict, malformed, self._score_sheet()
        )

    def _score_sheet(self) -> dict[str, Any]:
        """Records the game by its actions, which are at hand: translating them takes as long as playing does."""
        color = self.agent_color if self._opponent else None
        return score_sheet(self.game.start, self.game.actions, color, self._chances)

    def _white_potential(self) -> float:
        """Twice White's probability to win, less 1; 0 where nothing shapes the rewards."""
        if self._evaluator is None:
            return 0.0
        chance = self._evaluator.white_win_probability(self.board())
        self._chances[len(self.game.actions)] = chance
        return 2.0 * chance - 1.0

    def _gain(self, mover: chess.Color, potential: float) -> float:
        """Takes the new potential over and returns what the mover gained by it."""
        gain = potential - self._potential
        self._potential = potential
        return gain if mover else -gain

    def is_legal(self, action: SupportsIndex) -> bool:
        """Whether an action is legal in the present position.

        Raises:
            InvalidAction: It is no integer.
        """
        index = as_index(action)
        return 0 <= index < ACTION_COUNT and self.game.is_legal(index)

    def board(self) -> chess.Board:
        """Returns the game as python-chess has it; see `Game.board`."""
        return self.game.board()

    def action_of(self, move: chess.Move) -> int:
        """Translates a move of the side to move into an action; see `rsi_envs.chess.actions`."""
        return action_of(move, bool(self.game.turn))

    def action_mask(self) -> NDArray[np.int8]:
        """Returns the mask of legal actions, all 0 when no game is being played; int8, shape (4672,)."""
        return np.zeros(ACTION_COUNT, np.int8) if self.over else planes.action_mask(self.game)

    def observation(self, viewer: chess.Color | None = None) -> NDArray[np.uint8]:
        """Makes the present observation, seen by the side to move or this one; see `rsi_envs.chess.planes`."""
        return planes.observe(self.game, self.terms.observation, viewer)

    def info(self, after: Advance | None = None) -> dict[str, Any]:
        """Makes the info dict of the present position.

        Args:
            after: What led there; None at the beginning of a game.
        """
        info: dict[str, Any] = {"action_mask": self.action_mask()}
        if after is not None and after is not _GOING_ON:
            info |= after.news()
        return info

    def close(self) -> None:
        """Lets go of the opponent. Idempotent."""
        if self._opponent is not None:
            self._opponent.close()


_GOING_ON = Advance()
