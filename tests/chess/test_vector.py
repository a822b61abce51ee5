# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vector of boards does what Gymnasium's own vector of the same environments does."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import SyncVectorEnv
from numpy.typing import NDArray

from rsi_envs.chess.env import ChessEnv
from rsi_envs.chess.vector import ChessVectorEnv
from rsi_envs.core.errors import InvalidAction, InvalidOption

SHORT = {"max_plies": 12, "start": "KQvK"}


def assert_equal(ours: Any, theirs: Any) -> None:
    """Compares infos of arrays, dicts and plain values."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs)
        for key in theirs:
            assert_equal(ours[key], theirs[key])
    elif isinstance(theirs, np.ndarray) and theirs.dtype == object:
        for a, b in zip(ours, theirs, strict=True):
            assert_equal(a, b)
    else:
        assert np.array_equal(ours, theirs)


def choose(masks: NDArray[np.int8], rng: np.random.Generator) -> NDArray[np.int64]:
    """Picks a legal action a board, sometimes an illegal one; any where none is legal."""
    return np.array(
        [rng.choice(legal) if len(legal := np.flatnonzero(mask)) and rng.random() > 0.02 else 0 for mask in masks]
    )


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
@pytest.mark.parametrize("terms", [SHORT, SHORT | {"opponent": "self"}, SHORT | {"observation": "light"}])
def test_it_is_gymnasiums_vector(mode: str, terms: dict[str, Any]) -> None:
    ours = ChessVectorEnv(5, autoreset_mode=mode, **terms)
    theirs = SyncVectorEnv([lambda: ChessEnv(**terms)] * 5, autoreset_mode=mode)
    assert ours.single_observation_space == theirs.single_observation_space
    assert ours.observation_space == theirs.observation_space
    assert ours.action_space == theirs.action_space
    assert ours.metadata["autoreset_mode"] == theirs.metadata["autoreset_mode"]
    (seen, infos), (seen_, infos_) = ours.reset(seed=3), theirs.reset(seed=3)
    rng = np.random.default_rng(0)
    ends = 0
    for _ in range(60):
        assert np.array_equal(seen, seen_)
        assert_equal(infos, infos_)
        actions = choose(infos["action_mask"], rng)
        seen, rewards, terminations, truncations, infos = ours.step(actions)
        seen_, rewards_, terminations_, truncations_, infos_ = theirs.step(actions)
        assert np.array_equal(rewards, rewards_)
        assert np.array_equal(terminations, terminations_)
        assert np.array_equal(truncations, truncations_)
        ends += int((terminations | truncations).sum())
    assert ends > 20
    ours.close()
    theirs.close()


def test_finished_boards_are_reset_by_mask_when_nothing_does_it() -> None:
    vector = ChessVectorEnv(2, autoreset_mode="Disabled", opponent="self", max_plies=2)
    _, infos = vector.reset(seed=0)
    for _ in range(2):
        _, _, _, truncations, infos = vector.step(infos["action_mask"].argmax(axis=1))
    assert truncations.all()
    with pytest.raises(ResetNeeded, match="board 0"):
        vector.step(np.zeros(2, np.int64))
    _, infos = vector.reset(options={"reset_mask": np.array([True, False])})
    assert infos["action_mask"].any(axis=1).tolist() == [True, False]
    with pytest.raises(ResetNeeded, match="board 1"):
        vector.step(np.zeros(2, np.int64))


def test_gymnasium_makes_it() -> None:
    vector = gym.make_vec("rsi/Chess-v0", num_envs=3, vectorization_mode="vector_entry_point", opponent="self")
    observations, infos = vector.reset(seed=0)
    assert observations.shape == (3, 8, 8, 119)
    assert observations in vector.observation_space
    assert infos["action_mask"].shape == (3, 4672)
    vector.close()


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_gymnasiums_own_vectors_work(mode: str) -> None:
    vector = gym.make_vec("rsi_envs:rsi/Chess-v0", num_envs=2, vectorization_mode=mode, max_plies=4)
    _, infos = vector.reset(seed=0)
    rng = np.random.default_rng(0)
    for _ in range(6):
        observations, _, _, _, infos = vector.step(choose(infos["action_mask"], rng))
    assert observations.shape == (2, 8, 8, 119)
    vector.close()


@pytest.mark.parametrize("num_envs", [0, 4097, 1.5])
def test_a_number_of_boards_out_of_range_is_refused(num_envs: Any) -> None:
    with pytest.raises(InvalidOption, match="num_envs"):
        ChessVectorEnv(num_envs)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(InvalidOption, match="autoreset_mode"):
        ChessVectorEnv(1, autoreset_mode="Sometimes")
    with pytest.raises(TypeError, match="colour"):
        ChessVectorEnv(1, colour="white")
    vector = ChessVectorEnv(2)
    with pytest.raises(ResetNeeded):
        vector.step(np.zeros(2, np.int64))
    with pytest.raises(InvalidOption, match="3 seeds for 2 boards"):
        vector.reset(seed=[1, 2, 3])
    with pytest.raises(InvalidOption, match="reset_mask"):
        vector.reset(options={"reset_mask": [1, 0]})
    vector.reset(seed=0)
    for actions in (np.zeros(3, np.int64), np.zeros(2), [0, "a"]):
        with pytest.raises(InvalidAction, match="2 integers"):
            vector.step(actions)  # type: ignore[arg-type]


def test_4096_boards_are_stepped_at_once() -> None:
    vector = ChessVectorEnv(4096, opponent="self", observation="light")
    observations, infos = vector.reset(seed=0)
    observations, rewards, _, _, infos = vector.step(infos["action_mask"].argmax(axis=1))
    assert observations.shape == (4096, 8, 8, 20)
    assert rewards.shape == (4096,)
    assert infos["action_mask"].sum() == 4096 * 20
    vector.close()
