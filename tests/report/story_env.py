# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An environment whose story is what its records hold: sections by their classes' names."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

from rsi_envs.core import story

TOLD = "test/Told-v0"
TOLD_ANYWHERE = f"tests.report.story_env:{TOLD}"
"""The id under which a process finds it that has not imported this module."""


class ToldEnv(gym.Env[str, str]):
    """Tells `info["sections"]`: pairs of a section's class and its fields."""

    @staticmethod
    def story(episode: story.Played) -> tuple[story.Section, ...]:
        if episode.info is None:
            return ()
        return tuple(_section(kind, fields) for kind, fields in episode.info["sections"])


def _section(kind: str, fields: dict[str, Any]) -> story.Section:
    inner = {"messages": story.Message, "checks": story.Check, "votes": story.CastVote}
    made = {
        name: tuple(inner[name](**item) for item in value) if name in inner else value for name, value in fields.items()
    }
    section: story.Section = getattr(story, kind)(**made)
    return section


gym.register(TOLD, entry_point=ToldEnv)
