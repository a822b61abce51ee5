# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Whether an environment keeps the suite's conventions: `check_text_env`, and `check_masked_env` for numeric ones."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from rsi_envs.core.errors import InvalidAction, InvalidOption, RsiError, TaskNotFound
from rsi_envs.core.spaces import UnicodeText
from rsi_envs.core.text import MAX_TEXT_LENGTH, TextEnv
from rsi_envs.core.verdict import Verdict

INFO_KEYS = {"task_id", "split", "tools", "malformed", "metrics"}
_MOST_STEPS = 50


class ConventionBroken(RsiError, AssertionError):
    """An environment breaks a convention; the message says which and how."""


def check_text_env(env: gym.Env[str, str]) -> None:
    """Plays an environment through and raises at the first convention it breaks.

    Checked: the spaces; that a seed fixes task and text; that infos are fresh, JSON-serialisable and complete; that
    rewards are finite and sum to the score; that malformed actions are data and wrong types are errors; that trying an
    action gives a share and changes nothing; that the last step, and no other, has a verdict; that splits are disjoint;
    that `close` may be called twice.
    Not checked: anything that needs a good answer, or several instances at once.

    Args:
        env: A fresh environment, wrapped or not; closed afterwards.

    Raises:
        ConventionBroken: A convention is broken.
    """
    text_env = env.unwrapped
    _hold(isinstance(text_env, TextEnv), "the environment is no TextEnv")
    try:
        for space in (env.observation_space, env.action_space):
            _hold(isinstance(space, UnicodeText), f"{space} is no UnicodeText")
            _hold(space.sample() in space, f"a sample of {space} is not in it")
            _hold(pickle.loads(pickle.dumps(space)) == space, f"{space} does not survive pickling")  # noqa: S301
        _check_splits(text_env)
        _check_order_of_calls(env)
        _check_seeding(env)
        _check_preview(text_env)
        for action in ("", "…", "x" * (MAX_TEXT_LENGTH + 1)):
            _check_episode(env, action)
    finally:
        env.close()
        env.close()


def check_masked_env(env: gym.Env[Any, Any]) -> None:
    """Plays a numeric environment with a mask of legal actions and raises at the first convention it breaks.

    Checked: that a seed fixes the opening; that every info has the mask, int8 over the whole action space, equal to
    `action_masks()` and all 0 after the end; that infos are JSON-serialisable beside it; that rewards are finite; that
    the last step, and no other, has a verdict; that an illegal action ends the episode as malformed; that wrong types
    and calls out of order are errors; that `close` may be called twice.

    Args:
        env: A fresh environment, wrapped or not; closed afterwards.

    Raises:
        ConventionBroken: A convention is broken.
    """
    try:
        _expect(ResetNeeded, lambda: env.unwrapped.step(0), "a step before reset")
        _expect(InvalidOption, lambda: env.reset(options={"no such option": 1}), "an unknown reset option")
        env.reset(seed=0)
        _expect(InvalidAction, lambda: env.step("a"), "an action that is no integer")
        _check_masked_episode(env, legally=True)
        _check_masked_episode(env, legally=False)
    finally:
        env.close()
        env.close()


def _check_masked_episode(env: gym.Env[Any, Any], *, legally: bool) -> None:
    (observation, info), (again, _) = env.reset(seed=3), env.reset(seed=3)
    _hold(bool(np.array_equal(observation, again)), "the same seed gives different openings")
    rng = np.random.default_rng(0)
    over = False
    while not over:
        mask = _checked_mask(env, info)
        _hold(bool(mask.any()), "no action is legal before the end")
        _hold("verdict" not in info, "a step before the last has a verdict")
        action = int(rng.choice(np.flatnonzero(mask == legally)))
        observation, reward, terminated, truncated, info = env.step(action)
        _hold(observation in env.observation_space, "an observation is outside the observation space")
        _hold(math.isfinite(float(reward)), f"reward {reward!r} is not finite")
        over = bool(terminated or truncated)
        _hold(over or legally, "an illegal action does not end the episode")
    _hold("verdict" in info, "the last step has no verdict")
    Verdict.from_dict(info["verdict"])
    _hold(not _checked_mask(env, info).any(), "an action is legal after the end")
    _hold(bool(info.get("malformed")) != legally, "an illegal action, and no other, is malformed")
    _expect(ResetNeeded, lambda: env.unwrapped.step(0), "a step after the end")


