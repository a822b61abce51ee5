# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A server on the loopback that speaks OpenAI's chat API and misbehaves as told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer a request with."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    """Whether to say nothing at all until the server is closed."""
    cut: bool = False
    """Whether to close the connection amid the body."""


def says(
    text: str | None,
    *,
    calls: tuple[tuple[str, str], ...] = (),
    tokens: tuple[int, int] = (7, 3),
    logprobs: list[tuple[str, dict[str, float]]] | None = None,
    message_fields: Mapping[str, Any] | None = None,
    choice_fields: Mapping[str, Any] | None = None,
    reply_fields: Mapping[str, Any] | None = None,
) -> Answer:
    """A reply with this text, these tool calls (name, arguments as the model wrote them) and these alternatives.

    The fields are further ones, or others, of the message, its choice and the whole.
    """
    message: dict[str, Any] = {"role": "assistant", "content": text, **(message_fields or {})}
    if calls:
        message["tool_calls"] = [
            {"id": f"c{i}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for i, (name, arguments) in enumerate(calls)
        ]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    choice |= choice_fields or {}
    if logprobs is not None:
        content = [
            {"token": token, "logprob": 0.0, "top_logprobs": [{"token": t, "logprob": p} for t, p in others.items()]}
            for token, others in logprobs
        ]
        choice["logprobs"] = {"content": content}
    usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    reply = {"id": "r", "object": "chat.completion", "created": 0, "model": "fake", "choices": [choice], "usage": usage}
    return Answer(json.dumps(reply | dict(reply_fields or {})).encode())


def fails(status: int, *, message: str = "", **headers: str) -> Answer:
    """An error with this status."""
    body = json.dumps({"error": {"message": message or f"injected {status}", "type": "injected"}}).encode()
    return Answer(body, status, {key.replace("_", "-"): value for key, value in headers.items()})


def too_long() -> Answer:
    """A refusal in the words of vLLM's server, by which litellm knows that the window is full."""
    return fails(400, message="This model's maximum context length is 9 tokens. However, you requested 10 tokens.")


HANGS = Answer(b"", hangs=True)


class FakeProvider:
    """Answers the first requests as `script` says, and every later one as its last answer says.

    Where it `bears` only so many requests at once, those beyond are answered by status 429; each of the others takes
    `seconds`.

    Args:
        port: Where it listens; 0 for any port that is free.
    """

    def __init__(self, port: int = 0) -> None:
        self.bears: int | None = None
        self.seconds = 0.0
        self.refused: list[int] = []
        """For each request that was one too many, how many were under way."""
        self._under_way = 0
        self._lock = threading.Lock()
        self.script: list[Answer] = [says("0")]
        self.requests: list[dict[str, Any]] = []
        self.times: list[float] = []
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def name(self) -> str:
        """An agent's name that reaches this server, ready for further settings."""
        return f"llm:openai/fake?api_base={self.base}"

    @property
    def base(self) -> str:
        """The server's address, as `api_base` takes it."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _bore(self) -> bool:
        """Takes the time that an answer takes, unless too many want one."""
        with self._lock:
            self._under_way += 1
            too_many = self.bears is not None and self._under_way > self.bears
            if too_many:
                self.refused.append(self._under_way)
        if not too_many:
            time.sleep(self.seconds)
        with self._lock:
            self._under_way -= 1
        return not too_many

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                provider.times.append(time.monotonic())
                provider.requests.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                answer = provider.script[min(len(provider.requests), len(provider.script)) - 1]
                if answer.hangs:
                    provider._closing.wait()
                    return
                self.send(answer if provider._bore() else fails(429, retry_after="0"))

            def send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for key, value in {"content-type": "application/json", **answer.headers}.items():
                    self.send_header(key, value)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)

            def log_message(self, *args: object) -> None:
                pass

        return Handler
