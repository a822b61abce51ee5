# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every registered environment keeps every convention."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from rsi_envs.core.checks import ConventionBroken, check_masked_env, check_text_env
from rsi_envs.core.errors import InvalidAction, InvalidOption
from rsi_envs.core.text import Opening, TextEnv, Turn
from rsi_envs.core.verdict import Verdict
from rsi_envs.registration import TABLE

HEAVY = [
    "chess",
    "docker",
    "litellm",
    "torch",
    "ray",
    "pettingzoo",
    "scipy",
    "pydantic",
    "rich",
    "typer",
    "datasets",
    "inspect_ai",
]


@pytest.mark.parametrize("env_id", TABLE)
def test_gymnasium_finds_nothing_to_complain_about(env_id: str, quick_sandbox: object) -> None:
    env = gym.make(env_id)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize("env_id", TABLE)
def test_the_suites_own_conventions_hold(env_id: str, quick_sandbox: object) -> None:
    env = gym.make(env_id)
    if isinstance(env.unwrapped, TextEnv):
        check_text_env(env)
    else:
        check_masked_env(env)


@pytest.mark.parametrize("env_id", TABLE)
def test_id_class_and_card_agree(env_id: str) -> None:
    env = gym.make(env_id)
    name = env_id.removeprefix("rsi/").rpartition("-v")[0]
    assert type(env.unwrapped).__name__ == f"{name}Env"
    card = type(env.unwrapped).__doc__ or ""
    for section in ("Description", "Action Space", "Observation Space", "Starting State", "Rewards", "Episode End",
                    "Information", "Arguments"):  # fmt: skip
        assert f"## {section}" in card
    env.close()


@pytest.mark.parametrize("env_id", TABLE)
def test_specs_can_be_pickled(env_id: str) -> None:
    spec = gym.make(env_id).spec
    assert spec is not None
    gym.make(pickle.loads(pickle.dumps(spec))).close()


def test_importing_loads_nothing_heavy() -> None:
    source = f"import sys, rsi_envs; print([name for name in {HEAVY} if name in sys.modules])"
    path = [p for p in sys.path if p]
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(path)}
    )
    assert done.stdout.strip() == "[]"


class PlainEnv(TextEnv):
    """A text environment that keeps the conventions: one turn, one point."""

    score = 1.0

    def _open(self, task_id: str | None) -> Opening:
        return Opening("Say anything.")

    def _respond(self, action: str) -> Turn:
        return Turn("Well said.", self.score, terminated=True, verdict=Verdict(score=1.0))

    def _refuse(self, reason: str) -> Turn:
        return Turn("", 0.0, terminated=True, verdict=Verdict(score=0.0, reason=reason), malformed=reason)


class UnseededEnv(PlainEnv):
    """Draws its text past the seed."""

    count = 0

    def _open(self, task_id: str | None) -> Opening:
        type(self).count += 1
        return Opening(f"Say {self.count}.")


class UnpaidEnv(PlainEnv):
    """Its rewards don't sum to its score."""

    score = 0.25


class MuteEnv(PlainEnv):
    """Ends without a verdict."""

    def _respond(self, action: str) -> Turn:
        return Turn("", terminated=True)


class EndlessEnv(PlainEnv):
    """Never ends."""

    def _respond(self, action: str) -> Turn:
        return Turn("Go on.")


class PatientEnv(PlainEnv):
    """Ends when it is told to."""

    def _respond(self, action: str) -> Turn:
        return super()._respond(action) if action == "end" else Turn("Go on.")


class InfiniteEnv(PlainEnv):
    """Gives an info that JSON can't hold."""

    def _respond(self, action: str) -> Turn:
        return Turn("", 1.0, terminated=True, verdict=Verdict(score=1.0), metrics={"speed": float("inf")})


class BoastfulEnv(PlainEnv):
    """Finds an action better than good."""

    def _preview(self, action: str) -> float:
        return 1.5


