# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Chat models: the one door to litellm, with retries and accounting."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

import tenacity

from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.errors import (
    ChatError,
    MissingKey,
    ModelRefused,
    ModelUnreachable,
)
from rsi_envs.core.tools import ToolCall

Message = Mapping[str, Any]
"""One message in OpenAI's chat format: "role", "content" and what else the role has."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a reply, and what might have stood there instead."""

    text: str
    alternatives: Mapping[str, float]
    """The natural logarithm of the probability of the likeliest tokens at this place."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered."""

    text: str
    """The visible text; empty when the model only called tools."""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = "stop"
    """The provider's word for why it stopped: "stop", "length", "tool_calls", …"""
    usage: Usage = field(default_factory=Usage)
    tokens: tuple[Token, ...] = ()
    """What the text was written with; empty where that was not asked for, or the provider did not say."""


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
            ChatError: One of its four kinds; see `rsi_envs.core.errors`.
        """
        ...


_REFUSE_SCHEMAS: set[tuple[str, str | None]] = set()
"""Models, by name and server, that refused a request with a schema and took it without."""


class LiteLLMChatModel:
    """A `ChatModel` on any provider that litellm knows.

    litellm is imported with the first call, not before.

    Args:
        name: litellm's name of the model, such as "openai/gpt-4o" or "ollama/qwen3".
        api_base: The server's address, for a server of your own; None for the provider's.
        api_key: None takes the provider's environment variable, or "none" where `api_base` is given.
        temperature: At least 0; None leaves it to the provider.
        max_tokens: Most completion tokens; None leaves it to the provider.
        top_logprobs: How many alternatives to each token to ask for, 1 to 20 with most providers; None asks for none.
        timeout_s: Seconds that one attempt may take.
        max_attempts: Attempts in all, at least 1; passing errors alone are tried again.
        budget: Checked before every call and charged after it; None for no bound.
    """

    def __init__(
        self,
        name: str,
        *,
        api_base: str | None = None,
        api_key: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        top_logprobs: int | None = None,
        timeout_s: float = 120.0,
        max_attempts: int = 5,
        budget: Budget | None = None,
    ) -> None:
        self.name = name
        self._budget = budget or Budget()
        self._max_attempts = max_attempts
        self._settings: dict[str, Any] = {
            "api_base": api_base,
            "api_key": api_key or ("none" if api_base else None),
            "temperature": temperature,
            "max_tokens": max_tokens,
            "logprobs": True if top_logprobs else None,
            "top_logprobs": top_logprobs,
            "timeout": timeout_s,
        }

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        schema: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Reply:
        """Answers the conversation; see `ChatModel.complete`."""
        litellm = _litellm()
        request: dict[str, Any] = {key: value for key, value in self._settings.items() if value is not None}
        request |= {"tools": list(tools)} if tools else {}
        takes_seed = "seed" in (litellm.get_supported_openai_params(self.name) or ())
        request |= {"seed": seed} if seed is not None and takes_seed else {}
        try:
            response = self._answered(litellm, messages, request, schema if self._constrains(litellm) else None)
        except litellm.openai.OpenAIError as error:  # the root of all that litellm raises for a call
            raise self._named(litellm, error) from error
        if not response.choices:
            raise ModelUnreachable(f"{self.name} answered without a choice")
        reply = _read(litellm, response)
        self._budget.charge(reply.usage)
        return reply

    def _constrains(self, litellm: ModuleType) -> bool:
        """Whether to ask for a schema: where litellm's list says so, and once of a server of one's own."""
        if (self.name, self._settings["api_base"]) in _REFUSE_SCHEMAS:
            return False
        return bool(self._settings["api_base"]) or litellm.supports_response_schema(model=self.name)

    def _answered(
        self,
        litellm: ModuleType,
        messages: Sequence[Message],
        request: Mapping[str, Any],
        schema: Mapping[str, Any] | None,
    ) -> Any:
        """Sends a request until it is answered; without the schema when the server does not take it."""
        if schema is None:
            return self._tried(litellm, messages, request)
        form = {"type": "json_schema", "json_schema": {"name": "reply", "schema": dict(schema), "strict": True}}
        try:
            return self._tried(litellm, messages, {**request, "response_format": form})
        except litellm.BadRequestError:
            response = self._tried(litellm, messages, request)
            _REFUSE_SCHEMAS.add((self.name, self._settings["api_base"]))
            return response

    def _tried(self, litellm: ModuleType, messages: Sequence[Message], request: Mapping[str, Any]) -> Any:
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._max_attempts),
            wait=_wait_as_told,
            retry=tenacity.retry_if_exception(lambda error: self._is_passing(litellm, error)),
            reraise=True,
        )

        def attempt() -> Any:
            self._budget.check()
            # litellm's own retries are off, so that attempts are counted here and nowhere else.
            return litellm.completion(model=self.name, messages=list(messages), num_retries=0, max_retries=0, **request)

        return retrying(attempt)

    def _is_passing(self, litellm: ModuleType, error: BaseException) -> bool:
        passing = (
            litellm.RateLimitError,
            litellm.APIConnectionError,
            litellm.Timeout,
            litellm.InternalServerError,
            litellm.ServiceUnavailableError,
            litellm.BadGatewayError,
        )
        return isinstance(error, passing) and not self._missing_keys(litellm)

    def _missing_keys(self, litellm: ModuleType) -> list[str]:
        if self._settings["api_key"]:
            return []
        return list(litellm.validate_environment(self.name).get("missing_keys") or [])

    def _named(self, litellm: ModuleType, error: Exception) -> ChatError:
        # A missing OpenAI key reaches us as InternalServerError, hence the look at the environment.
        missing = self._missing_keys(litellm)
        if missing:
            return MissingKey(f"{self.name} needs {' and '.join(missing)} in the environment; export it and run again")
        if isinstance(error, litellm.AuthenticationError):
            return MissingKey(f"{self.name} did not accept the API key: {error}")
        if self._is_passing(litellm, error):
            return ModelUnreachable(f"{self.name} gave no reply in {self._max_attempts} attempts: {error}")
        return ModelRefused(f"{self.name} refused the request: {error}")


def _litellm() -> ModuleType:
    """Imports litellm so that it reads its own price list instead of fetching one, and stays quiet."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    litellm.suppress_debug_info = True
    return litellm


