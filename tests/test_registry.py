# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every registered environment keeps every convention."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import check_env

from rsi_envs.core.checks import ConventionBroken, check_masked_env, check_text_env
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
    ],
)
def test_the_checker_names_what_is_broken(env_class: type[PlainEnv], broken: str) -> None:
    with pytest.raises(ConventionBroken, match=broken):
        check_text_env(env_class())
