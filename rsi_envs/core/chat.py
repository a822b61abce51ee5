# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What is said to a chat model and what it answers; `rsi_envs.core.provider` has the models themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from rsi_envs.core.budget import Usage
from rsi_envs.core.tools import ToolCall

Message = Mapping[str, Any]
"""One message in OpenAI's chat format: "role", "content" and what else the role has."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a reply, and what might have stood there instead."""

    text: str
    alternatives: Mapping[str, float] = field(default_factory=dict)
    """The natural logarithm of the probability of the likeliest tokens at this place; empty where not asked for."""
    logprob: float | None = None
    """The natural logarithm of this token's own probability; None where the provider did not say."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered."""

    text: str
    """The visible text, without reasoning; empty when the model only called tools."""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = "stop"
    """The provider's word for why it stopped: "stop", "length", "tool_calls", …"""
    usage: Usage = field(default_factory=Usage)
    tokens: tuple[Token, ...] = ()
    """What the reply was written with; empty where that was not asked for, or the provider did not say."""
    reasoning: str = ""
    """What the model thought before it answered; empty where it did not, or the provider did not say."""
    prompt_token_ids: tuple[int, ...] = ()
    """The conversation as the model's tokens; empty where the provider did not say."""
    token_ids: tuple[int, ...] = ()
    """The reply, its reasoning included, as the model's tokens; empty where the provider did not say."""
    misspelt: bool = False
    """Whether it called a tool with arguments that are no JSON object; `text` is then the arguments as written."""


class ChatModel(Protocol):
    """Whatever answers a conversation."""

    @property
    def name(self) -> str:
        """What to call the model in records."""
        ...

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        schema: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Reply:
        """Answers the conversation.

        Args:
            messages: The conversation so far, oldest first.
            tools: Function schemas in OpenAI's format; empty when there are none.
            schema: The JSON schema that the reply's text should meet; None for free text. A provider that constrains
                no output leaves it unheeded.
            seed: Passed on to providers that take one; None leaves it out. No provider promises repeatability.

        Raises:
            ChatError: One of its five kinds; see `rsi_envs.core.errors`.
        """
        ...
