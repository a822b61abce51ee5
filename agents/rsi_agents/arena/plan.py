# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What an arena is asked to play: a world, and stages of games between agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from rsi_agents.arena.ratings import Game
from rsi_agents.arena.two_players import TWO_PLAYERS, is_game
from rsi_agents.environments import open_environment, spec_of, taken_arguments
from rsi_agents.errors import InvalidPlan
from rsi_agents.plan import EpisodeSpec, Plan, make_plan

Pairing = Literal["round-robin", "swiss", "active", "place"]
FixtureKey = tuple[str, str, int]
"""First, second and seed: what no two games of an arena share."""
OPPONENT, COLOR, WHITE, BLACK = "opponent", "color", "white", "black"
GAME, SIDE = "game", "side"
"""The arguments of `TwoPlayersEnv` that name a PettingZoo game, and the agent's player."""
_NOBODY = "random"
"""Sits in the opponent's seat while the environment is looked at."""


@dataclass(frozen=True, slots=True)
class Fixture:
    """A game to play. It and its twin, with the sides swapped, have the same seed and are rated together."""

    index: int
    """The game's place in the arena, from 0."""
    first: str
    """The agent with the first side."""
    second: str
    seed: int
    """Resets environment and agents."""

    @property
    def key(self) -> FixtureKey:
        """First, second and seed."""
        return self.first, self.second, self.seed

    @property
    def group(self) -> str:
        """The same for both games of a meeting."""
        return " | ".join([*sorted((self.first, self.second)), str(self.seed)])

    def game(self, score: float) -> Game:
        """Makes the result of it."""
        return Game(self.first, self.second, score, self.group)


@dataclass(frozen=True, slots=True)
class Stage:
    """A tournament, or the placing of a newcomer among the others.

    Raises:
        InvalidPlan: A number out of range, an agent twice, or too few of them.
    """

    pairing: Pairing
    """Who meets whom; see `rsi_agents.arena.pairings`."""
    agents: tuple[str, ...]
    """Who takes part; in "place" the newcomer is the last."""
    games: int = 2
    """An even number: in "round-robin" of every pair, in "swiss" of every pair that meets in a round, in "active" in
    all, in "place" the newcomer's at most."""
    rounds: int = 0
    """Of "swiss"; the others have none."""
    width_elo: float = 0.0
    """The width of the newcomer's interval at which "place" has done; the others ignore it."""

    def __post_init__(self) -> None:
        if self.pairing not in get_args(Pairing):
            raise InvalidPlan(f"pairing is {self.pairing!r}; it must be one of {', '.join(get_args(Pairing))}")
        twice = sorted({name for name in self.agents if self.agents.count(name) > 1})
        if twice:
            raise InvalidPlan(f"agent {twice[0]!r} is named twice; name each once")
        if len(self.agents) < 2 and self.pairing != "place":
            raise InvalidPlan(f"an arena needs two agents, and {len(self.agents)} is named")
        if self.games < 2 or self.games % 2:
            raise InvalidPlan(f"games is {self.games}; it must be even, because sides are swapped, and at least 2")
        if self.pairing == "swiss" and self.rounds < 1:
            raise InvalidPlan(f"rounds is {self.rounds}; it must be at least 1")
        if self.pairing == "place" and not self.width_elo > 0.0:
            raise InvalidPlan(f"width is {self.width_elo}; it must be above 0")

    @property
    def most_games(self) -> int:
        """How many games it takes, at most."""
        count = len(self.agents)
        if self.pairing == "round-robin":
            return count * (count - 1) // 2 * self.games
        if self.pairing == "swiss":
            return count // 2 * self.rounds * self.games
        return self.games if count > 1 else 0


