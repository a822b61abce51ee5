# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""rsi/Chess-v0: chess for networks, against a named opponent."""

from __future__ import annotations

import copy
from typing import Any, SupportsIndex

import chess
import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from rsi_envs.chess import planes
from rsi_envs.chess.game import DrawRules
from rsi_envs.chess.match import Colors, Match, OnIllegal, Terms
from rsi_envs.chess.story import game_story
from rsi_envs.chess.view import VIEWS
from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.options import check_choice


class ChessEnv(gym.Env[NDArray[np.uint8], SupportsIndex]):
    """Play chess against a named opponent, as a network sees it.

    ## Description
    A game of standard chess. The agent plays one side, a named opponent the other; or the agent plays both.

    ## Action Space
    Discrete(4672): AlphaZero's encoding, seen from the side to move. `rsi_envs.chess.actions` documents it and
    translates it from and to moves. The legal actions are those where `info["action_mask"]` is 1; `action_masks()`
    gives the same mask.

    ## Observation Space
    Box of `uint8`, shape (8, 8, 119), or (8, 8, 20) with `observation="light"`: planes seen from the side to move.
    `rsi_envs.chess.planes` documents each.

    ## Starting State
    The usual position, or what `start` says. If the agent plays Black, the opponent has moved already.

    ## Rewards
    0 until the game ends, then 1 for a win, 0 for a draw, -1 for a loss, from the agent's side (in self-play, from the
    side that moved last). With `shaping`, each step adds P(after) - P(before), P being twice the agent's
    probability to win by that, less 1, and 0 after the end: the sum of rewards is then the result less
    P(start), so the best policy stays the best. Rewards are in [-1, 1], shaped ones in [-2, 2].

    ## Episode End
    Terminated by checkmate, stalemate, insufficient material, and draws as `draws` says, or by an illegal action
    with `illegal="lose"`. Truncated, and counted as a draw, after `max_plies`.

    ## Information
    `action_mask`: int8, shape (4672,), all 0 after the end. On the last step alone `verdict`, with a score of 1, 0.5 or
    0 and the game's length in `parts["plies"]`; `game`, with its `start` in FEN, the `moves` of both sides as
    actions, the agent's `color` unless it plays both, and with `shaping` as `evaluations` what White could expect, 0 to
    1, in each position that was evaluated, None in the others; and, where an illegal action lost the game, `malformed`,
    which says so.

    ## Arguments
    * `opponent`: "random", "self", or an agent's name, such as "uci:stockfish?nodes=1000" or "sb3:model.zip".
    * `color`: what the agent plays: "white", "black", "random", or "alternate": White with an even seed and Black with
      an odd one, and the other colour after each reset without a seed.
    * `start`: None, a FEN, or material such as "KRvK" (White's, then Black's) for random positions, White to move.
    * `observation`: "alphazero" or "light".
    * `draws`: "claim" ends the game as soon as the side to move may claim a draw by fifty moves or threefold
      repetition; "forced" only when seventy-five moves or fivefold repetition end it without a claim.
    * `max_plies`: the longest game, in moves of both sides together; None for no bound.
    * `illegal`: what an illegal action does: "lose" the game, or raise an "error".
    * `shaping`: None, or what evaluates positions to shape the rewards: a UCI engine such as "stockfish", or
      "tablebase:FOLDER" for the truth about endgames.
    * `shaping_nodes`: positions an engine may search for an evaluation.
    * `render_mode`: None, "ansi", "svg" or "rgb_array".

    Raises:
        InvalidOption: An argument that makes no sense; `InvalidPosition` for a start that can't be played.
        EngineNotFound: The engine is not there.
        TablebaseMissing: The folder holds no tables.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - as Gymnasium declares it
        "render_modes": [*VIEWS],
        "render_fps": 2,
    }
    story = staticmethod(game_story)

    def __init__(
        self,
        *,
        opponent: str = "random",
        color: Colors = "alternate",
        start: str | None = None,
        observation: planes.Layout = "alphazero",
        draws: DrawRules = "claim",
        max_plies: int | None = None,
        illegal: OnIllegal = "lose",
        shaping: str | None = None,
        shaping_nodes: int = 1_000,
        render_mode: str | None = None,
    ) -> None:
        check_choice("render_mode", render_mode, (None, *VIEWS))
        self.render_mode = render_mode
        self.match = Match(
            Terms(
                opponent=opponent,
                color=color,
                start=start,
                observation=observation,
                draws=draws,
                max_plies=max_plies,
                illegal=illegal,
                shaping=shaping,
                shaping_nodes=shaping_nodes,
            )
        )
        """The board, and who sits at it."""
        self.observation_space = copy.deepcopy(self.match.observation_space)
        self.action_space = copy.deepcopy(self.match.action_space)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Begins a game.

        Args:
            seed: Seeds the start, the colours and the opponent; None goes on from before.
            options: May hold "start", for this game alone.

        Raises:
            InvalidOption: An unknown option.
            InvalidPosition: A start that can't be played.
            EnvironmentFault: The opponent could not make the first move.
        """
        super().reset(seed=seed)
        self.match.begin(self.np_random, seed=seed, start=start_option(options))
        return self.match.observation(), self.match.info()

    def step(self, action: SupportsIndex) -> tuple[NDArray[np.uint8], float, bool, bool, dict[str, Any]]:
        """Plays the agent's action, then the opponent's.

        Raises:
            ResetNeeded: No game has begun, or it is over.
            InvalidAction: The action is no integer, or it is not legal and `illegal` is "error".
            EnvironmentFault: The opponent, or what shapes the rewards, broke.
        """
        match = self.match
        if match.over:
            raise ResetNeeded("no game is being played; call reset() before step()")
        after = match.advance(action)
        return match.observation(), after.reward, after.terminated, after.truncated, match.info(after)

    def action_masks(self) -> NDArray[np.int8]:
        """Returns the mask of legal actions, as sb3-contrib asks for it; int8, shape (4672,)."""
        return self.match.action_mask()

    def board(self) -> chess.Board:
        """Returns the game as python-chess has it, with its moves. Copy it before you change it."""
        return self.match.board()

    def action_of(self, move: chess.Move) -> int:
        """Translates a move of the side to move into an action; see `rsi_envs.chess.actions`."""
        return self.match.action_of(move)

    def render(self) -> Any:
        """Draws the board from the agent's side: text for "ansi", SVG for "svg", pixels of shape (400, 400, 3)."""
        if self.render_mode is None:
            return None
        return VIEWS[self.render_mode](self.board(), self.match.agent_color)

    def close(self) -> None:
        """Lets go of the opponent. Idempotent."""
        self.match.close()


def start_option(options: dict[str, Any] | None) -> str | None:
    """Reads what `reset` takes: "start", or nothing.

    Raises:
        InvalidOption: Anything else.
    """
    unknown = set(options or {}) - {"start"}
    if unknown:
        raise InvalidOption(f"reset takes the option 'start', not {sorted(unknown)}")
    return (options or {}).get("start")
