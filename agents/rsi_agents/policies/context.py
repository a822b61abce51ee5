# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`Conversation`: what a model is shown of an episode, and what is left out when its window is full.

The opening (system prompt and first observation, which is the assignment) always stays, and so does the newest
exchange. Between them the oldest exchanges go first. An exchange is a reply with what answered it, so that a tool call
and its result never part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from rsi_envs.core.chat import Message


class Exchange(NamedTuple):
    """A reply of the model's, and what answered it."""

    reply: Message
    answer: Message


@dataclass(frozen=True, slots=True)
class Conversation:
    """An episode so far, as its model sees it."""

    opening: tuple[Message, ...] = ()
    """What came before the first reply; always stays."""
    exchanges: tuple[Exchange, ...] = ()
    """Oldest first."""
    dropped: int = 0
    """Exchanges left out between the opening and these."""
    held: int = 1
    """How many of the newest exchanges always stay."""

    @property
    def messages(self) -> list[Message]:
        """What is sent."""
        return [*self.opening, *chain.from_iterable(self.exchanges)]

    @property
    def length(self) -> int:
        """Messages in all, with those that are left out."""
        return len(self.opening) + 2 * (self.dropped + len(self.exchanges))

    def followed_by(self, reply: Message, answer: Message) -> Conversation:
        """Adds an exchange."""
        return replace(self, exchanges=(*self.exchanges, Exchange(reply, answer)))

    def asked_again(self, reply: Message, complaint: Message) -> Conversation:
        """Adds an exchange that is about the newest, which still always stays."""
        return replace(self.followed_by(reply, complaint), held=self.held + 1)

    def without_oldest(self, count: int = 1) -> Conversation:
        """Leaves out so many of the oldest exchanges, or as many as there are of those that may go."""
        count = min(count, self.droppable)
        return replace(self, exchanges=self.exchanges[count:], dropped=self.dropped + count)

    @property
    def droppable(self) -> int:
        """How many exchanges may be left out."""
        return max(0, len(self.exchanges) - self.held)

    def fitting(self, holds: Callable[[Sequence[Message]], bool]) -> Conversation:
        """Leaves out the oldest exchanges, one by one, until the rest fits or nothing more may go.

        Args:
            holds: Whether so many messages fit.
        """
        fitted = self
        while fitted.droppable and not holds(fitted.messages):
            fitted = fitted.without_oldest()
        return fitted