def _checked_mask(env: gym.Env[Any, Any], info: dict[str, Any]) -> NDArray[np.int8]:
    mask = info.get("action_mask")
    if not isinstance(mask, np.ndarray) or not isinstance(env.action_space, gym.spaces.Discrete):
        raise ConventionBroken("info has no action_mask, or the action space is not Discrete")
    _hold(mask.dtype == np.int8 and mask.shape == (env.action_space.n,), f"the mask is {mask.dtype} of {mask.shape}")
    _hold(bool(np.array_equal(mask, env.get_wrapper_attr("action_masks")())), "action_masks() differs from the mask")
    _hold_json({key: value for key, value in info.items() if key != "action_mask"})
    return mask


def _hold(holds: bool, broken: str) -> None:
    if not holds:
        raise ConventionBroken(broken)


def _expect(error: type[Exception], call: Callable[[], object], what: str) -> None:
    try:
        call()
    except error:
        return
    raise ConventionBroken(f"{what} does not raise {error.__name__}")


def _check_splits(env: Any) -> None:
    train, test = set(env.task_ids("train")), set(env.task_ids("test"))
    _hold(not train & test, f"tasks in both splits: {sorted(train & test)}")
    _hold(set(env.task_ids()) == train | test, "task_ids() is not the union of the splits")


def _check_order_of_calls(env: gym.Env[str, str]) -> None:
    unwrapped = env.unwrapped
    _expect(ResetNeeded, lambda: unwrapped.step(""), "a step before reset")
    _expect(InvalidOption, lambda: env.reset(options={"no such option": 1}), "an unknown reset option")
    if isinstance(unwrapped, TextEnv) and unwrapped.task_ids():
        _expect(TaskNotFound, lambda: env.reset(options={"task_id": "no such task"}), "an unknown task id")
    env.reset(seed=0)
    _expect(InvalidAction, lambda: unwrapped.step(7), "an action that is no string")  # type: ignore[arg-type]


def _check_seeding(env: gym.Env[str, str]) -> None:
    first, again = env.reset(seed=7), env.reset(seed=7)
    _hold(first == again, "the same seed gives different openings")
    _hold(first[1] is not again[1], "reset gives the same info dict twice")
    _hold(bool(first[0].strip()), "the first observation is empty")


def _check_preview(env: Any) -> None:
    env.reset(seed=2)
    drawn = env.np_random.bit_generator.state
    for action in ("", "x" * (MAX_TEXT_LENGTH + 1)):
        share = env.preview(action)
        _hold(share is None or 0.0 <= share <= 1.0, f"the preview {share!r} is neither None nor in [0, 1]")
        _hold(share is None or env.previews, "there is a preview where `previews` says that there is none")
    _hold(env.np_random.bit_generator.state == drawn, "trying an action draws random numbers")


def _check_episode(env: gym.Env[str, str], action: str) -> None:
    observation, info = env.reset(seed=1)
    _check_turn(env, observation, info)
    total = 0.0
    for _ in range(_MOST_STEPS):
        observation, reward, terminated, truncated, info = env.step(action)
        _check_turn(env, observation, info)
        _hold(isinstance(reward, float) and math.isfinite(reward), f"reward {reward!r} is no finite float")
        total += float(reward)
        over = terminated or truncated
        _hold(("verdict" in info) == over, "the last step, and no other, has a verdict")
        if len(action) > MAX_TEXT_LENGTH:
            _hold(bool(info["malformed"]), "an action beyond the space's length is not malformed")
        if over:
            break
    else:
        raise ConventionBroken(f"the episode is not over after {_MOST_STEPS} steps")
    verdict = Verdict.from_dict(info["verdict"])
    if verdict.score is not None:
        _hold(math.isclose(total, verdict.score, abs_tol=1e-9), f"rewards sum to {total}, the score is {verdict.score}")
    _expect(ResetNeeded, lambda: env.unwrapped.step(""), "a step after the end")


def _check_turn(env: gym.Env[str, str], observation: str, info: dict[str, Any]) -> None:
    _hold(observation in env.observation_space, "an observation is outside the observation space")
    _hold(set(info) >= INFO_KEYS, f"info lacks {sorted(INFO_KEYS - set(info))}")
    _hold_json(info)


def _hold_json(info: dict[str, Any]) -> None:
    try:
        json.dumps(info, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ConventionBroken(f"info is not JSON-serialisable: {error}") from error
