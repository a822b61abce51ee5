# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Agents that are told in words what to do: `instructions=FILE` in their names."""

from __future__ import annotations

from pathlib import Path

from rsi_agents.errors import AgentNameError, CannotUpdate
from rsi_agents.names import setting_of, with_setting
from rsi_agents.registry import agent_factory

INSTRUCTIONS = "instructions"
"""The setting of agents that names a file of them."""


def instructed(agent: str, file: Path) -> str:
    """Names the agent of the same model that follows the instructions in a file, instead of earlier ones.

    Raises:
        CannotUpdate: The agent takes no instructions.
    """
    name = with_setting(agent, INSTRUCTIONS, str(file.resolve()))
    try:
        agent_factory(name)
    except AgentNameError as error:
        raise CannotUpdate(
            f"only agents that take instructions, as llm: does, can be taught by them: {error}"
        ) from error
    return name


def instructions_of(agent: str) -> str:
    """Reads the instructions that an agent follows; an empty text where its name holds none.

    Raises:
        CannotUpdate: They can't be read.
    """
    file = setting_of(agent, INSTRUCTIONS)
    if file is None:
        return ""
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotUpdate(f"the instructions of {agent!r} can't be read: {error}") from error
