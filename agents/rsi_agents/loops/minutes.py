# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Minutes: what models said to a loop's questions, kept so that a loop that was killed asks nothing twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rsi_agents.errors import LoopPaused
from rsi_agents.loops.notebook import Notebook
from rsi_envs.core.errors import Abstained, BudgetExhausted
from rsi_envs.core.judging import Judge, JudgingTask, Ranking


class Minutes:
    """A file of answers by what was asked; several threads may share it.

    Args:
        path: A file of JSON Lines; made with the first answer. A line that was cut short is removed.

    Raises:
        RunFolderBroken: The file holds something else.
        RecordsError: It can't be written.
    """

    def __init__(self, path: Path) -> None:
        self._said: dict[str, Any] = {}
        self._notebook = Notebook(path, "answer", self._take)

    def get(self, asked: Any) -> Any:
        """Gives what was said to this; None where it was never asked."""
        return self._said.get(_digest(asked))

    def put(self, asked: Any, said: Any) -> None:
        """Keeps an answer; when this returns, it is on disk. Raises what `Notebook.add` raises.

        Args:
            asked: The question and whatever else its answer depends on; JSON-serialisable.
            said: JSON-serialisable, not None.
        """
        self._notebook.add({"asked": _digest(asked), "said": said})

    def _take(self, row: Mapping[str, Any]) -> None:
        self._said[row["asked"]] = row["said"]


class KeptJudge:
    """A judge whose judgements are kept; it is asked what has not been asked.

    A judge that could not be reached is asked again when the same question comes again.

    Args:
        judge: Whom to ask.
        minutes: Where its judgements and abstentions are kept.
    """

    def __init__(self, judge: Judge, minutes: Minutes) -> None:
        self._judge, self._minutes = judge, minutes

    @property
    def name(self) -> str:
        """The judge's name."""
        return self._judge.name

    def judge(self, task: JudgingTask, *, seed: int | None = None) -> Ranking:
        """Ranks the candidates; see `Judge.judge`."""
        asked = [self.name, task.as_dict(), seed]
        said = self._minutes.get(asked)
        if said is None:
            try:
                said = {"ranking": _rankings().dump_python(self._judge.judge(task, seed=seed), mode="json")}
            except Abstained as error:
                said = {"abstained": str(error)}
            self._minutes.put(asked, said)
        if "abstained" in said:
            raise Abstained(said["abstained"])
        return _rankings().validate_python(said["ranking"])


@contextmanager
def pausing(where: Path) -> Iterator[None]:
    """Within it, a spent budget pauses the loop.

    Args:
        where: The round's folder, for the message.

    Raises:
        LoopPaused: The budget is spent.
    """
    try:
        yield
    except BudgetExhausted as error:
        raise LoopPaused(f"{error}, with questions of {where} to ask") from error


def _digest(asked: Any) -> str:
    data = json.dumps(asked, sort_keys=True).encode("ascii")
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@cache
def _rankings() -> TypeAdapter[Ranking]:
    return TypeAdapter(Ranking)
