# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`TDLearner`: learns chess by playing itself, from nothing, by temporal differences.

A network rates afterstates, the positions that legal actions lead to, and plays what it rates highest. Each position
of a game is then taught what its successors turned out to be worth.

Sources: G. Tesauro, Temporal difference learning and TD-Gammon, 1995; R. Sutton and A. Barto, Reinforcement learning,
2nd edition, 2018, section 12.1 (the λ-return) and 12.10 (Watkins's cut at exploring actions); D. Kingma and J. Ba,
Adam: a method for stochastic optimization, 2014 (1412.6980).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rsi_envs.chess.afterstates import stacked
from rsi_envs.chess.errors import InvalidNetwork
from rsi_envs.chess.lockstep import Lockstep, Terms, Trail
from rsi_envs.chess.network import HIDDEN, SPREAD, Array, Network, read_arrays, write_arrays
from rsi_envs.chess.starts import read_start
from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.options import check_count

_FIRST_DECAY, _SECOND_DECAY, _TINY = 0.9, 0.999, 1e-8


class TDLearner:
    """Learns from its own games.

    Args:
        hidden: Units of a new network.
        spread: The standard deviation of its first weights; see `Network.untrained`.
        rate: The first learning rate.
        halving: Plies after which the rate is half of that; it goes on falling as one over the plies.
        trace: How far what happened later counts against what was expected next, λ in [0, 1].
        discount: What a result is worth a ply before, in (0, 1]; below 1 a sooner mate is worth more.
        batch: Positions of one step of learning.
        buffer: Positions that are gathered before they are learned from.
        passes: How often each of them is learned from.
        start: As rsi/Chess-v0 takes it: None for the usual position, a FEN, or material such as "KRvK".
        opening: Each game begins with 0 to so many random plies.
        epsilon: The probability of a random action later on.
        max_plies: A game that gets as long is a draw.
        share: Which share of the games past generations play one colour of.
        boards: Games at the same time.
        depth: Plies that the agent looks ahead when it plays.
        captures: Whether the agent then plays captures out.

    Raises:
        InvalidOption: A number outside its range.
        InvalidPosition: A start that can't be played.
    """

    def __init__(
        self,
        *,
        hidden: int = HIDDEN,
        spread: float = SPREAD,
        rate: float = 2e-3,
        halving: int = 200_000,
        trace: float = 0.8,
        discount: float = 0.99,
        batch: int = 256,
        buffer: int = 8192,
        passes: int = 1,
        start: str | None = None,
        opening: int = 10,
        epsilon: float = 0.05,
        max_plies: int = 200,
        share: float = 0.2,
        boards: int = 64,
        depth: int = 1,
        captures: bool = False,
    ) -> None:
        for name, count in (
            ("hidden", hidden),
            ("halving", halving),
            ("batch", batch),
            ("boards", boards),
            ("passes", passes),
        ):
            check_count(name, count)
        check_count("buffer", buffer, least=batch)
        check_count("max_plies", max_plies)
        check_count("opening", opening, least=0)
        check_count("depth", depth)
        for name, part in (("trace", trace), ("epsilon", epsilon), ("share", share)):
            if not 0 <= part <= 1:
                raise InvalidOption(f"{name} is {part!r}; it must be from 0 to 1")
        if not 0 < discount <= 1:
            raise InvalidOption(f"discount is {discount!r}; it must be above 0 and at most 1")
        for name, size in (("rate", rate), ("spread", spread)):
            if not 0 < size < float("inf"):
                raise InvalidOption(f"{name} is {size!r}; it must be above 0")
        self._hidden, self._spread = hidden, spread
        self._rate, self._halving = rate, halving
        self._trace, self._discount = trace, discount
        self._batch, self._buffer, self._passes = batch, buffer, passes
        self._terms = Terms(read_start(start, "claim"), boards, opening, epsilon, max_plies, share)
        self._settings = f"depth={depth}&captures={str(captures).lower()}"

    def begin(self, out: Path, *, seed: int) -> None:
        """Writes what knows nothing."""
        _Mind.new(Network.untrained(self._hidden, seed, spread=self._spread)).write(out)

    def learn(self, state: Path, rivals: Sequence[Path], out: Path, *, seed: int, plies: int) -> dict[str, float]:
        """Plays so many plies, learns from them, and writes what it has learned.

        Args:
            state: What `begin` or `learn` wrote, which stays as it is.
            rivals: Likewise, of past generations to play against.
            out: Where the new state goes.
            seed: All that chance decides comes from it.
            plies: Moves of both sides, at least 1; the games that are under way at the end are not learned from.

        Returns:
            What happened, by name.

        Raises:
            InvalidNetwork: A file is no such state.
        """
        mind = _Mind.read(state)
        rng = np.random.default_rng(seed)
        lockstep = Lockstep(mind.network, [Network.read(rival) for rival in rivals], self._terms, rng)
        games: list[Trail] = []
        waiting = played = ended = length = 0
        won = 0.0
        while played < plies:
            over = lockstep.step()
            played += self._terms.boards
            games += over
            waiting += sum(len(trail.views) for trail in over)
            if waiting >= self._buffer:
                rate = self._rate / (1 + (mind.plies + played) / self._halving)
                self._study(mind, games, rate, rng)
                ended += len(games)
                won += sum(trail.result for trail in games)
                length += waiting
                games, waiting = [], 0
        mind.plies += played
        mind.write(out)
        return {"plies": played, "games": ended, "decisive": won / max(ended, 1), "length": length / max(ended, 1)}

    def agent(self, state: Path) -> str:
        """Names the agent that plays by a state."""
        return f"td:{state}?{self._settings}"

    def _study(self, mind: _Mind, games: Sequence[Trail], rate: float, rng: np.random.Generator) -> None:
        """Learns from games, their positions in an order that chance decides."""
        views = stacked([view for trail in games for view in trail.views])
        trace, discount = self._trace, self._discount
        worth = [returns(trail.best, trail.cut, trail.result, trace, discount) for trail in games]
        targets = np.concatenate(worth, dtype=np.float32)
        for _ in range(self._passes):
            order = rng.permutation(len(views))
            for begin in range(0, len(order) - self._batch + 1, self._batch):
                chosen = order[begin : begin + self._batch]
                mind.step(mind.network.gradient(views[chosen], targets[chosen]), rate)


def returns(best: Sequence[float], cut: Sequence[bool], result: float, trace: float, discount: float) -> list[float]:
    """Says what each position of a game turned out to be worth to whoever moved into it.

    The last is worth the result. Each other is worth what its successor was not: the best that the opponent saw there
    by 1 - λ, and what came of the reply by λ; where the reply was a bad one drawn at random, the best alone.

    Args:
        best: At each ply, the value of the best action to whoever is to move.
        cut: At each ply, whether what came of it is not to be looked at.
        result: Of the game, to whoever moved last.
        trace: λ.
        discount: What all of it is worth a ply before.
    """
    worth = [result]
    for expected, spoiled in zip(reversed(best[1:]), reversed(cut[1:]), strict=True):
        came = worth[-1]
        worth.append(-discount * (expected if spoiled else (1 - trace) * expected + trace * came))
    return worth[::-1]


@dataclass(slots=True)
class _Mind:
    """A network, and where its learning stands."""

    network: Network
    means: tuple[Array, ...]
    squares: tuple[Array, ...]
    steps: int = 0
    plies: int = 0

    @classmethod
    def new(cls, network: Network) -> _Mind:
        means, squares = (tuple(np.zeros_like(array) for array in network.arrays()) for _ in range(2))
        return cls(network, means, squares)

    @classmethod
    def read(cls, file: Path) -> _Mind:
        arrays = read_arrays(file)
        mind = cls.new(Network.of_arrays(arrays, file))
        try:
            for kept, name in ((mind.means, "mean"), (mind.squares, "square")):
                for i, array in enumerate(kept):
                    array[...] = arrays[f"{name}{i}"]
            mind.steps, mind.plies = int(arrays["steps"]), int(arrays["plies"])
        except (KeyError, ValueError, TypeError) as error:
            raise InvalidNetwork(f"{file} holds a network, but not where its learning stands: {error}") from error
        return mind

    def write(self, file: Path) -> None:
        arrays = self.network.named()
        for kept, name in ((self.means, "mean"), (self.squares, "square")):
            arrays |= {f"{name}{i}": array for i, array in enumerate(kept)}
        write_arrays(file, arrays | {"steps": np.array(self.steps), "plies": np.array(self.plies)})

    def step(self, gradient: Sequence[Array], rate: float) -> None:
        """Moves the weights down a gradient, by Adam."""
        self.steps += 1
        first, second = 1 - _FIRST_DECAY**self.steps, 1 - _SECOND_DECAY**self.steps
        for weights, slope, mean, square in zip(self.network.arrays(), gradient, self.means, self.squares, strict=True):
            mean += (1 - _FIRST_DECAY) * (slope - mean)
            square += (1 - _SECOND_DECAY) * (slope * slope - square)
            weights -= rate / first * mean / (np.sqrt(square / second) + _TINY)
