# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Peers as contenders here, run by `peer_worker.py` in another process and, where they conflict, another Python."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from contest.contenders import Contender, Sample
from contest.peers import PEERS
from contest.plain import find_bwrap

_WORKER = "contest.peer_worker"
_FOLDER = Path(__file__).resolve().parents[1]
_MOST_CHARACTERS = 300
_CLOSING_S = 60
_ENDED = "the peers' process ended; its Python must be 3.11 or newer"


class PeerFailed(RuntimeError):
    """A peer raised something, or the worker ended."""


class PeerWorker:
    """The worker process.

    Args:
        interpreter: A Python 3.11 or newer with peers installed.
        python: What runs the job for peers that don't isolate.
    """

    def __init__(self, interpreter: str, python: str) -> None:
        # bubblewrap's own folder comes last, so that nothing else is found there first.
        path = [os.environ.get("PATH", ""), *(str(Path(found).parent) for found in [find_bwrap()] if found)]
        self._child = subprocess.Popen(
            [interpreter, "-m", _WORKER],
            cwd=_FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PATH": os.pathsep.join(path), "CONTEST_PYTHON": python, "PYTHONPATH": ""},
            text=True,
        )

    def contenders(self, left_out: dict[str, str]) -> list[Contender]:
        """Gives the peers that are installed; the others go into `left_out` with the pip command.

        Raises:
            PeerFailed: The worker does not come up.
        """
        problems = self.ask(do="list")["problems"]
        left_out.update({name: problem for name, problem in problems.items() if problem})
        return [_Remote(self, name) for name, problem in problems.items() if not problem]

    def ask(self, **order: Any) -> dict[str, Any]:
        """Gives an order and returns the answer.

        Raises:
            PeerFailed: The peer raised something, or the worker ended.
        """
        if self._child.stdin is None or self._child.stdout is None:
            raise ValueError("the worker needs pipes")
        try:
            self._child.stdin.write(json.dumps(order) + "\n")
            self._child.stdin.flush()
        except BrokenPipeError as error:
            raise PeerFailed(_ENDED) from error
        line = self._child.stdout.readline()
        if not line:
            raise PeerFailed(_ENDED)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PeerFailed(" ".join(answer["error"].split())[:_MOST_CHARACTERS])
        return answer

    def close(self) -> None:
        """Ends the worker and with it what its peers hold. Idempotent."""
        if self._child.stdin and not self._child.stdin.closed:
            self._child.stdin.close()
        try:
            self._child.wait(_CLOSING_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout:
            self._child.stdout.close()


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
