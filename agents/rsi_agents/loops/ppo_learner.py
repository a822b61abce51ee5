# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`MaskablePPOLearner`: learns any game of two that shows numbers, by masked policy gradients from its own games.

Sources: J. Schulman et al., Proximal policy optimization algorithms, 2017 (1707.06347); S. Huang and S. Ontañón, A
closer look at invalid action masking in policy gradient algorithms, 2020 (2006.14171). The algorithm is sb3-contrib's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, SupportsFloat

import gymnasium as gym

from rsi_agents.environments import open_environment
from rsi_agents.errors import InvalidLoop, InvalidPlan
from rsi_agents.loops.updaters.undisturbed import randomness_kept
from rsi_agents.policies.fitting import check_numbered, name_of
from rsi_agents.policies.sb3 import rl_extra
from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.options import check_count

_OPPONENT, _MASK, _VERDICT = "opponent", "action_mask", "verdict"
_NOBODY, _DEVICE = "random", "cpu"
_LOSSES = {"policy_loss": "train/policy_gradient_loss", "value_loss": "train/value_loss"}
"""What a round tells of its last update, and what sb3's logger calls it."""


class MaskablePPOLearner:
    """Learns by sb3-contrib's MaskablePPO, on boards where its own last state and past generations are the opponents.

    Opponents draw their actions by their probabilities, so that no two games need be the same; they do not learn within
    a round. The same arguments give the same policy on the same machine.

    Args:
        env: Where it learns: an environment of two players by its id, with an argument `opponent`, which shows numbers,
            takes the number of an action, tells the legal ones as `info["action_mask"]`, and ends with a verdict.
        env_args: Its constructor's further arguments. They should let both players be learned, where that is not the
            default: `side = "alternate"` in `rsi_agents.arena.two_players`.
        boards: Games at the same time.
        share: On which share of the boards past generations are the opponents, when there are some, in [0, 1].
        deterministic: Whether the agent then plays its likeliest action, or draws one.
        algorithm: Settings of `sb3_contrib.MaskablePPO`, such as `n_steps` and `policy_kwargs`; `policy` is "MlpPolicy"
            if left out.

    Raises:
        MissingExtra: Packages of the extra `rl` are not installed.
        EnvironmentNotFound: There is no such environment.
        UnfitEnvironment: It shows or takes something else.
        InvalidLoop: It has no seat for an opponent or no mask, or the algorithm does not take its settings.
        InvalidOption: A number outside its range, or an opponent in `env_args`.
    """

    def __init__(
        self,
        *,
        env: str,
        env_args: Mapping[str, Any] | None = None,
        boards: int = 8,
        share: float = 0.5,
        deterministic: bool = True,
        algorithm: Mapping[str, Any] | None = None,
    ) -> None:
        check_count("boards", boards)
        if not 0 <= share <= 1:
            raise InvalidOption(f"share is {share!r}; it must be from 0 to 1")
        self._env, self._env_args = env, dict(env_args or {})
        if _OPPONENT in self._env_args:
            raise InvalidOption("the learner is its own opponent; leave 'opponent' out of env_args")
        self._count, self._share, self._deterministic = boards, share, deterministic
        self._algorithm = {"policy": "MlpPolicy", **(algorithm or {})}
        # What can't be learned is told now, instead of after the base was measured.
        with _alone(), closing(self._boards([_NOBODY])) as board:
            self._untrained(board, seed=0)

    def begin(self, out: Path, *, seed: int) -> None:
        """Writes an untrained policy."""
        with _alone(), closing(self._boards([_NOBODY] * self._count)) as boards:
            _save(self._untrained(boards, seed), out)

    def learn(self, state: Path, rivals: Sequence[Path], out: Path, *, seed: int, plies: int) -> dict[str, float]:
        """Plays so many plies, learns from them, and writes the policy.

        Args:
            state: What `begin` or `learn` wrote, which stays as it is.
            rivals: Likewise, of past generations to play against.
            out: Where the new state goes.
            seed: All that chance decides comes from it.
            plies: Actions of both players, rounded up to `n_steps` of the learner's own on every board.

        Returns:
            What happened, by name: `plies`, twice the learner's actions; `games` that ended; of those the shares `won`
            and `drawn`, and plies to each, `length`; and losses of the last update.

        Raises:
            EnvironmentFault: The environment or an opponent broke.
        """
        with _alone(), closing(self._boards(self._opponents(state, rivals))) as boards:
            model = rl_extra("sb3_contrib").MaskablePPO.load(state, env=boards, device=_DEVICE)
            model.set_random_seed(seed)
            before, games = model.num_timesteps, _Games()
            model.learn((plies + 1) // 2, callback=games.note, log_interval=None, reset_num_timesteps=False)
            _save(model, out)
        played, ended = 2 * (model.num_timesteps - before), max(games.ended, 1)
        told = {"plies": played, "games": games.ended, "won": games.won / ended, "drawn": games.drawn / ended}
        losses = {name: float(model.logger.name_to_value[key]) for name, key in _LOSSES.items()}
        return told | {"length": played / ended} | losses

    def agent(self, state: Path) -> str:
        """Names the agent that plays by a state."""
        return f"sb3:{state}" if self._deterministic else _drawing(state)

    def _opponents(self, state: Path, rivals: Sequence[Path]) -> list[str]:
        """Names every board's opponent: past generations in turn on the first boards, itself on the others."""
        past = round(self._share * self._count) if rivals else 0
        return [_drawing(rivals[i % len(rivals)] if i < past else state) for i in range(self._count)]

    def _boards(self, opponents: Sequence[str]) -> Any:
        make = rl_extra("stable_baselines3.common.vec_env").DummyVecEnv
        return make([partial(self._board, opponent) for opponent in opponents])

    def _board(self, opponent: str) -> _Board:
        try:
            env = open_environment(self._env, {**self._env_args, _OPPONENT: opponent})
        except InvalidPlan as error:
            raise InvalidLoop(f"nobody can learn from games with itself there: {error}") from error
        check_numbered(type(self).__name__, env)
        return _Board(env)

    def _untrained(self, boards: Any, seed: int) -> Any:
        make = rl_extra("sb3_contrib").MaskablePPO
        try:
            model = make(env=boards, seed=seed, device=_DEVICE, **self._algorithm)
        except (AssertionError, TypeError, ValueError) as error:
            raise InvalidLoop(f"MaskablePPO does not take {self._algorithm}: {error}") from error
        boards.reset()
        return model


class _Board(gym.Wrapper[Any, Any, Any, Any]):
    """Tells sb3-contrib the mask of legal actions, which this suite's environments put into `info`."""

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        observation, info = super().reset(seed=seed, options=options)
        self._keep(info)
        return observation, info

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = super().step(action)
        if not (terminated or truncated):
            self._keep(info)
        return observation, reward, terminated, truncated, info

    def action_masks(self) -> Any:
        return self._mask

    def _keep(self, info: Mapping[str, Any]) -> None:
        if _MASK not in info:
            raise InvalidLoop(
                f"{name_of(self)} tells no legal actions as info['{_MASK}'], which MaskablePPO chooses from; "
                "choose an environment that does, such as rsi/Chess-v0"
            )
        self._mask = info[_MASK]


@dataclass(slots=True)
class _Games:
    """How games ended."""

    ended: int = 0
    won: int = 0
    drawn: int = 0

    def note(self, here: Mapping[str, Any], _: Mapping[str, Any]) -> bool:
        """Takes a step of all boards, as sb3 shows it to a callback; True lets it go on."""
        for done, info in zip(here["dones"], here["infos"], strict=True):
            if done:
                if _VERDICT not in info:
                    raise InvalidLoop(
                        f"a game ended without info['{_VERDICT}'], so that nobody knows who won; "
                        "choose an environment that tells, such as rsi/Chess-v0"
                    )
                score = info[_VERDICT]["score"]
                self.ended += 1
                self.won += score == 1.0
                self.drawn += score == 0.5
        return True


def _drawing(state: Path) -> str:
    return f"sb3:{state}?deterministic=false"


def _save(model: Any, out: Path) -> None:
    # To a file, because a path without an ending would be given one.
    with out.open("wb") as file:
        model.save(file)


@contextmanager
def _alone() -> Iterator[None]:
    """Computes on one thread, on which sums come out the same, and seeds nobody else's randomness."""
    torch = rl_extra("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with randomness_kept(torch):
            yield
    finally:
        torch.set_num_threads(threads)
