# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A session as a sandbox environment of Inspect AI's."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from typing import Any, Literal, ParamSpec, TypeVar, overload

from anyio import CancelScope, CapacityLimiter, get_cancelled_exc_class, to_thread
from inspect_ai.util import (
    ExecResult,
    OutputLimitExceededError,
    SandboxEnvironment,
    SandboxEnvironmentLimits,
    SandboxUnavailableError,
    SandboxUserUnsupportedError,
    concurrency,
    sandboxenv,
)
from pydantic import BaseModel

from rsi_sandboxes import job
from rsi_sandboxes.errors import (
    BackendNotFound,
    BackendUnavailable,
    CommandNotFound,
    InvalidJob,
    SandboxError,
    SandboxFileError,
    SessionClosed,
    WorldLost,
)
from rsi_sandboxes.inspect_provider import files, results
from rsi_sandboxes.inspect_provider.config import SandboxConfig, SharedSandboxes, resolve
from rsi_sandboxes.job import OWN_INTERPRETER
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.protocol import Process, Session
from rsi_sandboxes.upkeep import reap

P = ParamSpec("P")
T = TypeVar("T")

CALLS_AT_ONCE = 64
"""Threads that one sample's calls may take."""
_WHO = "import os, pwd; uid = os.getuid(); print(uid, flush=True); print(pwd.getpwuid(uid).pw_name)"
_SANDBOXES = SharedSandboxes()


