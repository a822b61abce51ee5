# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""PettingZoo's games of two players as a Gymnasium environment, with the second player named.

Importing this module registers it, as `gymnasium.make("module:id")` and Plan.env_id expect of a module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, SupportsIndex

import gymnasium as gym
import numpy as np

from rsi_agents.errors import EnvironmentNotFound, InvalidPlan
from rsi_agents.loading import load_object
from rsi_envs.core.agents import SeatedAgent
from rsi_envs.core.errors import InvalidAction
from rsi_envs.core.verdict import Verdict

_ID = "rsi_arena/TwoPlayers-v0"
TWO_PLAYERS = f"{__name__}:{_ID}"
"""The environment's id under which any process finds it."""
ALTERNATE = "alternate"
"""The `side` of an agent that plays both in turn."""
_PREFIX = "pettingzoo:"
_ENV = "env"


def is_game(name: str) -> bool:
    """Whether a name is one of a PettingZoo game: "module:function", or "pettingzoo:" and the module of one."""
    if name.startswith(_PREFIX):
        return True
    module, _, function = name.rpartition(":")
    return bool(module) and function.isidentifier() and name not in gym.registry


class TwoPlayersEnv(gym.Env[Any, Any]):
    """Play a PettingZoo game of two against a named opponent.

    ## Description
    The agent is one of the game's players, the opponent the other; both act in the AEC environment itself.

    ## Action Space
    The agent's player's.

    ## Observation Space
    The agent's player's; where that is a dict with an `action_mask`, what is beside the mask.

    ## Starting State
    The game's own. If the agent is not the first to act, the opponent has acted already. With `side="alternate"` the
    agent is the first player with an even seed, the second with an odd one, and the other after each reset without one.

    ## Rewards
    What the agent's player gets from one of its turns to the next.

    ## Episode End
    When the game has ended for both.

    ## Information
    What the game tells the player, and `action_mask` where there is one. On the last step `verdict`, by who has the
    higher sum of rewards: a score of 1, 0.5 or 0; and `actions`, all of them as pairs of player and action.

    ## Arguments
    Args:
        game: What makes the AEC environment, "module:function".
        opponent: An agent's name.
        side: Whom the agent plays: a player's name, 0 or 1 for the game's first or second player, or "alternate".
        **kwargs: What that function gets.

    Raises:
        EnvironmentNotFound: There is no such function.
        InvalidPlan: It makes no AEC game of two, there is no such player, or players of other spaces are to alternate.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012 - as Gymnasium declares it

    def __init__(self, *, game: str, opponent: str, side: int | str = 0, **kwargs: Any) -> None:
        self._aec = _made(game, kwargs)
        players: tuple[str, str] = tuple(self._aec.possible_agents)
        self._seats = {player: SeatView(self._aec, player) for player in players}
        self._alternates = side == ALTERNATE
        if self._alternates and not _alike(*self._seats.values()):
            raise InvalidPlan(
                f"{players[0]} and {players[1]} have other spaces in {game}; choose one of them as the side"
            )
        self.sides = players if self._alternates else _seated(players, side)
        """The players' names, the agent's first."""
        self.observation_space = self._seats[self.sides[0]].observation_space
        self.action_space = self._seats[self.sides[0]].action_space
        self._totals = dict.fromkeys(self.sides, 0.0)
        self._opponent = SeatedAgent(opponent)
        self._turns: list[tuple[str, Any]] = []
        self._mask: Any = None

    def __getattr__(self, name: str) -> Any:
        """Looks up what only the game itself has, such as the board that an engine reads."""
        return _of_the_game(self, name)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begins a game.

        Raises:
            EnvironmentFault: The opponent, moving first, broke or ended the game.
        """
        super().reset(seed=seed)
        self._aec.reset(seed=seed, options=options)
        if self._alternates:
            first, second = self._aec.possible_agents
            odd = seed % 2 == 1 if seed is not None else self.sides == (first, second)
            self.sides = (second, first) if odd else (first, second)
        self._totals, self._turns = dict.fromkeys(self.sides, 0.0), []
        self._truncated = False
        self._opponent.begin(self._seats[self.sides[1]], int(self.np_random.integers(2**31)))
        observation, info, over = self._until_my_turn()
        if over:
            raise self._opponent.blame(f"ended the game before {self.sides[0]} had a turn")
        return observation, info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Plays the agent's action, then the opponent's.

        Raises:
            InvalidAction: The game does not take it, and has no rule for that.
            EnvironmentFault: The opponent broke, or gave what the game does not take.
        """
        mine = self.sides[0]
        before = self._totals[mine]
        self._play(mine, action, self._mask)
        observation, info, over = self._until_my_turn()
        reward = self._totals[mine] - before
        if over:
            verdict = _verdict(self._totals, self.sides, len(self._turns))
            info |= {"verdict": verdict.as_dict(), "actions": [list(turn) for turn in self._turns]}
        return observation, reward, over and not self._truncated, over and self._truncated, info

    def _until_my_turn(self) -> tuple[Any, dict[str, Any], bool]:
        """Lets the opponent act until it is the agent's turn or the game is over; PettingZoo's own loop."""
        mine, other = self.sides
        last: tuple[Any, dict[str, Any]] = (None, {})
        while self._aec.agents:
            side = self._aec.agent_selection
            shown, reward, terminated, truncated, told = self._aec.last()
            self._totals[side] += float(reward)
            observation, info = seen(shown, told)
            if side == mine:
                last = observation, info
            if terminated or truncated:
                self._truncated |= bool(truncated and not terminated)
                self._aec.step(None)
            elif side == mine:
                self._mask = info.get("action_mask")
                return observation, info, False
            else:
                self._play(other, self._opponent.act(observation, info), info.get("action_mask"))
        return *last, True

    def _play(self, side: str, action: Any, mask: Any) -> None:
        if isinstance(action, np.generic | np.ndarray) and action.ndim == 0:
            action = action.item()
        self._turns.append((side, action))
        try:
            self._aec.step(action)
        except Exception as error:
            if _permitted(self._seats[side].action_space, mask, action):
                raise
            problem = f"gave {action!r}, which is no legal action, and the game has no rule for that"
            if side == self.sides[0]:
                raise InvalidAction(f"the agent {problem}") from error
            raise self._opponent.blame(problem) from error

    def render(self) -> Any:
        """Shows the game as it shows itself."""
        return self._aec.render()

    def close(self) -> None:
        """Lets go of the game and the opponent."""
        self._opponent.close()
        self._aec.close()


class SeatView:
    """What a player's agent is attached to: the player's spaces, and whatever else the game has."""

    def __init__(self, aec: Any, side: str) -> None:
        self._aec = aec
        space = aec.observation_space(side)
        if isinstance(space, gym.spaces.Dict) and set(space) == {"observation", "action_mask"}:
            space = space["observation"]
        self.observation_space: gym.Space[Any] = space
        self.action_space: gym.Space[Any] = aec.action_space(side)

    @property
    def unwrapped(self) -> SeatView:
        """This view, as an agent expects of an environment."""
        return self

    def __getattr__(self, name: str) -> Any:
        """Looks up what only the game itself has."""
        return _of_the_game(self, name)


def seen(observation: Any, info: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Takes a mask out of PettingZoo's observation, to where agents look for it."""
    told = dict(info)
    if isinstance(observation, Mapping) and set(observation) == {"observation", "action_mask"}:
        told["action_mask"] = observation["action_mask"]
        observation = observation["observation"]
    return observation, told


