# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The sandbox's calls for asyncio: each runs in a thread of a bounded pool, so there is one implementation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from rsi_sandboxes.job import ExecResult, Job
from rsi_sandboxes.protocol import Process, Sandbox, Session
from rsi_sandboxes.snapshot import Snapshot

P = ParamSpec("P")
ResultT = TypeVar("ResultT")


class AsyncSandbox:
    """A sandbox whose calls are awaited; of any backend.

    Any number of calls may be under way; what is beyond `parallel` waits its turn. A call whose task is cancelled goes
    on in its thread until its limits end it, and nobody waits for it.

    Args:
        sandbox: What runs the jobs; closed with this.
        parallel: Threads, and so calls at a time.
    """

    def __init__(self, sandbox: Sandbox, *, parallel: int = 32) -> None:
        self.sandbox = sandbox
        self._threads = ThreadPoolExecutor(parallel, thread_name_prefix="sandbox")

    async def run(self, job: Job) -> ExecResult:
        """See `Sandbox.run`."""
        return await self.call(self.sandbox.run, job)

    async def session(self, *arguments: Any, **options: Any) -> AsyncSession:
        """See `Sandbox.session`."""
        return AsyncSession(self, await self.call(self.sandbox.session, *arguments, **options))

    async def call(self, function: Callable[P, ResultT], *arguments: P.args, **options: P.kwargs) -> ResultT:
        """Awaits any call that blocks, such as `process.read_line` of a process that the sandbox has started."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(function, *arguments, **options))

    async def close(self) -> None:
        """See `Sandbox.close`; calls under way raise what their closed worlds raise."""
        try:
            await asyncio.to_thread(self.sandbox.close)
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class AsyncSession:
    """A session whose calls are awaited. One that is cancelled in the middle of a call is closed."""

    def __init__(self, owner: AsyncSandbox, session: Session) -> None:
        self.session = session
        self._owner = owner

    async def exec(self, command: Sequence[str], **options: Any) -> ExecResult:
        """See `Session.exec`."""
        return await self._call(self.session.exec, command, **options)

    async def start(self, command: Sequence[str], **options: Any) -> Process:
        """See `Session.start`; what the process does is awaited by `AsyncSandbox.call`."""
        return await self._call(self.session.start, command, **options)

    async def read_file(self, path: str) -> bytes:
        """See `Session.read_file`."""
        return await self._call(self.session.read_file, path)

    async def write_file(self, path: str, data: bytes) -> None:
        """See `Session.write_file`."""
        await self._call(self.session.write_file, path, data)

    async def snapshot(self) -> Snapshot:
        """See `Session.snapshot`."""
        return await self._call(self.session.snapshot)

    async def close(self) -> None:
        """See `Session.close`."""
        await asyncio.to_thread(self.session.close)

    async def _call(self, function: Callable[P, ResultT], *arguments: P.args, **options: P.kwargs) -> ResultT:
        try:
            return await self._owner.call(function, *arguments, **options)
        except asyncio.CancelledError:
            # Its thread would go on in there, and nobody would know.
            self.session.close()
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
