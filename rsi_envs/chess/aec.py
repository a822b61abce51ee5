# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chess for two agents, as a PettingZoo AEC environment."""

from __future__ import annotations

from typing import Any, SupportsIndex, TypedDict

import chess
import gymnasium as gym
import numpy as np
from numpy.typing import NDArray
from pettingzoo import AECEnv
from pettingzoo.utils.wrappers import OrderEnforcingWrapper

from rsi_envs.chess import planes
from rsi_envs.chess.actions import ACTION_COUNT
from rsi_envs.chess.game import DrawRules
from rsi_envs.chess.match import Advance, Match, OnIllegal, Terms
from rsi_envs.chess.opponents import SELF_PLAY
from rsi_envs.chess.reward import verdict_of
from rsi_envs.chess.view import VIEWS
from rsi_envs.core.options import check_choice

WHITE, BLACK = "white", "black"


class Seen(TypedDict):
    """What an agent sees."""

    observation: NDArray[np.uint8]
    """As in `rsi/Chess-v0`, but from this agent's side also when the other is to move."""
    action_mask: NDArray[np.int8]
    """Legal actions, shape (4672,); all 0 while the other is to move."""


class ChessAEC(AECEnv[str, Seen, SupportsIndex | None]):
    """A game of chess between the agents "white" and "black", who move in turn.

    Spaces, rewards and endings are those of `rsi/Chess-v0` without shaping; see `ChessEnv`. Each agent's observation is
    a dict of `observation` and `action_mask`. The last info of each has `verdict` and `game`.

    Args:
        start: None for the usual position, a FEN, or material such as "KRvK".
        observation: "alphazero" or "light".
        draws: "claim" or "forced".
        max_plies: The longest game; None for no bound.
        illegal: "lose" or "error".
        render_mode: None, "ansi", "svg" or "rgb_array", seen from White's side.

    Raises:
        InvalidOption: An argument that makes no sense; `InvalidPosition` for a start that can't be played.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - as PettingZoo declares it
        "render_modes": [*VIEWS],
        "name": "rsi_chess_v0",
        "is_parallelizable": False,
        "render_fps": 2,
    }

    def __init__(
        self,
        *,
        start: str | None = None,
        observation: planes.Layout = "alphazero",
        draws: DrawRules = "claim",
        max_plies: int | None = None,
        illegal: OnIllegal = "lose",
        render_mode: str | None = None,
    ) -> None:
        super().__init__()
        check_choice("render_mode", render_mode, (None, *VIEWS))
        self.render_mode = render_mode
        terms = Terms(
            SELF_PLAY, start=start, observation=observation, draws=draws, max_plies=max_plies, illegal=illegal
        )
        self.match = Match(terms)
        self.possible_agents = [WHITE, BLACK]
        self.agents: list[str] = []
        mask = gym.spaces.Box(0, 1, (ACTION_COUNT,), np.int8)
        self.observation_spaces = {
            agent: gym.spaces.Dict({"observation": self.match.observation_space, "action_mask": mask})
            for agent in self.possible_agents
        }
        self.action_spaces = {agent: gym.spaces.Discrete(ACTION_COUNT) for agent in self.possible_agents}
        self._rng = np.random.default_rng()

    def observation_space(self, agent: str) -> gym.spaces.Space[Any]:
        """Returns the agent's observation space, the same object every time."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> gym.spaces.Space[Any]:
        """Returns the agent's action space, the same object every time."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begins a game.

        Args:
            seed: Seeds the start; None goes on from before.
            options: May hold "start", for this game alone; what else it holds is ignored, as PettingZoo wants it.

        Raises:
            InvalidPosition: A start that can't be played.
        """
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self.match.begin(self._rng, start=(options or {}).get("start"))
        self.agents = self.possible_agents[:]
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        self.agent_selection = self._to_move()

    def _to_move(self) -> str:
        return WHITE if self.match.game.turn else BLACK

    def observe(self, agent: str) -> Seen:
        """Returns what the agent sees now."""
        moves = agent == self.agent_selection and not self.match.over
        return {
            "observation": self.match.observation(agent == WHITE),
            "action_mask": self.match.action_mask() if moves else np.zeros(ACTION_COUNT, np.int8),
        }

    def step(self, action: SupportsIndex | None) -> None:
        """Plays the selected agent's action; None once its game is over.

        Raises:
            InvalidAction: The action is no integer, or it is not legal and `illegal` is "error".
        """
        mover = self.agent_selection
        if self.terminations[mover] or self.truncations[mover]:
            self._was_dead_step(action)
            return
        other = BLACK if mover == WHITE else WHITE
        self._cumulative_rewards[mover] = 0.0
        self._clear_rewards()
        after = self.match.advance(action)  # type: ignore[arg-type]  # only a finished agent's action is None
        self.rewards = {mover: after.reward, other: -after.reward}
        self._accumulate_rewards()
        for agent in self.agents:
            self.terminations[agent], self.truncations[agent] = after.terminated, after.truncated
            self.infos[agent] = self._news(after, agent, mover)
        self.agent_selection = other

    def _news(self, after: Advance, agent: str, mover: str) -> dict[str, Any]:
        if after.verdict is None or agent == mover:
            return after.news()
        # The verdict is the mover's; the other's result is the opposite.
        verdict = verdict_of(-after.reward, len(self.match.game.actions), after.verdict.reason)
        return {"verdict": verdict.as_dict(), "game": after.game}

    def board(self) -> chess.Board:
        """Returns the game as python-chess has it, with its moves. Copy it before you change it."""
        return self.match.board()

    def action_of(self, move: chess.Move) -> int:
        """Translates a move of the side to move into an action."""
        return self.match.action_of(move)

    def render(self) -> Any:
        """Draws the board as `ChessEnv.render` does."""
        return None if self.render_mode is None else VIEWS[self.render_mode](self.board(), chess.WHITE)


def aec_env(**terms: Any) -> AECEnv[str, Seen, SupportsIndex | None]:
    """Makes chess for two agents, with PettingZoo's check of the order of calls around it.

    Args:
        **terms: `ChessAEC`'s arguments.
    """
    return OrderEnforcingWrapper(ChessAEC(**terms))