def _made(game: str, kwargs: Mapping[str, Any]) -> Any:
    from pettingzoo import AECEnv

    target = f"{game.removeprefix(_PREFIX)}:{_ENV}" if game.startswith(_PREFIX) else game
    aec = load_object(target, EnvironmentNotFound)(**kwargs)
    if not isinstance(aec, AECEnv):
        raise InvalidPlan(
            f"{game} makes a {type(aec).__name__}, which is no AEC environment; "
            "pettingzoo.utils.parallel_to_aec makes one of a parallel environment"
        )
    if len(aec.possible_agents) != 2:
        raise InvalidPlan(f"{game} is a game of {len(aec.possible_agents)} players; an arena plays games of two")
    return aec


def _seated(players: tuple[str, str], side: int | str) -> tuple[str, str]:
    """Puts the agent's player first."""
    first, second = players
    if side in (0, first):
        return first, second
    if side in (1, second):
        return second, first
    raise InvalidPlan(f"side is {side!r}; it must be 0, 1, {first!r}, {second!r} or {ALTERNATE!r}")


def _alike(one: SeatView, other: SeatView) -> bool:
    return (one.observation_space, one.action_space) == (other.observation_space, other.action_space)


def _of_the_game(view: Any, name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"{type(view).__name__} has no {name!r}")
    return getattr(view._aec.unwrapped, name)


def _permitted(space: gym.Space[Any], mask: Any, action: Any) -> bool:
    if mask is None or not isinstance(action, SupportsIndex):
        return space.contains(action)
    number = action.__index__()
    return 0 <= number < len(mask) and bool(mask[number])


def _verdict(totals: Mapping[str, float], sides: tuple[str, str], actions: int) -> Verdict:
    mine, other = (totals[side] for side in sides)
    score = 0.5 if mine == other else float(mine > other)
    winner = "a draw" if mine == other else f"{sides[mine < other]} wins"
    return Verdict(
        score,
        score == 1.0,
        {"plies": float(actions), "reward": mine, "opponent_reward": other},
        reason=f"{winner}, {mine:g} to {other:g}",
    )


def two_players(*, game: str, opponent: str, side: int | str = 0, **kwargs: Any) -> TwoPlayersEnv:
    """Makes a `TwoPlayersEnv`; a function, because what it takes is not told from its bases."""
    return TwoPlayersEnv(game=game, opponent=opponent, side=side, **kwargs)


gym.register(_ID, entry_point=f"{__name__}:two_players", disable_env_checker=True)
