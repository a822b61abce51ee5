# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`llm:MODEL`: a chat model that keeps the conversation of the episode."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import gymnasium as gym

from rsi_agents.errors import AgentNameError
from rsi_agents.policies.context import Conversation
from rsi_agents.policies.fitting import check_text
from rsi_agents.policies.screening import problem_with
from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.chat import ChatModel, Message, Reply
from rsi_envs.core.errors import PromptTooLong
from rsi_envs.core.options import check_count
from rsi_envs.core.provider import LiteLLMChatModel
from rsi_envs.core.replay import ReplayedChatModel, ReplyStore
from rsi_envs.core.soft import weighed
from rsi_envs.core.throttle import MOST_AT_ONCE
from rsi_envs.core.tools import MalformedCall, parse_call
from rsi_envs.core.window import Window

MOST_LOGPROBS = 20
"""Alternatives to a token that OpenAI's API gives, at most. Source: its reference, `top_logprobs`."""
AGAIN = "That reply can't be used: {problem}. Give another one, in the form that was asked for."


class LLMAgent:
    """Shows observations to a chat model as the user's messages and plays its replies, without their reasoning.

    Where `info["schema"]` holds the JSON schema of an action, the model's output is constrained to it if it can be.

    Args:
        chat: The model.
        system_prompt: None takes the environment's own; an empty text sends none.
        instructions: Follow the system prompt, whichever that is; an empty text adds nothing.
        tools: "native" offers `info["tools"]` for native calling and plays the first call of a reply; "text"
            leaves it to the model to write calls as text.
        window: What the model takes in; the oldest exchanges are left out where it is full (see `Conversation`). None
            leaves them out only when the model refuses the whole.
        retries: How often in an episode the model is asked again for a reply that can't be an action (see
            `problem_with`); 0 plays every reply as it is. Such replies are left out of the conversation afterwards.

    Raises:
        InvalidOption: `retries` is below 0.
    """

    def __init__(
        self,
        chat: ChatModel,
        /,
        *,
        system_prompt: str | None = None,
        instructions: str = "",
        tools: Literal["native", "text"] = "native",
        window: Window | None = None,
        retries: int = 0,
    ) -> None:
        check_count("retries", retries, least=0)
        self._chat = chat
        self._own_prompt = system_prompt
        self._prompt = system_prompt or ""
        self._instructions = instructions
        self._native = tools == "native"
        self._window = window
        self._retries = retries
        self.reset(None)

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Takes over the environment's system prompt, unless this agent has its own.

        Raises:
            UnfitEnvironment: The environment is not played in text.
        """
        check_text(self._chat.name, env)
        if self._own_prompt is None:
            self._prompt = getattr(env.unwrapped, "system_prompt", "")

    def reset(self, seed: int | None) -> None:
        """Begins a new conversation; the seed goes to the model with every call."""
        self._seed = seed
        self._conversation = Conversation()
        self._said: Message | None = None
        self._retries_left = self._retries
        self.usage = Usage()
        self.trace: Mapping[str, Any] = {}

    def act(self, observation: str, info: Mapping[str, Any]) -> str:
        """Returns the model's reply: its text, or its first tool call as an action.

        Raises:
            PromptTooLong: The model takes not even what always stays of the conversation.
            ChatError: The model gave no reply for another reason; see `rsi_envs.core.errors`.
        """
        asked = self._conversation = self._heard(observation)
        asked, reply = self._answered(asked, info)
        complaints: list[str] = []
        while self._retries_left and (problem := problem_with(reply, info)):
            self._retries_left -= 1
            complaints.append(problem)
            said = _as_message(reply, asked.length)
            asked = asked.asked_again(said, _answering(said, AGAIN.format(problem=problem)))
            try:
                asked, reply = self._answered(asked, info)
            except PromptTooLong:  # no fault of the episode's: there is a reply, if a poor one
                break
        self._conversation = self._conversation.without_oldest(asked.dropped - self._conversation.dropped)
        self._said = _as_message(reply, self._conversation.length)
        self.trace = _traced(reply, asked.dropped, complaints)
        action = reply.tool_calls[0].to_action() if reply.tool_calls else reply.text
        return weighed(action, reply.tokens, len(info["judging"]["candidates"])) if "judging" in info else action

    def overruled(self, action: str) -> None:
        """Has the conversation go on as if the last reply had been this action."""
        try:
            call = parse_call(action) if self._native else None
        except MalformedCall:
            call = None
        self._said = _as_message(Reply("", (call,)) if call else Reply(action), self._conversation.length)

    def _heard(self, observation: str) -> Conversation:
        """The conversation, with what the environment showed last."""
        if self._said is not None:
            return self._conversation.followed_by(self._said, _answering(self._said, observation))
        told = told_first(self._prompt, self._instructions)
        prompt: tuple[Message, ...] = ({"role": "system", "content": told},) if told else ()
        return Conversation((*prompt, {"role": "user", "content": observation}))

    def _answered(self, asked: Conversation, info: Mapping[str, Any]) -> tuple[Conversation, Reply]:
        """Asks until there is a reply; where the model refuses so long a conversation, half of what may go goes."""
        tools = info.get("tools") or () if self._native else ()
        if self._window is not None:
            asked = asked.fitting(functools.partial(self._window.holds, tools=tools))
        while True:
            try:
                reply = self._chat.complete(asked.messages, tools=tools, schema=info.get("schema"), seed=self._seed)
            except PromptTooLong as error:
                if not asked.droppable:
                    raise PromptTooLong(f"{error}; nothing more can be left out: take a larger window") from error
                asked = asked.without_oldest((asked.droppable + 1) // 2)
            else:
                self.usage += reply.usage
                return asked, reply


def of_model(
    model: str,
    /,
    *,
    api_base: str | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    max_tokens: int | None = None,
    stop: str | None = None,
    reasoning_effort: str | None = None,
    logprobs: bool = False,
    token_ids: bool = False,
    soft: bool = False,
    context_tokens: int | None = None,
    retries: int = 0,
    timeout_s: float = 120.0,
    max_attempts: int = 5,
    max_concurrency: int = MOST_AT_ONCE,
    system_prompt: str | None = None,
    instructions: Path | None = None,
    tools: Literal["native", "text"] = "native",
    cache: Path | None = None,
    budget: Budget | None = None,
) -> LLMAgent:
    """Makes an `LLMAgent` on any model that litellm knows.

    See `LiteLLMChatModel` for what each setting means, `Window` for `context_tokens` and `LLMAgent` for `retries`,
    `system_prompt` and `tools`. `instructions` are the text of a file, read when the agent is made. `stop` is one text,
    or several as a JSON list. A soft judge gives probabilities with its rankings, where the provider says what else it
    might have written; see `rsi_envs.core.soft`. With a cache, a file, nothing is asked twice: see `ReplayedChatModel`.

    Raises:
        AgentNameError: The file of instructions can't be read.
        InvalidOption: A setting is out of range, or the cache can't be used.
    """
    asked = LiteLLMChatModel(
        model,
        api_base=api_base,
        temperature=temperature,
        top_p=top_p,
        max_tokens=max_tokens,
        stop=_several(stop),
        reasoning_effort=reasoning_effort,
        logprobs=logprobs,
        top_logprobs=MOST_LOGPROBS if soft else None,
        token_ids=token_ids,
        timeout_s=timeout_s,
        max_attempts=max_attempts,
        max_concurrency=max_concurrency,
        budget=budget,
    )
    chat = ReplayedChatModel(asked, _store_at(cache.absolute()), asked.settings) if cache is not None else asked
    window = Window(model, context_tokens=context_tokens, max_tokens=max_tokens)
    return LLMAgent(
        chat,
        system_prompt=system_prompt,
        instructions=read_instructions(instructions),
        tools=tools,
        window=window,
        retries=retries,
    )


def told_first(system_prompt: str, instructions: str) -> str:
    """Puts together what a model is told before a conversation; an empty text where that is nothing."""
    return "\n\n".join(text for text in (system_prompt, instructions) if text)


def read_instructions(instructions: Path | None) -> str:
    """Reads a file of instructions; an empty text where there is none.

    Raises:
        AgentNameError: It can't be read.
    """
    if instructions is None:
        return ""
    try:
        return instructions.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise AgentNameError(f"the instructions in {instructions} can't be read: {problem}") from error


@functools.cache
def _store_at(path: Path) -> ReplyStore:
    """Opens a store once; it stays open to the process's end, because agents share it."""
    return ReplyStore(path)


