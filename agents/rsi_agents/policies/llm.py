# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`llm:MODEL`: a chat model that keeps the conversation of the episode."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import gymnasium as gym

from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.chat import ChatModel, LiteLLMChatModel, Message, Reply
from rsi_envs.core.replay import ReplayedChatModel, ReplyStore
from rsi_envs.core.soft import weighed
from rsi_envs.core.tools import ToolCall

MOST_LOGPROBS = 20
"""Alternatives to a token that OpenAI's API gives, at most. Source: its reference, `top_logprobs`."""


class LLMAgent:
    """Shows observations to a chat model as the user's messages and plays its replies.

    Args:
        chat: The model.
        system_prompt: None takes the environment's own; an empty text sends none.
        tools: "native" offers `info["tools"]` for native calling and plays the first call of a reply; "text"
            leaves it to the model to write calls as text.

    Where `info["schema"]` holds the JSON schema of an action, the model's output is constrained to it if it can be.
    """

    def __init__(
        self, chat: ChatModel, /, *, system_prompt: str | None = None, tools: Literal["native", "text"] = "native"
    ) -> None:
        self._chat = chat
        self._own_prompt = system_prompt
        self._prompt = system_prompt or ""
        self._native = tools == "native"
        self.reset(None)

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Takes over the environment's system prompt, unless this agent has its own."""
        if self._own_prompt is None:
            self._prompt = getattr(env.unwrapped, "system_prompt", "")

    def reset(self, seed: int | None) -> None:
        """Begins a new conversation; the seed goes to the model with every call."""
        self._seed = seed
        self._messages: list[Message] = [{"role": "system", "content": self._prompt}] if self._prompt else []
        self._open_call: str | None = None
        self.usage = Usage()

    def act(self, observation: str, info: Mapping[str, Any]) -> str:
        """Returns the model's reply: its text, or its first tool call as an action.

        Raises:
            ChatError: The model gave no reply; see `rsi_envs.core.errors`.
        """
        self._messages.append(self._shown(observation))
        tools = info.get("tools") or () if self._native else ()
        reply = self._chat.complete(self._messages, tools=tools, schema=info.get("schema"), seed=self._seed)
        self.usage += reply.usage
        action = self._played(reply)
        return weighed(action, reply.tokens, len(info["judging"]["candidates"])) if "judging" in info else action

    def _shown(self, observation: str) -> Message:
        if self._open_call is None:
            return {"role": "user", "content": observation}
        return {"role": "tool", "tool_call_id": self._open_call, "content": observation}

    def _played(self, reply: Reply) -> str:
        if not reply.tool_calls:
            self._open_call = None
            self._messages.append({"role": "assistant", "content": reply.text})
            return reply.text
        call = reply.tool_calls[0]
        # Nine letters and digits, because Mistral takes no other id.
        self._open_call = f"call{len(self._messages):05d}"
        self._messages.append(_as_message(call, reply.text, self._open_call))
        return call.to_action()


def of_model(
    model: str,
    /,
    *,
    api_base: str | None = None,
    temperature: float | None = None,
    max_tokens: int | None = None,
    soft: bool = False,
    timeout_s: float = 120.0,
    max_attempts: int = 5,
    system_prompt: str | None = None,
    tools: Literal["native", "text"] = "native",
    cache: Path | None = None,
    budget: Budget | None = None,
) -> LLMAgent:
    """Makes an `LLMAgent` on any model that litellm knows; see `LiteLLMChatModel` for what each setting means.

    A soft judge gives probabilities with its rankings, where the provider says what else it might have written; see
    `rsi_envs.core.soft`. With a cache, a file, nothing is asked twice: see `ReplayedChatModel`.
    """
    chat: ChatModel = LiteLLMChatModel(
        model,
        api_base=api_base,
        temperature=temperature,
        max_tokens=max_tokens,
        top_logprobs=MOST_LOGPROBS if soft else None,
        timeout_s=timeout_s,
        max_attempts=max_attempts,
        budget=budget,
    )
    if cache is not None:
        settings = {"api_base": api_base, "temperature": temperature, "max_tokens": max_tokens, "soft": soft}
        chat = ReplayedChatModel(chat, _store_at(cache.absolute()), settings)
    return LLMAgent(chat, system_prompt=system_prompt, tools=tools)


@functools.cache
def _store_at(path: Path) -> ReplyStore:
    """Opens a store once; it stays open to the process's end, because agents share it."""
    return ReplyStore(path)


def _as_message(call: ToolCall, text: str, call_id: str) -> Message:
    """Writes a call in OpenAI's chat format."""
    function = {"name": call.name, "arguments": json.dumps(dict(call.arguments), ensure_ascii=False)}
    return {
        "role": "assistant",
        "content": text or None,
        "tool_calls": [{"id": call_id, "type": "function", "function": function}],
    }
