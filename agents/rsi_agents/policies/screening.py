# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What can be seen of a model's reply before it is played: that it can't be an action here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema.validators import validator_for

from rsi_envs.core.chat import Reply
from rsi_envs.core.tools import MalformedCall, ToolCall, parse_call

_MOST_NAMED = 40
"""Legal actions that a complaint lists, at most."""
_TAG, _EDGES = re.compile(r"<[^<>]*>"), re.compile(r"^\W+|\W+$")


def problem_with(reply: Reply, info: Mapping[str, Any]) -> str | None:
    """Says why a reply can't be an action, in words for the model; None where only the environment can tell.

    Refused are an empty text; a tool call that can't be read, names no tool of `info["tools"]` or lacks an argument
    that the tool requires; where there is an `info["schema"]`, a text without a JSON value that meets it; else, where
    there are `info["legal_actions"]`, a text in which none of them stands as a word, its tags and the case of letters
    aside. The last is stricter than an environment that takes actions in other words than those it lists. What is
    listed there is never refused.
    """
    if reply.misspelt:
        return "the arguments of the tool call are no JSON object"
    text = reply.text.strip()
    listed = info.get("legal_actions") or ()
    if text in listed and not reply.tool_calls:
        return None
    if not text and not reply.tool_calls:
        return "it was cut off before it said anything" if reply.finish_reason == "length" else "it is empty"
    try:
        call = reply.tool_calls[0] if reply.tool_calls else parse_call(text)
    except MalformedCall as error:
        return str(error)
    if call and info.get("tools"):
        return _problem_with_call(call, info["tools"])
    if info.get("schema"):
        return _problem_with_json(text, info["schema"])
    return _problem_with_choice(text, listed) if listed else None


def _problem_with_call(call: ToolCall, tools: Sequence[Mapping[str, Any]]) -> str | None:
    required = {tool["function"]["name"]: tool["function"].get("parameters", {}).get("required", ()) for tool in tools}
    if call.name not in required:
        return f"there is no tool {call.name!r}; there are {', '.join(required)}"
    missing = [name for name in required[call.name] if name not in call.arguments]
    return f"the call of {call.name} lacks {', '.join(missing)}" if missing else None


def _problem_with_json(text: str, schema: Mapping[str, Any]) -> str | None:
    validator = validator_for(schema)(schema)
    problem = "there is no JSON in it"
    for value in _json_values(text):
        error = next(validator.iter_errors(value), None)
        if error is None:
            return None
        problem = f"its JSON is not as it should be: {error.message}"
    return problem


def _json_values(text: str) -> Iterator[Any]:
    """The text as a JSON value, or every JSON object that stands in it, outermost ones only."""
    try:
        yield json.loads(text)
        return
    except (ValueError, RecursionError):
        pass
    decoder, start = json.JSONDecoder(), text.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
            yield value
        except (ValueError, RecursionError):
            end = start + 1
        start = text.find("{", end)


def _problem_with_choice(text: str, legal_actions: Sequence[str]) -> str | None:
    words = "|".join(re.escape(_EDGES.sub("", _TAG.sub("", action)) or action) for action in legal_actions)
    if re.search(rf"(?<!\w)(?:{words})(?!\w)", text, re.IGNORECASE):
        return None
    named = ", ".join(legal_actions[:_MOST_NAMED])
    return f"it holds none of the legal actions: {named}{', …' if len(legal_actions) > _MOST_NAMED else ''}"
