# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every registered environment tells its episodes from their records, and tells what it can of broken ones."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import gymnasium as gym
import pytest
from gymnasium.envs.registration import load_env_creator
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents.records import EpisodeRecord
from rsi_envs.core.story import Conversation, told
from rsi_envs.core.text import TextEnv
from rsi_envs.registration import TABLE
from tests.recorded import recorded

SETTINGS: dict[str, dict[str, Any]] = {
    "rsi/Chess-v0": {"max_plies": 20},
    "rsi/ChessText-v0": {"max_plies": 6},
    "rsi/Code-v0": {"max_turns": 2},
    "rsi/Judge-v0": {"swap": True},
    "rsi/Writing-v0": {"judges": ["constraints", "longest"], "revisions": 1},
}
"""Where other arguments than the default ones give a shorter episode, or one with more to tell."""
JUNK: list[Any] = [None, True, -1, 10**400, float("nan"), "x", "A > B", [], [None], [-1, 10**9], {}, {"name": 1}]


@cache
def episodes_of(env_id: str) -> list[EpisodeRecord]:
    """What a random agent played, and what the best reference of a known worth did."""
    env = gym.make(env_id, **SETTINGS.get(env_id, {}))
    agents = ["random"]
    if isinstance(env.unwrapped, TextEnv):
        env.reset(seed=0)
        worth = env.unwrapped.reference_worth()
        agents += [f"reference:{max(worth, key=worth.__getitem__)}"] if worth else []
    records = [recorded(env, agent) for agent in agents]
    env.close()
    return records


def class_of(env_id: str) -> Any:
    return load_env_creator(TABLE[env_id]["entry_point"])


def assert_can_be_drawn(sections: tuple[Any, ...]) -> None:
    """Data alone that JSON holds, and something in each section."""
    assert sections
    for section in sections:
        data = asdict(section)
        json.dumps(data, allow_nan=False)
        assert any(data[field] for field in data if field != "title"), section
        assert all(isinstance(data.get(field, ""), str) for field in ("title", "text", "source"))


@pytest.mark.parametrize("env_id", TABLE)
def test_a_recorded_episode_tells_a_story(env_id: str, quick_sandbox: object) -> None:
    for record in episodes_of(env_id):
        sections = told(class_of(env_id), record)
        assert_can_be_drawn(sections)
        if isinstance(record.observation, str):
            assert isinstance(sections[-1], Conversation)
            assert len(sections) > 1 or record.verdict.reason.startswith("no ")


@pytest.mark.parametrize("env_id", TABLE)
def test_a_record_without_infos_is_told_as_far_as_it_goes(env_id: str, quick_sandbox: object) -> None:
    for record in episodes_of(env_id):
        bare = replace(record, info={}, steps=tuple(replace(step, info={}) for step in record.steps))
        assert_can_be_drawn(told(class_of(env_id), bare))


@pytest.mark.parametrize("env_id", TABLE)
def test_an_episode_that_broke_has_no_story(env_id: str, quick_sandbox: object) -> None:
    broken = replace(episodes_of(env_id)[0], observation=None, info=None, steps=())
    assert told(class_of(env_id), broken) == ()


def keys_of(data: Any) -> list[Any]:
    return list(data) if isinstance(data, dict) else list(range(len(data))) if isinstance(data, list) else []


def a_place_in(infos: list[Any], data: st.DataObject) -> tuple[Any, ...]:
    """The way to some value within the infos."""
    path = [data.draw(st.sampled_from(keys_of(infos)))]
    inside = infos[path[0]]
    while keys_of(inside) and (len(path) == 1 or data.draw(st.booleans())):
        path.append(data.draw(st.sampled_from(keys_of(inside))))
        inside = inside[path[-1]]
    return tuple(path)


def with_junk(data: Any, path: tuple[Any, ...], junk: Any, *, gone: bool) -> Any:
    """A copy in which the value at the end of the path is another, or gone."""
    first, *rest = path
    copied = {key: data[key] for key in keys_of(data)}
    if rest:
        copied[first] = with_junk(copied[first], tuple(rest), junk, gone=gone)
    elif gone:
        del copied[first]
    else:
        copied[first] = junk
    return copied if isinstance(data, dict) else list(copied.values())


@pytest.mark.parametrize("env_id", TABLE)
@given(data=st.data())
def test_whatever_a_record_holds_something_is_told(env_id: str, quick_sandbox: object, data: st.DataObject) -> None:
    record = data.draw(st.sampled_from(episodes_of(env_id)))
    infos = [dict(record.info or {}), *(dict(step.info) for step in record.steps)]
    for _ in range(data.draw(st.integers(1, 3))):
        path = a_place_in(infos, data)
        if len(path) > 1:
            infos = with_junk(infos, path, data.draw(st.sampled_from(JUNK)), gone=data.draw(st.booleans()))
    first, *others = infos
    steps = tuple(replace(step, info=info) for step, info in zip(record.steps, others, strict=True))
    assert_can_be_drawn(told(class_of(env_id), replace(record, info=first, steps=steps)))
