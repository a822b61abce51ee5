# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The Unicode text space holds what Gymnasium's own can't, in vectors too."""

from __future__ import annotations

import copy
import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector.utils import create_shared_memory, read_from_shared_memory, write_to_shared_memory
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.core.spaces import UnicodeText

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=50)


@given(ANY_TEXT)
def test_any_text_up_to_the_length_is_a_member(text: str) -> None:
    assert text in UnicodeText(50)


def test_longer_shorter_and_other_types_are_no_members() -> None:
    space = UnicodeText(3, min_length=1)
    assert "abc" in space
    for outsider in ("abcd", "", b"abc", 3, None, ["a"]):
        assert outsider not in space


@given(st.integers(0, 2**32 - 1))
def test_samples_are_members_and_follow_the_seed(seed: int) -> None:
    space = UnicodeText(20, min_length=2, seed=seed)
    sample = space.sample()
    assert sample in space
    assert sample.encode("utf-8").decode("utf-8") == sample
    assert UnicodeText(20, min_length=2, seed=seed).sample() == sample


def test_masked_sampling_is_refused() -> None:
    with pytest.raises(ValueError, match="without mask"):
        UnicodeText(5).sample(mask=(1, None))


def test_equality_goes_by_the_bounds() -> None:
    assert UnicodeText(5) == UnicodeText(5, seed=1)
    assert UnicodeText(5) != UnicodeText(6)
    assert UnicodeText(5) != gym.spaces.Text(5)
    assert pickle.loads(pickle.dumps(UnicodeText(5, min_length=2))) == UnicodeText(5, min_length=2)
    assert copy.deepcopy(UnicodeText(5)) == UnicodeText(5)


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_shared_memory_returns_what_was_written(texts: list[str]) -> None:
    space = UnicodeText(50)
    memory = create_shared_memory(space, n=len(texts))
    for index, text in enumerate(texts):
        write_to_shared_memory(space, index, text, memory)
    shared = read_from_shared_memory(space, memory, n=len(texts))
    assert copy.deepcopy(shared) == tuple(texts)
    assert (shared[-1], shared[:2], len(shared)) == (texts[-1], tuple(texts[:2]), len(texts))


class EchoEnv(gym.Env[str, str]):
    """Gives back each action, reversed."""

    def __init__(self) -> None:
        self.observation_space = UnicodeText(1000)
        self.action_space = UnicodeText(1000)

    def reset(
        self, *, seed: int | None = None, options: dict[str, object] | None = None
    ) -> tuple[str, dict[str, object]]:
        super().reset(seed=seed)
        return "начало 🙂", {}

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, object]]:
        return action[::-1], 0.0, False, False, {}


@pytest.mark.parametrize("shared_memory", [True, False])
def test_async_vectors_carry_any_script(shared_memory: bool) -> None:
    envs = gym.vector.AsyncVectorEnv([EchoEnv, EchoEnv], shared_memory=shared_memory)
    try:
        observations, _ = envs.reset(seed=1)
        assert tuple(observations) == ("начало 🙂",) * 2
        observations, rewards, *_ = envs.step(("день\n", "日本語" * 100))
        assert tuple(observations) == (
            "\nьнед",
            "語本日" * 100,
        )
        assert np.all(rewards == 0)
    finally:
        envs.close()


def test_sync_vectors_carry_any_script() -> None:
    envs = gym.vector.SyncVectorEnv([EchoEnv, EchoEnv])
    envs.reset(seed=1)
    observations, *_ = envs.step(("день", "日本語"))
    assert tuple(observations) == ("ьнед", "語本日")
    envs.close()
