# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""rsi/Chess-v0 as a vector: many boards in one process, whose observations are made in one go."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from rsi_envs.chess import planes
from rsi_envs.chess.env import start_option
from rsi_envs.chess.match import Advance, Match, Terms
from rsi_envs.core.errors import InvalidAction, InvalidOption
from rsi_envs.core.options import check_choice, check_count

MOST_BOARDS = 4096
_IGNORED = Advance()


class ChessVectorEnv(VectorEnv[NDArray[np.uint8], NDArray[np.int64], Any]):
    """Steps `num_envs` boards of `rsi/Chess-v0` at once; see `ChessEnv` for what each is.

    Observations have the shape (num_envs, 8, 8, planes), rewards are float64. `infos["action_mask"]` is int8 of shape
    (num_envs, 4672); `infos["verdict"]` and `infos["malformed"]` are there when a board has any, as Gymnasium batches
    infos, with `infos["_verdict"]` and `infos["_malformed"]` saying which.

    Args:
        num_envs: 1 to 4,096.
        autoreset_mode: When a finished board begins again, as Gymnasium defines it: "NextStep", with the next step,
            whose action it ignores; "SameStep", at once, with the last observation and info in `infos["final_obs"]`
            and `infos["final_info"]`; "Disabled", by `reset(options={"reset_mask": …})`.
        **terms: `ChessEnv`'s arguments, without `render_mode`.

    Raises:
        InvalidOption: An argument that makes no sense.
        TypeError: An argument that is not among `ChessEnv`'s.

    Source: Gymnasium's `AutoresetMode` and `SyncVectorEnv`, to which the tests hold it.
    """

    def __init__(
        self, num_envs: int = 1, *, autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP, **terms: Any
    ) -> None:
        # Gymnasium 1.2.2 closes what is collected, also after an argument was refused.
        self.matches: list[Match] = []
        """The boards in order."""
        check_count("num_envs", num_envs)
        if num_envs > MOST_BOARDS:
            raise InvalidOption(f"num_envs is {num_envs}; it must be at most {MOST_BOARDS}")
        modes = [mode.value for mode in AutoresetMode]
        mode = getattr(autoreset_mode, "value", autoreset_mode)
        check_choice("autoreset_mode", mode, modes)
        self._mode = AutoresetMode(mode)
        self.metadata = {"render_modes": [], "autoreset_mode": self._mode}
        self.num_envs = num_envs
        self.render_mode = None
        self.matches = [Match(Terms(**terms)) for _ in range(num_envs)]
        self._layout = self.matches[0].terms.observation
        self.single_observation_space = copy.deepcopy(self.matches[0].observation_space)
        self.single_action_space = copy.deepcopy(self.matches[0].action_space)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._rngs = [np.random.default_rng() for _ in self.matches]
        self._waiting = np.ones(num_envs, np.bool_)
        """Boards whose game is over, or has never begun."""
        self._begun = False

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Begins a game on every board, or on those of `options["reset_mask"]`.

        Args:
            seed: Board i gets seed + i, or the i-th of a sequence; None goes on from before.
            options: May hold "start", for these games alone, and "reset_mask", bool of shape (num_envs,).

        Raises:
            InvalidOption: An unknown option, or seeds or a mask of the wrong length.
        """
        given = dict(options or {})
        mask = np.asarray(given.pop("reset_mask", np.ones(self.num_envs, np.bool_)))
        if mask.shape != (self.num_envs,) or mask.dtype != np.bool_:
            raise InvalidOption(
                f"reset_mask must be bool of shape ({self.num_envs},), not {mask.dtype} of {mask.shape}"
            )
        start = start_option(given)
        seeds = [seed + i for i in range(self.num_envs)] if isinstance(seed, int) else seed or [None] * self.num_envs
        if len(seeds) != self.num_envs:
            raise InvalidOption(f"there are {len(seeds)} seeds for {self.num_envs} boards; give one each")
        for i in np.flatnonzero(mask).tolist():
            if seeds[i] is not None:
                self._rngs[i] = np.random.default_rng(seeds[i])
            self.matches[i].begin(self._rngs[i], seed=seeds[i], start=start)
        self._waiting[mask] = False
        self._begun = True
        batch = planes.Batch(self._layout)
        for match in self.matches:
            batch.add(match.game, over=match.over)
        return batch.observations(), self._masks(batch)

    def step(
        self, actions: Sequence[int] | NDArray[np.int64]
    ) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Plays one action on every board.

        Args:
            actions: One integer a board.

        Raises:
            InvalidAction: They are not as many integers as there are boards.
            ResetNeeded: A board has not been reset, and the autoreset mode does not do that here.
            EnvironmentFault: An opponent broke.
        """
        given = self._checked(actions)
        rewards, terminated, truncated = [], [], []
        infos: dict[str, Any] = {}
        batch = planes.Batch(self._layout)
        for i, (match, action, waiting) in enumerate(zip(self.matches, given, self._waiting.tolist(), strict=True)):
            after = self._restart(i) if waiting else match.advance(action)
            rewards.append(after.reward)
            terminated.append(after.terminated)
            truncated.append(after.truncated)
            if after.verdict is not None:
                infos = self._conclude(i, after, infos)
            batch.add(match.game, over=match.over)
        ended = np.array(terminated, np.bool_), np.array(truncated, np.bool_)
        over = ended[0] | ended[1]
        self._waiting = np.zeros_like(over) if self._mode == AutoresetMode.SAME_STEP else over
        return batch.observations(), np.array(rewards, np.float64), *ended, infos | self._masks(batch)

    def _conclude(self, i: int, after: Advance, infos: dict[str, Any]) -> dict[str, Any]:
        """Adds what is said at a game's end to the infos; begins the next game where that is this step's to do."""
        if self._mode != AutoresetMode.SAME_STEP:
            return self._add_info(infos, after.news(), i)
        final = {"final_obs": self.matches[i].observation(), "final_info": self.matches[i].info(after)}
        self._restart(i)
        return self._add_info(infos, final, i)

    def _checked(self, actions: Any) -> list[int]:
        given = np.asarray(actions)
        if given.shape != (self.num_envs,) or given.dtype.kind not in "iu":
            raise InvalidAction(
                f"actions are {self.num_envs} integers, one a board, not {given.dtype} of shape {given.shape}"
            )
        if self._mode == AutoresetMode.DISABLED and self._waiting.any():
            first = int(self._waiting.argmax())
            raise ResetNeeded(f"board {first} is over; reset it with options={{'reset_mask': …}} before step()")
        if not self._begun:
            raise ResetNeeded("no game has begun; call reset() before step()")
        return given.tolist()  # type: ignore[no-any-return]

    def _restart(self, i: int) -> Advance:
        self.matches[i].begin(self._rngs[i])
        return _IGNORED

    def _masks(self, batch: planes.Batch) -> dict[str, Any]:
        return {"action_mask": batch.masks(), "_action_mask": np.ones(self.num_envs, np.bool_)}

    def close_extras(self, **kwargs: Any) -> None:
        """Lets go of the opponents."""
        for match in self.matches:
            match.close()
