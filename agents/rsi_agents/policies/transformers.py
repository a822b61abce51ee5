# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`transformers:FOLDER`: a language model whose weights are here, played through Hugging Face's transformers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rsi_agents.policies.llm import LLMAgent, read_instructions
from rsi_agents.policies.sampling import Drawn, draw
from rsi_agents.policies.weights import Weights, prompt_ids, shared_weights, train_extra
from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.chat import Message, Reply, Token
from rsi_envs.core.errors import InvalidOption, PromptTooLong
from rsi_envs.core.options import check_count


class TransformersChatModel:
    """A `ChatModel` on weights that are loaded.

    The same weights, conversation and seed give the same reply on the same machine; another processor, or other
    versions of torch and transformers, may round differently.

    Args:
        name: What to call the model in records.
        weights: The model, which others may use at the same time.
        temperature: At least 0; 0 takes the likeliest token every time.
        top_p: In (0, 1]: only the likeliest tokens that together have this probability are drawn.
        max_tokens: Most tokens of a reply, at least 1.
        budget: Checked before every call and charged after it; None for no bound.
    """

    def __init__(
        self,
        name: str,
        weights: Weights,
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        max_tokens: int = 512,
        budget: Budget | None = None,
    ) -> None:
        self.name = name
        self._weights = weights
        self._temperature, self._top_p, self._max_tokens = temperature, top_p, max_tokens
        self._budget = budget or Budget()

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        schema: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Reply:
        """Answers the conversation; see `ChatModel.complete`. Neither tools nor a schema are heeded.

        Raises:
            PromptTooLong: The conversation leaves no room for a reply.
            ModelRefused: The chat template does not take such a conversation.
            BudgetExhausted: The budget is spent.
        """
        self._budget.check()
        tokenizer, context = self._weights.tokenizer, self._weights.context_tokens
        prompt = prompt_ids(tokenizer, messages)
        room = self._max_tokens if context is None else min(self._max_tokens, context - len(prompt))
        if room < 1:
            raise PromptTooLong(f"the conversation has {len(prompt)} tokens, and {self.name} takes {context} at most")
        rng = np.random.default_rng(None if seed is None else [seed, len(prompt)])
        drawn = list(self._continued(prompt, room, rng))
        written = [token.token_id for token in drawn]
        usage = Usage(len(prompt), len(drawn), calls=1)
        self._budget.charge(usage)
        return Reply(
            tokenizer.decode(written, skip_special_tokens=True),
            finish_reason="stop" if written[-1] in self._weights.stops else "length",
            usage=usage,
            tokens=tuple(Token(tokenizer.decode([token.token_id]), logprob=token.logprob) for token in drawn),
            prompt_token_ids=tuple(prompt),
            token_ids=tuple(written),
        )

    def _continued(self, prompt: Sequence[int], room: int, rng: np.random.Generator) -> Iterator[Drawn]:
        """Draws tokens until one ends the reply, which is the last that is given."""
        torch, model, stops = train_extra("torch"), self._weights.model, self._weights.stops
        # transformers is renaming it; the old name goes with version 5.40.
        named = "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"
        shown, cache = prompt, None
        for _ in range(room):
            with torch.inference_mode():
                ids = torch.tensor([shown], device=self._weights.device)
                out = model(input_ids=ids, use_cache=True, logits_to_keep=1, **{named: cache})
                logits = out.logits[0, -1].float().cpu().numpy()
            cache = out[named]
            token = draw(logits, rng, temperature=self._temperature, top_p=self._top_p)
            yield token
            if token.token_id in stops:
                return
            shown = [token.token_id]


def of_weights(
    source: str,
    /,
    *,
    adapter: Path | None = None,
    temperature: float = 1.0,
    top_p: float = 1.0,
    max_tokens: int = 512,
    device: str = "cpu",
    system_prompt: str | None = None,
    instructions: Path | None = None,
    retries: int = 0,
    budget: Budget | None = None,
) -> LLMAgent:
    """Makes an agent of a model in a folder, by a hub's name or in a file that ends in ".gguf".

    See `load_weights` for `adapter` and `device`, `LLMAgent` for `system_prompt` and `retries`, `TransformersChatModel`
    for the others. `instructions` are the text of a file, read when the agent is made. Tools are called in text.

    Raises:
        AgentNameError: The file of instructions can't be read.
        InvalidOption: A number is out of its range.
        MissingExtra: Packages of the extra `train` are not installed.
        AgentNotFound: There is no such model or adapter.
    """
    if not temperature >= 0.0:
        raise InvalidOption(f"temperature is {temperature}; it must be at least 0")
    if not 0.0 < top_p <= 1.0:
        raise InvalidOption(f"top_p is {top_p}; it must be above 0 and at most 1")
    check_count("max_tokens", max_tokens)
    check_count("retries", retries, least=0)
    told = read_instructions(instructions)
    chat = TransformersChatModel(
        source,
        shared_weights(source, adapter, device),
        temperature=temperature,
        top_p=top_p,
        max_tokens=max_tokens,
        budget=budget,
    )
    return LLMAgent(chat, system_prompt=system_prompt, instructions=told, tools="text", retries=retries)
