# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Results of games from a JSON Lines file, whoever played them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rsi_agents.arena.ratings import Game
from rsi_agents.arena.record import GameRecord
from rsi_agents.errors import InvalidGames

WINNERS = {"model_a": 1.0, "model_b": 0.0, "tie": 0.5, "tie (bothbad)": 0.5, "both_bad": 0.5}
"""What model_a got. Source: the columns of lmarena-ai/arena-human-preference-55k and -140k."""


def read_results(path: str | Path) -> list[Game]:
    """Reads results of games.

    Args:
        path: Each line is `{"first": …, "second": …, "score": …}`, where "group" may say which games belong
            together; or, as chatbot arenas have it, `{"model_a": …, "model_b": …, "winner": …}` with one of `WINNERS`.
            An arena's own games.jsonl will do: games without a result are left out. Empty lines count for nothing.

    Raises:
        InvalidGames: The file can't be read, or a line is no result; the message names the line.
    """
    try:
        lines = Path(path).read_bytes().splitlines()
    except OSError as error:
        raise InvalidGames(f"can't read {path}: {error.strerror}") from error
    return list(_games(path, lines))


def games_of(records: Iterable[GameRecord]) -> list[Game]:
    """Takes the results out of an arena's records: the last of every game that came to one, in the arena's order."""
    last = {record.key: record for record in records}
    return [
        Game(record.first, record.second, record.score, record.group)
        for record in sorted(last.values(), key=lambda record: record.index)
        if record.score is not None
    ]


def _games(path: str | Path, lines: Iterable[bytes]) -> Iterator[Game]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise InvalidGames("no JSON object")
            if row.get("score", 0) is None:
                continue
            yield _game(row)
        except (ValueError, OverflowError, RecursionError, InvalidGames) as error:
            raise InvalidGames(f"{path}, line {number}: {error}") from error


def _game(row: dict[str, Any]) -> Game:
    group = row.get("group", "")
    if "model_a" in row and "first" not in row:
        first, second, winner = (_text(row, name) for name in ("model_a", "model_b", "winner"))
        if winner not in WINNERS:
            raise InvalidGames(f"winner is {winner!r}; it must be one of {', '.join(map(repr, WINNERS))}")
        score: Any = WINNERS[winner]
    else:
        first, second = _text(row, "first"), _text(row, "second")
        score = row.get("score")
        if isinstance(score, bool) or not isinstance(score, int | float):
            raise InvalidGames(f"score is {score!r}; it must be a number from 0 to 1")
    if not isinstance(group, str):
        raise InvalidGames(f"group is {group!r}; it must be a text")
    return Game(first, second, float(score), group)


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidGames(f"{name} is {value!r}; it must be a text")
    return value
