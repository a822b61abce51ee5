# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Chat models by litellm: the one door to it, with retries, accounting and as many calls at once as a server bears."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import tenacity

from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.chat import Message, Reply
from rsi_envs.core.errors import ChatError, MissingKey, ModelRefused, ModelUnreachable, PromptTooLong
from rsi_envs.core.options import check_count
from rsi_envs.core.reply import read_reply
from rsi_envs.core.throttle import MOST_AT_ONCE, shared_throttle

_REFUSE_SCHEMAS: set[tuple[str, str | None]] = set()
"""Models, by name and server, that refused a request with a schema and took it without."""
_WHERE_TAKEN = ("seed", "logprobs", "top_logprobs")
"""What is asked of those providers only that litellm says take it."""
_OVERLOADED = (429, 503, 529)
"""HTTP statuses by which servers say that they have too much to do. Source: RFC 6585, section 4; RFC 9110, section
15.6.4; Anthropic's API reference, "Errors", for the last."""


class LiteLLMChatModel:
    """A `ChatModel` on any provider that litellm knows.

    litellm is imported with the first call, not before.

    Args:
        name: litellm's name of the model, such as "openai/gpt-4o" or "ollama/qwen3".
        api_base: The server's address, for a server of your own; None for the provider's.
        api_key: None takes the provider's environment variable, or "none" where `api_base` is given.
        temperature: At least 0; None leaves it to the provider.
        top_p: The share of the likeliest tokens to choose from, up to 1; None leaves it to the provider.
        max_tokens: Most completion tokens; None leaves it to the provider.
        stop: Texts before which the model stops writing; empty for none.
        reasoning_effort: How much to think before answering, such as "low"; None leaves it to the provider.
        logprobs: Whether to ask for the probability of each token; providers that give none are not asked.
        top_logprobs: How many alternatives to each token to ask for, 1 to 20 with most providers; None asks for none.
        token_ids: Whether to ask for token ids by vLLM's `return_token_ids`; a provider may refuse that.
        timeout_s: Seconds that one attempt may take.
        max_attempts: Attempts in all, at least 1; passing errors alone are tried again.
        max_concurrency: Most calls of this model at this server at once, by all of the process; see `Throttle`. Where
            several name different ones, the least holds.
        budget: Checked before every call and charged after it; None for no bound.

    Raises:
        InvalidOption: `max_concurrency` is below 1.
    """

    def __init__(
        self,
        name: str,
        *,
        api_base: str | None = None,
        api_key: str | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
        reasoning_effort: str | None = None,
        logprobs: bool = False,
        top_logprobs: int | None = None,
        token_ids: bool = False,
        timeout_s: float = 120.0,
        max_attempts: int = 5,
        max_concurrency: int = MOST_AT_ONCE,
        budget: Budget | None = None,
    ) -> None:
        check_count("max_concurrency", max_concurrency)
        self.name = name
        self._budget = budget or Budget()
        self._max_attempts = max_attempts
        self._throttle = shared_throttle((name, api_base)).at_most(max_concurrency)
        self._api_base = api_base
        self._api_key = api_key or ("none" if api_base else None)
        self._timeout_s = timeout_s
        settings = {
            "temperature": temperature,
            "top_p": top_p,
            "max_tokens": max_tokens,
            "stop": list(stop) or None,
            "reasoning_effort": reasoning_effort,
            "logprobs": logprobs or bool(top_logprobs) or None,
            "top_logprobs": top_logprobs,
            "extra_body": {"return_token_ids": True} if token_ids else None,
        }
        self._settings: dict[str, Any] = {key: value for key, value in settings.items() if value is not None}

    @property
    def settings(self) -> dict[str, Any]:
        """What besides the model's name tells its replies from another's; JSON-serialisable, without the key."""
        return {"api_base": self._api_base} | self._settings

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        schema: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Reply:
        """Answers the conversation; see `ChatModel.complete`."""
        litellm = load_litellm()
        wanted = {
            **self._settings,
            "api_base": self._api_base,
            "api_key": self._api_key,
            "timeout": self._timeout_s,
            "tools": list(tools) or None,
            "seed": seed,
        }
        taken = litellm.get_supported_openai_params(self.name) or ()
        request = {
            key: value
            for key, value in wanted.items()
            if value is not None and (key in taken or key not in _WHERE_TAKEN)
        }
        try:
            response = self._answered(litellm, messages, request, schema if self._constrains(litellm) else None)
        except litellm.openai.OpenAIError as error:  # the root of all that litellm raises for a call
            raise self._named(litellm, error) from error
        usage = _usage(litellm, response)
        self._budget.charge(usage)
        if not response.choices:
            raise ModelUnreachable(f"{self.name} answered without a choice")
        return read_reply(response, usage, alternatives="top_logprobs" in self._settings)

    def _constrains(self, litellm: ModuleType) -> bool:
        """Whether to ask for a schema: where litellm's list says so, and once of a server of one's own."""
        if (self.name, self._api_base) in _REFUSE_SCHEMAS:
            return False
        return bool(self._api_base) or litellm.supports_response_schema(model=self.name)

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
        except litellm.ContextWindowExceededError:
            raise
        except litellm.BadRequestError:
            response = self._tried(litellm, messages, request)
            _REFUSE_SCHEMAS.add((self.name, self._api_base))
            return response

    def _tried(self, litellm: ModuleType, messages: Sequence[Message], request: Mapping[str, Any]) -> Any:
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._max_attempts),
            wait=_wait_as_told,
            retry=tenacity.retry_if_exception(lambda error: self._is_passing(litellm, error)),
            reraise=True,
        )
        return retrying(self._attempt, litellm, messages, request)

    def _attempt(self, litellm: ModuleType, messages: Sequence[Message], request: Mapping[str, Any]) -> Any:
        entered = self._throttle.enter(self._budget.check)
        overloaded: bool | None = None
        try:
            # litellm's own retries are off, so that attempts are counted here and nowhere else.
            response = litellm.completion(
                model=self.name, messages=list(messages), num_retries=0, max_retries=0, **request
            )
            overloaded = False
        except litellm.openai.OpenAIError as error:
            overloaded = _is_overload(error) or None
            raise
        finally:
            self._throttle.leave(entered, overloaded=overloaded)
        return response

    def _is_passing(self, litellm: ModuleType, error: BaseException) -> bool:
        passing = (
            litellm.RateLimitError,
            litellm.APIConnectionError,
            litellm.Timeout,
            litellm.InternalServerError,
            litellm.ServiceUnavailableError,
            litellm.BadGatewayError,
        )
        return (isinstance(error, passing) or _is_overload(error)) and not self._missing_keys(litellm)

    def _missing_keys(self, litellm: ModuleType) -> list[str]:
        if self._api_key:
            return []
        return list(litellm.validate_environment(self.name).get("missing_keys") or [])

    def _named(self, litellm: ModuleType, error: Exception) -> ChatError:
        # A missing OpenAI key reaches us as InternalServerError, hence the look at the environment.
        missing = self._missing_keys(litellm)
        if missing:
            return MissingKey(f"{self.name} needs {' and '.join(missing)} in the environment; export it and run again")
        if isinstance(error, litellm.AuthenticationError):
            return MissingKey(f"{self.name} did not accept the API key: {error}")
        if isinstance(error, litellm.ContextWindowExceededError):
            return PromptTooLong(f"{self.name} takes no conversation as long as this one: {error}")
        if self._is_passing(litellm, error):
            return ModelUnreachable(f"{self.name} gave no reply in {self._max_attempts} attempts: {error}")
        return ModelRefused(f"{self.name} refused the request: {error}")


def load_litellm() -> ModuleType:
    """Imports litellm so that it reads its own price list and tokenizers instead of fetching any, and stays quiet."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True
    return litellm


def _is_overload(error: BaseException) -> bool:
    # litellm calls a 529 of Anthropic's a 500, and keeps the provider's own word beside.
    told = getattr(error, "status_code", None), getattr(error, "provider_status_code", None)
    return any(status in _OVERLOADED for status in told)


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


def _usage(litellm: ModuleType, response: Any) -> Usage:
    usage = response.usage
    try:
        cost = litellm.completion_cost(completion_response=response)
    except (litellm.exceptions.ModelNotMappedError, ValueError):  # the latter where the server names no model
        cost = 0.0
    return Usage(usage.prompt_tokens, usage.completion_tokens, float(cost), 1)