class MeddlingEnv(PlainEnv):
    """Draws numbers when an action is tried."""

    def _preview(self, action: str) -> float:
        return float(self.np_random.random())


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_environments_of_a_vector_may_end_at_different_times(mode: str) -> None:
    vector = gym.vector.SyncVectorEnv([PatientEnv, PatientEnv], autoreset_mode=mode)
    vector.reset(seed=0)
    infos = vector.step(("go on", "end"))[4]
    verdicts = infos["final_info"]["verdict"] if mode == "SameStep" else infos["verdict"]
    assert verdicts["score"].tolist() == [0.0, 1.0]
    assert verdicts["_score"].tolist() == [False, True]
    vector.close()


def test_the_checker_passes_an_environment_that_keeps_the_conventions() -> None:
    check_text_env(PlainEnv())


@pytest.mark.parametrize(
    ("env_class", "broken"),
    [
        (UnseededEnv, "the same seed"),
        (UnpaidEnv, "rewards sum to 0.25, the score is 1.0"),
        (MuteEnv, "has a verdict"),
        (EndlessEnv, "not over after"),
        (InfiniteEnv, "not JSON-serialisable"),
        (BoastfulEnv, "the preview 1.5 is neither None nor in"),
        (MeddlingEnv, "trying an action draws random numbers"),
    ],
)
def test_the_checker_names_what_is_broken(env_class: type[PlainEnv], broken: str) -> None:
    with pytest.raises(ConventionBroken, match=broken):
        check_text_env(env_class())


class CountEnv(gym.Env[int, int]):
    """A numeric environment that keeps the conventions: choose 1, three times."""

    observation_space = gym.spaces.Discrete(4)
    action_space = gym.spaces.Discrete(3)
    last_info: dict[str, Any] = {}  # noqa: RUF012 - never written to
    mask_dtype: type = np.int8
    left = 0

    def action_masks(self) -> Any:
        return np.array([0, self.left > 0, 0], self.mask_dtype)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed)
        if options:
            raise InvalidOption("there are none")
        self.left = 3
        return self.left, {"action_mask": self.action_masks()}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        if not self.left:
            raise ResetNeeded
        if not isinstance(action, int):
            raise InvalidAction("an integer is wanted")
        self.left = self.left - 1 if action == 1 else 0
        info = {"action_mask": self.action_masks()} | (self.news(action) if not self.left else {})
        return self.left, 0.0, not self.left, False, info

    def news(self, action: int) -> dict[str, Any]:
        verdict = {"verdict": Verdict(score=float(action == 1)).as_dict()}
        return verdict if action == 1 else verdict | {"malformed": "not 1"}


class FloatMaskEnv(CountEnv):
    mask_dtype = float


class SilentEnv(CountEnv):
    def news(self, action: int) -> dict[str, Any]:
        return {}


class LenientEnv(CountEnv):
    """Takes an illegal action as if it were legal."""

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        return super().step(1 if isinstance(action, int) else action)


class StaleMaskEnv(CountEnv):
    """Goes on to allow actions after the end."""

    def action_masks(self) -> Any:
        return np.array([0, 1, 0], np.int8)


class DriftingEnv(CountEnv):
    """Begins otherwise each time."""

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        _, info = super().reset(seed=seed, options=options)
        type(self).drift += 1
        return self.drift % 4, info

    drift = 0


def test_the_checker_passes_a_masked_environment_that_keeps_the_conventions() -> None:
    check_masked_env(CountEnv())


@pytest.mark.parametrize(
    ("env_class", "broken"),
    [
        (FloatMaskEnv, "the mask is float64"),
        (SilentEnv, "the last step has no verdict"),
        (LenientEnv, "an illegal action does not end"),
        (StaleMaskEnv, "legal after the end"),
        (DriftingEnv, "the same seed"),
    ],
)
def test_the_checker_names_what_a_masked_environment_breaks(env_class: type[CountEnv], broken: str) -> None:
    with pytest.raises(ConventionBroken, match=broken):
        check_masked_env(env_class())
