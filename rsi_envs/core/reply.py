# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Reading a `Reply` from what litellm returns."""

from __future__ import annotations

import json
import re
from typing import Any

from rsi_envs.core.budget import Usage
from rsi_envs.core.chat import Reply, Token
from rsi_envs.core.tools import ToolCall

_THOUGHT = re.compile(r"\s*<think>(.*?)(?:</think>\s*|\Z)", re.DOTALL)
_BEGUN_BEFORE = re.compile(r"((?:(?!<think>).)*?)^</think>[ \t]*(?:\n\s*|\Z)", re.DOTALL | re.MULTILINE)
"""Thoughts whose tag stands in the prompt, as the chat templates of DeepSeek-R1 and others write it. Only a line of its
own ends them, because a text may well mention the tag."""


def read_reply(response: Any, usage: Usage, *, alternatives: bool = False) -> Reply:
    """Reads the first choice of a response.

    What a provider adds to OpenAI's format is read where it is there: `reasoning_content`, as DeepSeek's API gives it;
    `prompt_token_ids` and a choice's `token_ids`, as vLLM's server gives them; the `id` of each entry of the logprobs,
    as llama.cpp's server gives it.

    Args:
        response: litellm's `ModelResponse` with at least one choice.
        usage: What the call has consumed.
        alternatives: Whether to keep what might have stood in each token's place, which some servers tell unasked.
    """
    choice = response.choices[0]
    reasoning, text = split_reasoning(choice.message.content or "")
    told = getattr(choice.message, "reasoning_content", None) or ""
    # litellm moves some blocks there itself, and leaves the white space that stood between block and text.
    text = text.lstrip() if told else text
    calls, misspelt = _calls(choice.message)
    entries = getattr(getattr(choice, "logprobs", None), "content", None) or ()
    return Reply(
        text if misspelt is None else misspelt,
        calls,
        choice.finish_reason or "stop",
        usage,
        tuple(_token(entry, alternatives) for entry in entries),
        "\n".join(filter(None, (told.strip(), reasoning))),
        _ids(getattr(response, "prompt_token_ids", None)),
        _ids(getattr(choice, "token_ids", None)) or _ids([getattr(entry, "id", None) for entry in entries]),
        misspelt is not None,
    )


def split_reasoning(text: str) -> tuple[str, str]:
    """Parts a text into the `<think>…</think>` that it begins with and the rest, both without white space around.

    A block that is never closed, because the reply was cut off, goes on to the end. One that was opened in the prompt
    goes from the beginning to the first line `</think>`. A text that begins with neither stays as it is.
    """
    thought = _THOUGHT.match(text) or _BEGUN_BEFORE.match(text)
    return (thought[1].strip(), text[thought.end() :]) if thought else ("", text)


def _calls(message: Any) -> tuple[tuple[ToolCall, ...], str | None]:
    """The tool calls; or none, and the arguments of the first that can't be read, as the model wrote them.

    These are played as they are: the environment reads actions, and calls this one malformed.
    """
    calls = []
    for call in message.tool_calls or ():
        written = call.function.arguments or "{}"
        try:
            arguments = json.loads(written)
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            return (), written
        calls.append(ToolCall(call.function.name, arguments))
    return tuple(calls), None


def _token(entry: Any, alternatives: bool) -> Token:
    others = entry.top_logprobs or () if alternatives else ()
    return Token(entry.token, {other.token: other.logprob for other in others}, entry.logprob)


def _ids(told: Any) -> tuple[int, ...]:
    """Token ids; none where any is missing, because a sequence with holes can't be trained on."""
    return tuple(told) if isinstance(told, list) and all(isinstance(id_, int) for id_ in told) else ()
