# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Tools: declared once as typed Python functions, published as schemas, called by text."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

import docstring_parser
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from rsi_envs.core.errors import InvalidTool

RESERVED_NAMES = frozenset({"reset", "step", "state", "close", "render", "verify", "get_reward"})


class MalformedCall(ValueError):
    """A tool call that can't be carried out as written; the message is for the agent.

    Environments answer it with a malformed turn; it never leaves them.
    """


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as the agent wrote it: the JSON object `{"name": …, "arguments": {…}}`."""

    name: str
    arguments: Mapping[str, Any]

    def to_action(self) -> str:
        """Writes the call as an action string."""
        return json.dumps({"name": self.name, "arguments": dict(self.arguments)}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that an agent may call.

    Make one with `Tool.of`: name, description and parameters come from the function's own name, type hints and
    Google-style docstring.
    """

    name: str
    description: str
    function: Callable[..., str]
    parameters: type[BaseModel]

    @classmethod
    def of(cls, function: Callable[..., str]) -> Tool:
        """Declares a function (or bound method) as a tool.

        Raises:
            InvalidTool: A reserved name, a parameter without type hint or description, no docstring, or a
                return type other than `str`.
        """
        name = function.__name__
        if name in RESERVED_NAMES:
            raise InvalidTool(f"no tool may be called {name!r}; these names are taken: {sorted(RESERVED_NAMES)}")
        docs = docstring_parser.parse(inspect.getdoc(function) or "")
        hints = get_type_hints(function)
        if not docs.short_description or hints.pop("return", None) is not str:
            raise InvalidTool(f"tool {name!r} needs a docstring and the return type str")
        described = {param.arg_name: param.description for param in docs.params}
        fields: dict[str, Any] = {}
        for parameter in inspect.signature(function).parameters.values():
            if parameter.name not in hints or not described.get(parameter.name):
                raise InvalidTool(
                    f"parameter {parameter.name!r} of tool {name!r} needs a type hint and a line under Args:"
                )
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[parameter.name] = (
                hints[parameter.name],
                Field(default, description=described[parameter.name]),
            )
        parameters = create_model(f"{name}_arguments", __config__=ConfigDict(extra="forbid"), **fields)
        return cls(name, docs.short_description, function, parameters)

    def schema(self) -> dict[str, Any]:
        """Returns the declaration in OpenAI's function-calling format, fresh and JSON-serialisable.

        Source: OpenAI API reference, "Function calling", `{"type": "function", "function": {…}}`.
        """
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": self.parameters.model_json_schema(),
            },
        }

    def call(self, arguments: Mapping[str, Any]) -> str:
        """Checks the arguments against the declaration and runs the function.

        Raises:
            MalformedCall: An argument is missing, unknown or of the wrong type.
        """
        try:
            checked = self.parameters.model_validate(dict(arguments))
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise MalformedCall(f"{self.name}: {problems}") from error
        return self.function(**{name: getattr(checked, name) for name in type(checked).model_fields})


def parse_call(action: str) -> ToolCall | None:
    """Reads a tool call from an action; None when the action is plain text.

    An action is a call when, white space aside, it is one JSON object with a "name".

    Raises:
        MalformedCall: It is such an object, but its "name" or "arguments" have the wrong type.
    """
    try:
        data = json.loads(action)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or "name" not in data:
        return None
    arguments = data.get("arguments", {})
    if not isinstance(data["name"], str) or not isinstance(arguments, dict):
        raise MalformedCall('a tool call is {"name": "…", "arguments": {…}}')
    return ToolCall(data["name"], arguments)