def _wait_as_told(state: tenacity.RetryCallState) -> float:
    """Seconds until the next attempt: the server's Retry-After where it gave one, else exponential with jitter.

    Source: RFC 9110, section 10.2.3 (the delay-seconds form).
    """
    outcome = state.outcome
    error = outcome.exception() if outcome else None
    # litellm's errors carry a response of litellm's own making; the server's headers are beside it.
    headers = getattr(error, "litellm_response_headers", None) or {}
    try:
        return min(max(float(headers["retry-after"]), 0.0), 300.0)
    except (KeyError, ValueError):
        backoff = tenacity.wait_exponential(multiplier=0.5, max=30.0) + tenacity.wait_random(0.0, 0.5)
        return backoff(state)


def _read(litellm: ModuleType, response: Any) -> Reply:
    choice = response.choices[0]
    finish = choice.finish_reason or "stop"
    usage = _usage(litellm, response)
    calls = []
    for call in choice.message.tool_calls or ():
        written = call.function.arguments or "{}"
        try:
            arguments = json.loads(written)
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            # Left as the model wrote it: the environment reads actions, and calls this one malformed.
            return Reply(written, (), finish, usage)
        calls.append(ToolCall(call.function.name, arguments))
    return Reply(choice.message.content or "", tuple(calls), finish, usage, tuple(_tokens(choice)))


def _tokens(choice: Any) -> Iterator[Token]:
    told = getattr(choice, "logprobs", None)
    for token in getattr(told, "content", None) or ():
        yield Token(token.token, {other.token: other.logprob for other in token.top_logprobs})


def _usage(litellm: ModuleType, response: Any) -> Usage:
    usage = response.usage
    try:
        cost = litellm.completion_cost(completion_response=response)
    except litellm.exceptions.ModelNotMappedError:
        cost = 0.0
    return Usage(usage.prompt_tokens, usage.completion_tokens, float(cost), 1)
