# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What an agent's name says, and changing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from rsi_agents.registry import innermost


@dataclass(frozen=True, slots=True)
class NameParts:
    """What an agent's name says."""

    scheme: str
    argument: str
    """What stands after the colon; empty where nothing does."""
    settings: Mapping[str, str]


def parts_of(name: str) -> NameParts:
    """Takes an agent's name apart; of a wrapped agent, the innermost one's."""
    agent = innermost(name)
    scheme, _, argument = agent.partition("?")[0].partition(":")
    return NameParts(scheme, argument, _settings(agent))


def with_argument(name: str, argument: str) -> str:
    """Gives an agent's name another argument, what stands after its colon; of a wrapped agent, the innermost one's."""
    agent = innermost(name)
    head, question, query = agent.partition("?")
    return f"{name.removesuffix(agent)}{head.partition(':')[0]}:{argument}{question}{query}"


def with_setting(name: str, key: str, value: str) -> str:
    """Gives an agent's name another setting; of a wrapped agent, the innermost one's.

    Args:
        name: An agent's name.
        key: The setting; the value that it had is replaced.
        value: As text.
    """
    return _changed(name, lambda settings: settings | {key: value})


def with_wrapper_setting(name: str, key: str, value: str) -> str:
    """Gives the outermost wrapper in an agent's name another setting.

    Args:
        name: A wrapped agent's name.
        key: The setting; the value that it had is replaced.
        value: As text.
    """
    wrapper, of, inner = name.partition(" of ")
    return f"{_written(wrapper, _settings(wrapper) | {key: value})}{of}{inner}"


def without_setting(name: str, key: str) -> str:
    """Gives an agent's name without a setting; of a wrapped agent, the innermost one's."""
    return _changed(name, lambda settings: {kept: value for kept, value in settings.items() if kept != key})


def setting_of(name: str, key: str) -> str | None:
    """Reads a setting in an agent's name, of a wrapped agent the innermost one's; None where the name sets none."""
    return _settings(innermost(name)).get(key)


def _changed(name: str, change: Callable[[dict[str, str]], dict[str, str]]) -> str:
    agent = innermost(name)
    return f"{name.removesuffix(agent)}{_written(agent, change(_settings(agent)))}"


def _written(agent: str, settings: dict[str, str]) -> str:
    query = f"?{urlencode(settings, safe='/:')}" if settings else ""
    return f"{agent.partition('?')[0]}{query}"


def _settings(agent: str) -> dict[str, str]:
    return dict(parse_qsl(agent.partition("?")[2], keep_blank_values=True))
