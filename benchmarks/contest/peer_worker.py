# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Runs peers in a Python that has them, by order of the benchmark, as `contest.workers` sends them.

{"do": "list"}                                                {"problems": {PEER: REASON or null}}
{"do": "sample", "peer": …, "in_flight": 8, "at_least_s": 1}  {"latencies_s": […], "elapsed_s": …}
{"do": "first_job", "peer": …}                                {"first_job_s": …}
{"do": "close", "peer": …}                                    {}
"""

from __future__ import annotations

import contextlib
from typing import Any

from contest.contenders import Contender
from contest.peers import PEERS
from contest.workers import serve


class Worker:
    """Keeps each peer open from its first order to its close."""

    def __init__(self) -> None:
        self._kept: dict[str, Contender] = {}

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        """Does what is ordered."""
        if order["do"] == "list":
            return {"problems": {name: peer.problem() for name, peer in PEERS.items()}}
        name = order["peer"]
        if order["do"] == "close":
            if name in self._kept:
                self._kept.pop(name).close()
            return {}
        if name not in self._kept:
            self._kept[name] = PEERS[name].made(name)
        if order["do"] == "first_job":
            return {"first_job_s": self._kept[name].first_job_s()}
        sample = self._kept[name].sample(order["in_flight"], order["at_least_s"])
        return {"latencies_s": sample.latencies_s, "elapsed_s": sample.elapsed_s}

    def close(self) -> None:
        """Closes all, though one may fail."""
        with contextlib.ExitStack() as closing:
            for contender in self._kept.values():
                closing.callback(contender.close)


def main() -> None:
    """Answers until the orders end."""
    worker = Worker()
    try:
        serve(worker.answer)
    finally:
        worker.close()


if __name__ == "__main__":
    main()