@dataclass(frozen=True, slots=True)
class ArenaPlan:
    """An arena.

    Raises:
        InvalidPlan: A number out of range.
    """

    env_id: str
    """As `gymnasium.make` takes it."""
    sides: tuple[str, str]
    """What the first and the second play: colours, or PettingZoo's names of agents."""
    stages: tuple[Stage, ...]
    """In the order in which they are played."""
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    """What the environment's constructor gets besides the opponent; JSON values."""
    seed: int = 0
    """The k-th meeting of two agents has the seed `seed + k`; at least 0."""
    episode_timeout_s: float | None = None
    """Seconds a game may take; None for no bound."""
    concurrency: int = 4
    """Games played at the same time, at least 1."""

    def __post_init__(self) -> None:
        self._plan("random", {}, self.seed)

    @property
    def agents(self) -> tuple[str, ...]:
        """Everybody's name, in the order in which they joined."""
        return tuple(dict.fromkeys(name for stage in self.stages for name in stage.agents))

    @property
    def world(self) -> str:
        """What was named to play in: the environment's id, or a PettingZoo game."""
        return str(self.env_kwargs.get(GAME, self.env_id))

    @property
    def most_games(self) -> int:
        """How many games it takes, at most."""
        return sum(stage.most_games for stage in self.stages)

    def run_of(self, fixture: Fixture) -> Plan:
        """Writes a game as a run of one episode of the first, with the second in the opponent's seat."""
        return self._plan(fixture.first, {OPPONENT: fixture.second}, fixture.seed)

    def spec_of(self, fixture: Fixture) -> EpisodeSpec:
        """Returns the one episode of that run."""
        return EpisodeSpec(fixture.first, None, fixture.seed, 0)

    def _plan(self, agent: str, seats: Mapping[str, str], seed: int) -> Plan:
        return Plan(
            self.env_id,
            (agent,),
            episodes=1,
            env_kwargs={**self.env_kwargs, **seats},
            seed=seed,
            episode_timeout_s=self.episode_timeout_s,
            concurrency=self.concurrency,
        )


def make_arena_plan(
    env: str,
    stages: Sequence[Stage],
    *,
    env_kwargs: Mapping[str, Any] | None = None,
    split: str | None = None,
    **settings: Any,
) -> ArenaPlan:
    """Settles an arena by asking the environment for its sides.

    Args:
        env: An environment that takes an `opponent`, by its id; or what makes a PettingZoo AEC environment of two
            players, as "module:function".
        stages: At least one.
        env_kwargs: What the environment's constructor, or that function, gets besides.
        split: None takes "test" where the environment has splits.
        **settings: Further fields of `ArenaPlan`.

    Raises:
        EnvironmentNotFound: There is no such environment.
        InvalidPlan: The plan makes no sense, or the environment is not for two.
        Exception: Whatever the environment's constructor raises.
    """
    kwargs = dict(env_kwargs or {})
    env_id = env
    if is_game(env):
        env_id, kwargs = TWO_PLAYERS, {GAME: env, **kwargs}
    taken = taken_arguments(spec_of(env_id))
    for name in (OPPONENT, COLOR, *([SIDE] if env_id == TWO_PLAYERS else [])):
        if name in kwargs:
            raise InvalidPlan(f"an arena decides the {name} itself; leave {name!r} out")
    if taken is not None and OPPONENT not in taken:
        raise InvalidPlan(
            f"{env_id} takes no argument 'opponent', so nobody can play against anybody there; "
            "name rsi/Chess-v0, rsi/ChessText-v0, rsi/Writing-v0, or a PettingZoo game as module:function"
        )
    colored = taken is not None and COLOR in taken
    if colored:
        kwargs[COLOR] = WHITE
    looked_at = make_plan(env_id, [_NOBODY], env_kwargs={**kwargs, OPPONENT: _NOBODY}, split=split, episodes=1)
    kept = {name: value for name, value in looked_at.env_kwargs.items() if name != OPPONENT}
    sides = (WHITE, BLACK) if colored else _sides(env_id, looked_at.env_kwargs)
    return ArenaPlan(env_id, sides, tuple(stages), kept, **settings)


def _sides(env_id: str, kwargs: Mapping[str, Any]) -> tuple[str, str]:
    env = open_environment(env_id, kwargs)
    try:
        named: tuple[str, str] = getattr(env.unwrapped, "sides", ("agent", OPPONENT))
        return named
    finally:
        env.close()


def meetings(pairs: Sequence[tuple[str, str]], met: dict[frozenset[str], int], seed: int, index: int) -> list[Fixture]:
    """Makes the two games of each meeting.

    Args:
        pairs: Who meets.
        met: How often two have met before; counted on.
        seed: The first meeting's of any two.
        index: The first game's.
    """
    fixtures: list[Fixture] = []
    for one, other in pairs:
        both = frozenset((one, other))
        number = met.get(both, 0)
        met[both] = number + 1
        for first, second in ((one, other), (other, one)):
            fixtures.append(Fixture(index + len(fixtures), first, second, seed + number))
    return fixtures
