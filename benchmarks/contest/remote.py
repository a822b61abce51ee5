# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Peers as contenders here, run by `peer_worker.py` in another process and, where they conflict, another Python."""

from __future__ import annotations

import os
from pathlib import Path

from contest.contenders import Contender, Sample
from contest.peers import PEERS
from contest.plain import find_bwrap
from contest.workers import Worker

_WORKER = "contest.peer_worker"


class PeerWorker(Worker):
    """The worker process.

    Args:
        interpreter: A Python 3.11 or newer with peers installed.
        python: What runs the job for peers that don't isolate.
    """

    def __init__(self, interpreter: str, python: str) -> None:
        # bubblewrap's own folder comes last, so that nothing else is found there first.
        path = [os.environ.get("PATH", ""), *(str(Path(found).parent) for found in [find_bwrap()] if found)]
        environment = {"PATH": os.pathsep.join(path), "CONTEST_PYTHON": python, "PYTHONPATH": ""}
        super().__init__(interpreter, _WORKER, environment)

    def contenders(self, left_out: dict[str, str]) -> list[Contender]:
        """Gives the peers that are installed; the others go into `left_out` with the pip command.

        Raises:
            WorkerFailed: The worker does not come up.
        """
        problems = self.ask(do="list")["problems"]
        left_out.update({name: problem for name, problem in problems.items() if problem})
        return [_Remote(self, name) for name, problem in problems.items() if not problem]


class _Remote:
    """One peer in the worker."""

    def __init__(self, worker: PeerWorker, name: str) -> None:
        self.name = name
        self.isolation = PEERS[name].made(name).isolation
        self._worker = worker

    def sample(self, in_flight: int, at_least_s: float) -> Sample:
        """See `Contender.sample`."""
        answer = self._worker.ask(do="sample", peer=self.name, in_flight=in_flight, at_least_s=at_least_s)
        return Sample(answer["latencies_s"], answer["elapsed_s"])

    def first_job_s(self) -> float:
        """See `Contender.first_job_s`."""
        return float(self._worker.ask(do="first_job", peer=self.name)["first_job_s"])

    def close(self) -> None:
        """See `Contender.close`."""
        self._worker.ask(do="close", peer=self.name)
