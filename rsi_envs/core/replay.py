# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Replies of chat models on disk: a run that is repeated asks nothing twice, and gets what it got."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rsi_envs.core.chat import ChatModel, Message, Reply
from rsi_envs.core.errors import InvalidOption, PromptTooLong

_REPLY = TypeAdapter(Reply)
_TOO_LONG = "too_long"
_WAIT_S = 60.0
_TABLE = "CREATE TABLE IF NOT EXISTS replies (request TEXT PRIMARY KEY, reply TEXT NOT NULL) WITHOUT ROWID"


class ReplyStore:
    """A file of replies, by what was asked; threads and processes may share it.

    Args:
        path: An SQLite file, made if it is not there.

    Raises:
        InvalidOption: The path can't be opened, or holds something else.
    """

    def __init__(self, path: str | Path) -> None:
        self._lock = threading.Lock()
        try:
            with ExitStack() as closing:
                connection = sqlite3.connect(path, timeout=_WAIT_S, check_same_thread=False)
                closing.callback(connection.close)
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute(_TABLE)
                closing.pop_all()
            self._connection = connection
        except sqlite3.Error as error:
            raise InvalidOption(f"{path} can't keep replies: {error}; name another file") from error

    def get(self, request: str) -> Reply | PromptTooLong | None:
        """Returns what this was answered with; None where it was never asked."""
        with self._lock:
            row = self._connection.execute("SELECT reply FROM replies WHERE request = ?", (request,)).fetchone()
        return None if row is None else _read(json.loads(row[0]))

    def put(self, request: str, reply: Reply | PromptTooLong) -> Reply | PromptTooLong:
        """Keeps a reply, on disk before this returns, and gives the one that is kept: the first to a request stays."""
        data = json.dumps({_TOO_LONG: str(reply)} if isinstance(reply, PromptTooLong) else asdict(reply))
        with self._lock, self._connection as writing:
            writing.execute("INSERT OR IGNORE INTO replies VALUES (?, ?)", (request, data))
        return self.get(request) or reply

    def close(self) -> None:
        """Closes the file. Idempotent."""
        with self._lock:
            self._connection.close()


class ReplayedChatModel:
    """A `ChatModel` that asks another only what is not in the store.

    Where two ask the same at the same time, both ask, and both get what is kept. A replayed reply says what it once
    consumed, but is charged to no budget. That a conversation is too long is an answer too; no other error is kept, so
    that what failed is asked again. Requests are the same when model, settings, messages, tools, schema and seed
    are; where samples are to differ, so must their seeds.

    Args:
        chat: Whom to ask.
        store: Where replies are kept.
        settings: What besides the model's name tells requests apart, such as the temperature; JSON-serialisable.
    """

    def __init__(self, chat: ChatModel, store: ReplyStore, settings: Mapping[str, Any]) -> None:
        self._chat, self._store, self._settings = chat, store, dict(settings)

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self._chat.name

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        schema: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Reply:
        """Answers the conversation; see `ChatModel.complete`."""
        asked = [self.name, self._settings, list(messages), list(tools), schema, seed]
        request = hashlib.blake2b(json.dumps(asked, sort_keys=True).encode(), digest_size=32).hexdigest()
        reply = self._store.get(request)
        if reply is None:
            reply = self._store.put(request, self._asked(messages, tools=tools, schema=schema, seed=seed))
        if isinstance(reply, PromptTooLong):
            raise reply
        return reply

    def _asked(self, messages: Sequence[Message], **asked: Any) -> Reply | PromptTooLong:
        try:
            return self._chat.complete(messages, **asked)
        except PromptTooLong as error:
            return error


def _read(data: dict[str, Any]) -> Reply | PromptTooLong:
    return PromptTooLong(data[_TOO_LONG]) if _TOO_LONG in data else _REPLY.validate_python(data)
