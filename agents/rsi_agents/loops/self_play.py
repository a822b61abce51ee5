# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`self_play`: a policy plays itself and its own past generations, and learns from how the games end.

What learns, and by which rule, is a learner's business; the loop hands generations on, chooses past ones as rivals,
and has every generation measured against an opponent that none has learned from.

Sources: G. Tesauro, Temporal difference learning and TD-Gammon, 1995; D. Silver et al., Mastering chess and shogi by
self-play with a general reinforcement learning algorithm, 2017 (1712.01815), in spirit; O. Vinyals et al., Grandmaster
level in StarCraft II using multi-agent reinforcement learning, 2019, for a pool of past generations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol, cast

import numpy as np
from pydantic import Field

from rsi_agents.errors import InvalidLoop
from rsi_agents.loading import load_object
from rsi_agents.loops.contract import Proposal, Round
from rsi_agents.records import EpisodeRecord
from rsi_envs.core.errors import InvalidOption

CHESS_LEARNER = "rsi_envs.chess.td:TDLearner"
_BEGINNING, _GENERATION = "beginning", "generation"
_STATE, _MEASURES = "state", "measures.json"


class Learner(Protocol):
    """Plays itself in some world of several players, and learns; its constructor's settings are keyword parameters."""

    def begin(self, out: Path, *, seed: int) -> None:
        """Writes the state of what has learned nothing."""
        ...

    def learn(self, state: Path, rivals: Sequence[Path], out: Path, *, seed: int, plies: int) -> Mapping[str, float]:
        """Goes on from a state.

        It must do the same when it is called again with the same arguments.

        Args:
            state: A file that `begin` or `learn` wrote.
            rivals: Likewise, of past generations, to play against.
            out: Where the new state goes, one file.
            seed: All that chance decides comes from it.
            plies: How many actions, of all players together, to play.

        Returns:
            Finite numbers for the record, by name.
        """
        ...

    def agent(self, state: Path) -> str:
        """Names the agent that plays by a state."""
        ...


class SelfPlay:
    """Has a learner play itself and past generations for so many plies a round.

    Args:
        learner: An object `module:Class`; see `Learner`.
        options: The learner's settings.
        plies: Actions of all players together, a round.
        pool: Past generations that a round plays against, at most, drawn from those that were kept; 0 plays itself
            alone.

    Raises:
        InvalidLoop: There is no such learner, or it takes no such settings.
    """

    def __init__(
        self,
        *,
        learner: str = CHESS_LEARNER,
        options: dict[str, Any] | None = None,
        plies: Annotated[int, Field(ge=1)] = 1_000_000,
        pool: Annotated[int, Field(ge=0)] = 2,
    ) -> None:
        self._learner = _made(learner, options or {})
        self._plies, self._pool = plies, pool

    def propose(self, round_: Round) -> Proposal:
        """Makes the next generation; see `Loop.propose`."""
        past = self._kept(round_)
        state = (
            past[-1]
            if past
            else round_.once(_BEGINNING, lambda path: self._learner.begin(path, seed=round_.config.seed))
        )
        rivals = self._rivals(past[:-1], round_.seed)
        made = round_.once(_GENERATION, lambda path: self._learn(state, rivals, path, seed=round_.seed))
        measures = json.loads((made / _MEASURES).read_text())
        return Proposal(
            self._learner.agent(made.resolve() / _STATE),
            f"learned from its own games, on some boards against {len(rivals)} of {len(past)} past generations",
            measures | {"rivals": len(rivals)},
            {"generation": round_.within(made)},
        )

    def proxy(self, round_: Round, records: Sequence[EpisodeRecord]) -> None:
        """There is no reward but the result of games."""

    def _kept(self, round_: Round) -> list[Path]:
        """Lists the states of earlier rounds whose generations were kept, the oldest first."""
        states = [path.resolve() / _STATE for path in reversed(round_.earlier(_GENERATION))]
        return [state for state in states if self._learner.agent(state) in round_.kept]

    def _rivals(self, past: Sequence[Path], seed: int) -> list[Path]:
        chosen = np.random.default_rng(seed).permutation(len(past))[: self._pool]
        return [past[i] for i in sorted(chosen)]

    def _learn(self, state: Path, rivals: Sequence[Path], out: Path, *, seed: int) -> None:
        out.mkdir()
        measures = self._learner.learn(state, rivals, out / _STATE, seed=seed, plies=self._plies)
        (out / _MEASURES).write_text(json.dumps(dict(measures)))


def _made(learner: str, options: Mapping[str, Any]) -> Learner:
    constructor = load_object(learner, InvalidLoop)
    try:
        return cast("Learner", constructor(**options))
    except (TypeError, InvalidOption) as error:
        raise InvalidLoop(f"learner {learner!r} can't be made with the options {dict(options)}: {error}") from error