@sandboxenv(name="rsi")
class RsiSandboxEnvironment(SandboxEnvironment):
    """A world for each sample; see Inspect's `SandboxEnvironment` for the contract.

    Programs have the rights of the world's one user. Nothing outside `/work`, where they start, and `/tmp` can be
    written, so neither can Inspect's own tools be put into `/var/tmp`, which `exec_remote` and the tools built on it
    need.

    Args:
        session: The world, closed by `sample_cleanup`.
        config: What it was made with.
    """

    def __init__(self, session: Session, config: SandboxConfig) -> None:
        super().__init__()
        self.session = session
        self.config = config
        self._threads = CapacityLimiter(CALLS_AT_ONCE)
        self._own_names: list[str] = []

    async def exec(
        self,
        cmd: list[str],
        input: str | bytes | None = None,  # noqa: A002
        cwd: str | None = None,
        env: dict[str, str] | None = None,
        user: str | None = None,
        timeout: int | None = None,
        timeout_retry: bool = True,
        concurrency: bool = True,
    ) -> ExecResult[str]:
        """Runs a program; one that is cancelled is killed, and the session goes on.

        One that can't be started has the status that a shell gives: 127 where there is none, else 126. A timeout is
        the program's own doing here, so `timeout_retry` has no effect.

        Raises:
            TimeoutError: The timeout has passed, or the `wall_s` of the configuration.
            PermissionError: The program may not be executed.
            OutputLimitExceededError: It printed more than Inspect allows.
            SandboxUserUnsupportedError: The user is not the world's.
            SandboxUnavailableError: The world is gone.
        """
        if user is not None and user not in await self._names():
            raise SandboxUserUnsupportedError(f"this world has no user {user!r} but {' or '.join(self._own_names)}")
        limits = replace(self.config.limits(), output_bytes=SandboxEnvironmentLimits.MAX_EXEC_OUTPUT_SIZE)
        if timeout is not None:
            limits = replace(limits, wall_s=min(limits.wall_s, timeout))
        async with _turn() if concurrency else nullcontext():
            try:
                result = await self._complete(cmd, _encoded(input or b""), cwd, env, limits)
            except (CommandNotFound, InvalidJob, SandboxFileError) as refusal:
                return results.refused(refusal)
        return results.converted(result, limits)

    async def write_file(self, file: str, contents: str | bytes) -> None:
        """Writes a file, to what it links to where it is a link; raises what `files.read_bounded` lists."""
        await self._call(files.write, self.session, file, _encoded(contents))

    @overload
    async def read_file(self, file: str, text: Literal[True] = True) -> str: ...

    @overload
    async def read_file(self, file: str, text: Literal[False]) -> bytes: ...

    async def read_file(self, file: str, text: bool = True) -> str | bytes:
        """Returns a file's content; raises what `files.read_bounded` lists.

        Raises:
            UnicodeDecodeError: It is to be text and isn't UTF-8.
            OutputLimitExceededError: It is larger than Inspect allows.
        """
        most = SandboxEnvironmentLimits.MAX_READ_FILE_SIZE
        content = await self._call(files.read_bounded, self.session, file, most)
        if content is None:
            raise OutputLimitExceededError(SandboxEnvironmentLimits.MAX_READ_FILE_SIZE_STR, None)
        return content.decode() if text else content

    @classmethod
    async def task_init(cls, task_name: str, config: BaseModel | str | None) -> None:
        """Makes the sandbox that the task's samples share, so that one that can't work fails the task at once."""
        await to_thread.run_sync(_SANDBOXES.acquire, resolve(config))

    @classmethod
    async def task_cleanup(cls, task_name: str, config: BaseModel | str | None, cleanup: bool) -> None:
        """Gives the sandbox back; worlds end with this process, whatever `cleanup` says."""
        await to_thread.run_sync(_SANDBOXES.release, resolve(config))

    @classmethod
    async def sample_init(
        cls, task_name: str, config: BaseModel | str | None, metadata: dict[str, str]
    ) -> dict[str, SandboxEnvironment]:
        """Opens the sample's session.

        Raises:
            SandboxUnavailableError: There is no such backend, or no world can be made.
        """
        resolved = resolve(config)
        with _unavailable():
            return {"default": cls(await to_thread.run_sync(_open, resolved), resolved)}

    @classmethod
    async def sample_cleanup(
        cls,
        task_name: str,
        config: BaseModel | str | None,
        environments: dict[str, SandboxEnvironment],
        interrupted: bool,
    ) -> None:
        """Ends the sample's world."""
        for environment in environments.values():
            mine = environment.as_type(RsiSandboxEnvironment)
            await to_thread.run_sync(_close, mine.session, mine.config)

    @classmethod
    async def cli_cleanup(cls, id: str | None) -> None:  # noqa: A002
        """Removes what dead owners left, which has no ids; see `rsi_sandboxes.reap`."""
        await to_thread.run_sync(reap)

    @classmethod
    def default_concurrency(cls) -> int | None:
        """Two samples a processor, as Inspect's Docker provider has it."""
        return 2 * _processors()

    @classmethod
    def config_deserialize(cls, config: dict[str, Any]) -> BaseModel:
        """Returns the `SandboxConfig` that a log holds."""
        return SandboxConfig(**config)

    async def _complete(
        self, cmd: list[str], stdin: bytes, cwd: str | None, env: dict[str, str] | None, limits: Limits
    ) -> job.ExecResult:
        process = await self._call(_begin, self.session, cmd, stdin, cwd, env, limits)
        try:
            return await self._call_abandoned_on_cancel(process.wait)
        except get_cancelled_exc_class():
            with CancelScope(shield=True), suppress(SandboxError):
                await to_thread.run_sync(process.kill)
            raise

    async def _names(self) -> list[str]:
        """The world's user, by number and, where it has one, by name."""
        if not self._own_names:
            result = await self._call(self.session.exec, (*OWN_INTERPRETER, _WHO))
            self._own_names = result.stdout.decode().split()
        return self._own_names

    async def _call(self, function: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        with _unavailable():
            return await to_thread.run_sync(partial(function, *arguments, **options), limiter=self._threads)

    async def _call_abandoned_on_cancel(self, function: Callable[[], T]) -> T:
        with _unavailable():
            return await to_thread.run_sync(function, abandon_on_cancel=True, limiter=self._threads)


@asynccontextmanager
async def _turn() -> AsyncIterator[None]:
    async with concurrency("rsi programs", 2 * _processors()):
        yield


@contextmanager
def _unavailable() -> Iterator[None]:
    """Says in Inspect's word that there is no world."""
    try:
        yield
    except (BackendNotFound, BackendUnavailable, WorldLost, SessionClosed) as error:
        raise SandboxUnavailableError(str(error)) from error


def _open(config: SandboxConfig) -> Session:
    sandbox = _SANDBOXES.acquire(config)
    try:
        return sandbox.session(config.limits())
    except BaseException:
        _SANDBOXES.release(config)
        raise


def _close(session: Session, config: SandboxConfig) -> None:
    try:
        session.close()
    finally:
        _SANDBOXES.release(config)


def _begin(
    session: Session, cmd: list[str], stdin: bytes, cwd: str | None, env: dict[str, str] | None, limits: Limits
) -> Process:
    process = session.start(cmd, env=env, cwd=cwd, limits=limits)
    process.send(stdin)
    return process


def _encoded(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _processors() -> int:
    return os.cpu_count() or 1
