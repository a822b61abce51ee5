# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""This suite's sandboxes as contenders: each backend, from threads and asyncio, the job whole and by values."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import fields
from typing import Any

import rsi_sandboxes
from contest.contenders import FRESH, Awaited, Contender, Threaded
from contest.jobs import CALLS, PROGRAM, SOLVER, check_replies, check_said_ok, python_command
from rsi_sandboxes import BackendUnavailable, ExecResult, Job, make_sandbox

PARALLEL = 4 * (os.cpu_count() or 1)
"""Worlds that a sandbox driven from asyncio has at once, however many jobs wait."""


def whole_job() -> Job:
    """The grading job as one program."""
    return Job(tuple(python_command("python3", PROGRAM)))


def by_values_job() -> Job:
    """The grading job with the solution in a process of its own; its results are compared here."""
    # The solver's text is the same for every solution, so its compiled form may be kept where worlds are kept warm.
    kept: dict[str, Any] = {"keep_ready": True} if "keep_ready" in {field.name for field in fields(Job)} else {}
    return Job(tuple(python_command("python3", SOLVER)), stdin=CALLS, **kept)


def check_whole(result: ExecResult) -> None:
    """Raises `WrongOutput` unless the tests passed."""
    check_said_ok(result.stdout)


def check_by_values(result: ExecResult) -> None:
    """Raises `WrongOutput` unless each result is what was expected."""
    check_replies(result.stdout)


WAYS: dict[str, tuple[Callable[[], Job], Callable[[ExecResult], None]]] = {
    "": (whole_job, check_whole),
    ", by values": (by_values_job, check_by_values),
}
"""What is added to a contender's name, the job, and the check of its result."""


def our_contenders(backend: str, left_out: dict[str, str]) -> list[Contender]:
    """Gives this backend's contenders; those that can't be here go into `left_out` with the reason."""
    try:
        make_sandbox(backend).close()
    except BackendUnavailable as error:
        left_out[f"rsi {backend}"] = str(error)
        return []
    found: list[Contender] = [Threaded(f"rsi {backend}{way}", FRESH, _threaded(backend, way)) for way in WAYS]
    if hasattr(rsi_sandboxes, "AsyncSandbox"):
        found += [Awaited(f"rsi {backend}{way}, asyncio", FRESH, _awaited(backend, way)) for way in WAYS]
    else:
        left_out[f"rsi {backend}, asyncio"] = "rsi_sandboxes has no AsyncSandbox"
    return found


def _threaded(backend: str, way: str) -> Callable[[], Any]:
    job, check = WAYS[way]

    @contextmanager
    def opened() -> Iterator[Callable[[], None]]:
        sandbox = make_sandbox(backend)
        try:
            yield lambda: check(sandbox.run(job()))
        finally:
            sandbox.close()

    return opened


def _awaited(backend: str, way: str) -> Callable[[], Any]:
    job, check = WAYS[way]

    @asynccontextmanager
    async def opened() -> AsyncIterator[Callable[[], Awaitable[None]]]:
        sandbox = make_sandbox(backend)
        awaitable = rsi_sandboxes.AsyncSandbox(sandbox, parallel=PARALLEL)

        async def run() -> None:
            check(await awaitable.run(job()))

        try:
            yield run
        finally:
            sandbox.close()

    return opened
