# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How much of a conversation a model takes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rsi_envs.core.chat import Message
from rsi_envs.core.options import check_count
from rsi_envs.core.provider import load_litellm


class Window:
    """The tokens that a conversation and the reply to it may have together.

    Tokens are counted as litellm counts them, which for a model whose tokens it does not know is an estimate.

    Args:
        model: litellm's name of the model.
        context_tokens: The bound; None takes the one in litellm's list of models, and has none for others.
        max_tokens: What the reply may have of it; None reserves nothing.

    Raises:
        InvalidOption: `context_tokens` is below 1.
    """

    def __init__(self, model: str, *, context_tokens: int | None = None, max_tokens: int | None = None) -> None:
        check_count("context_tokens", context_tokens, optional=True)
        self._model, self._context_tokens, self._reserved = model, context_tokens, max_tokens or 0

    def holds(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = ()) -> bool:
        """Whether this conversation, with these tools on offer, leaves room for a reply."""
        litellm = load_litellm()
        bound = self._context_tokens
        if bound is None:
            # Not `get_model_info`, which asks an Ollama server: what is left out must not depend on who is up.
            listed = litellm.model_cost.get(self._model) or litellm.model_cost.get(self._model.partition("/")[2]) or {}
            bound = listed.get("max_input_tokens")
        if bound is None:
            return True
        used = litellm.token_counter(model=self._model, messages=list(messages), tools=list(tools) or None)
        return bool(used + self._reserved <= bound)
