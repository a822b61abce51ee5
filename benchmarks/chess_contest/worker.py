# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Plays in a process of its own, by order of the benchmark, as `contest.workers` sends them.

{"do": "list"}                                     {"problems": {PLAYER: REASON or null}, "python": VERSION}
{"do": "play", "player": …, "at_least_s": 0.5}     {"plies": …, "cpu_s": …, "wall_s": …}
{"do": "hold", "kind": …, "boards": 2000}          {"at_start": …, "into_a_game": …}
"""

from __future__ import annotations

import platform
import random
from dataclasses import asdict
from typing import Any

from chess_contest.memory import held
from chess_contest.ours import OURS
from chess_contest.peers import PEERS
from chess_contest.players import FLOORS, Play, sampled
from contest.workers import serve

_SEED = 0
_PLAYERS = {**FLOORS, **OURS, **PEERS}


class Table:
    """Keeps everybody's game going from one order to the next."""

    def __init__(self) -> None:
        self._plays: dict[str, Play] = {}

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        """Does what is ordered."""
        if order["do"] == "list":
            problems = {name: player.problem() for name, player in _PLAYERS.items()}
            return {"problems": problems, "python": platform.python_version()}
        if order["do"] == "hold":
            return asdict(held(order["kind"], order["boards"]))
        name = order["player"]
        if name not in self._plays:
            self._plays[name] = _PLAYERS[name].playing(random.Random(_SEED).random)
        return asdict(sampled(self._plays[name], order["at_least_s"]))


if __name__ == "__main__":
    serve(Table().answer)