def _several(stop: str | None) -> Sequence[str]:
    """Reads one text, or a JSON list of texts; whatever is no such list is one text."""
    try:
        listed = json.loads(stop or "[]")
    except ValueError:
        listed = None
    if isinstance(listed, list) and all(isinstance(text, str) for text in listed):
        return listed
    return [stop] if stop else []


def _as_message(reply: Reply, number: int) -> Message:
    """Writes a reply, of its tool calls the first, in OpenAI's chat format; its reasoning is not sent back."""
    if not reply.tool_calls:
        return {"role": "assistant", "content": reply.text}
    call = reply.tool_calls[0]
    function = {"name": call.name, "arguments": json.dumps(dict(call.arguments), ensure_ascii=False)}
    # Nine letters and digits, because Mistral takes no other id.
    called = {"id": f"call{number:05d}", "type": "function", "function": function}
    return {"role": "assistant", "content": reply.text or None, "tool_calls": [called]}


def _answering(said: Message, text: str) -> Message:
    """Writes what answers a message: a tool's result where it called one, else the user's words."""
    if "tool_calls" in said:
        return {"role": "tool", "tool_call_id": said["tool_calls"][0]["id"], "content": text}
    return {"role": "user", "content": text}


def _traced(reply: Reply, dropped: int, complaints: Sequence[str]) -> Mapping[str, Any]:
    """Writes down how a reply came about; only what there is something to say of."""
    logprobs = [token.logprob for token in reply.tokens]
    told = {
        "finish_reason": reply.finish_reason,
        "reasoning": reply.reasoning,
        "dropped_messages": 2 * dropped,
        "asked_again": list(complaints),
        "prompt_token_ids": list(reply.prompt_token_ids),
        "token_ids": list(reply.token_ids),
        "logprobs": [] if None in logprobs else logprobs,
    }
    return {key: value for key, value in told.items() if value}
