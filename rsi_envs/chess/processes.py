# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`Pool`: the processes of UCI engines, and the one thread that talks to them.

The thread is a daemon with an event loop of its own, so that no engine keeps the interpreter from exiting. All that the
pool knows of its processes is touched by that thread alone. An engine is ended with SIGKILL: none has anything to save.
Where util-linux's `setpriv` is there, the kernel kills the engine as soon as the owner is gone, however it went.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import chess
import chess.engine

from rsi_envs.chess.errors import EngineCrashed, EngineIllegalMove, EngineTimeout
from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.owned import ending_with_owner

T = TypeVar("T")
Options = tuple[tuple[str, str | int], ...]
Work = Callable[[chess.engine.UciProtocol], Awaitable[T]]

_SETTINGS: dict[str, str | int] = {"Threads": 1, "Hash": 4}
"""What every engine that has these options gets. An engine forgets its hash before each call, and clearing 4 MiB costs
no measurable time."""
_REAPING_S = 5.0


class _Protocol(chess.engine.UciProtocol):
    """Keeps what has gone wrong besides the answer to a call."""

    def __init__(self) -> None:
        super().__init__()
        self.last_words = ""
        """What the engine said last on its error stream."""
        self.fault: asyncio.Future[Exception] = self.loop.create_future()
        """What it broke the protocol by after python-chess had taken its answer for begun, as in an analysis."""

    def error_line_received(self, line: str) -> None:
        self.last_words = line.strip() or self.last_words


class Process:
    """One running engine, for one call at a time."""

    def __init__(self, name: str, transport: asyncio.SubprocessTransport, protocol: _Protocol) -> None:
        self._name = name
        self._transport = transport
        self._protocol = protocol

    @property
    def lives(self) -> bool:
        """Whether the process has not ended."""
        return not self._protocol.returncode.done()

    async def begin(self, options: Options, timeout_s: float) -> None:
        """Shakes hands and sets the options; raises like `do`, and InvalidOption for what the engine does not take."""
        await self.do(lambda protocol: protocol.initialize(), timeout_s)
        known = self._protocol.options
        try:
            settings = {key: value for key, value in _SETTINGS.items() if key in known}
            for key, value in options:
                if key not in known or known[key].is_managed():
                    raise InvalidOption(f"{self._name} has no option {key!r} to set; it has {', '.join(sorted(known))}")
                settings[key] = value
                known[key].parse(value)
        except chess.engine.EngineError as error:
            raise InvalidOption(f"{self._name}: {error}") from error
        await self.do(lambda protocol: protocol.configure(settings), timeout_s)
        await self.do(lambda protocol: protocol.ping(), timeout_s)

    async def do(self, work: Work[T], timeout_s: float) -> T:
        """Lets the engine work; after any error the process is of no further use.

        Raises:
            EngineTimeout: It did not answer in time.
            EngineIllegalMove: Its move is not legal.
            EngineCrashed: It ended, or said something that is not UCI.
        """
        task = asyncio.ensure_future(work(self._protocol))
        end = self._protocol.returncode
        fault = self._protocol.fault
        # Not for the answer alone, because python-chess leaves an analysis waiting for ever when either happens.
        endings: set[asyncio.Future[Any]] = {task, end, fault}
        try:
            await asyncio.wait(endings, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if fault.done():
                raise fault.result()
            if task.done():
                return task.result()
        except chess.engine.EngineTerminatedError:
            pass
        except chess.engine.EngineError as error:
            if error.args and isinstance(error.args[0], ValueError):
                raise EngineIllegalMove(f"{self._name} answered with a move that is not legal: {error}") from error
            raise EngineCrashed(f"{self._name} broke the protocol: {error}") from error
        finally:
            task.cancel()
        if not end.done():
            raise EngineTimeout(f"{self._name} did not answer within {timeout_s:g} s and was killed")
        said = f"; it said: {self._protocol.last_words}" if self._protocol.last_words else ""
        raise EngineCrashed(f"{self._name} ended with exit status {end.result()}{said}")

    async def kill(self) -> None:
        """Kills the engine with what it has started, and waits until it is reaped. Idempotent."""
        if self.lives:
            with suppress(ProcessLookupError):
                os.killpg(self._transport.get_pid(), signal.SIGKILL)
            # Before the pipes are closed, which would reap it behind the back of asyncio's own watcher.
            await asyncio.wait({self._protocol.returncode}, timeout=_REAPING_S)
        self._transport.close()

    def disown(self) -> None:
        """Closes a forked child's copy of the pipe to the engine, which would keep the engine's input open."""
        pipe = self._transport.get_pipe_transport(0)
        if pipe is not None:
            pipe.get_extra_info("pipe").close()


@dataclass(slots=True)
class _Crew:
    """The processes of one engine with the same options."""

    berths: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(os.cpu_count() or 1))
    idle: list[Process] = field(default_factory=list)


class Pool:
    """Engines that are started when they are first needed, and shared by all threads of this process."""

    def __init__(self) -> None:
        # Not epoll: its kernel object would be shared with a forked child, whose clean-up would deafen this process.
        self._loop = asyncio.SelectorEventLoop(selectors.PollSelector())
        self._loop.set_exception_handler(_note)
        self._crews: dict[tuple[str, Options], _Crew] = {}
        self._processes: set[Process] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="chess-engines", daemon=True)
        self._thread.start()

    def call(self, path: str, options: Options, timeout_s: float, work: Work[T]) -> T:
        """Lets an engine of this path and these options work, and waits for what comes of it; see `Process.do`."""
        with self._lock:
            if self._closed:
                raise EngineCrashed(f"{path} can't be asked: the engines of this process have been closed")
            future = asyncio.run_coroutine_threadsafe(self._serve(path, options, timeout_s, work), self._loop)
        try:
            return future.result()
        except CancelledError as error:
            raise EngineCrashed(f"{path} was closed while it was at work") from error
        finally:
            future.cancel()

    async def _serve(self, path: str, options: Options, timeout_s: float, work: Work[T]) -> T:
        crew = self._crews.setdefault((path, options), _Crew())
        async with crew.berths:
            process = await self._take(crew, path, options, timeout_s)
            try:
                result = await process.do(work, timeout_s)
            except BaseException:
                await self._end(process)
                raise
            crew.idle.append(process)
            return result

    async def _take(self, crew: _Crew, path: str, options: Options, timeout_s: float) -> Process:
        while crew.idle:
            process = crew.idle.pop()
            if process.lives:
                return process
            await self._end(process)
        process = await self._start(path)
        try:
            await process.begin(options, timeout_s)
        except BaseException:
            await self._end(process)
            raise
        return process

    async def _start(self, path: str) -> Process:
        try:
            # In a group of its own, because a terminal sends Ctrl-C to the whole group of the owner.
            transport, protocol = await _Protocol.popen([*ending_with_owner(), path], setpgrp=True)
        except OSError as error:
            raise EngineCrashed(f"{path} can't be started: {error}") from error
        process = Process(path, transport, protocol)
        self._processes.add(process)
        return process

    async def _end(self, process: Process) -> None:
        await process.kill()
        self._processes.discard(process)

    def close(self) -> None:
        """Ends every engine; calls that are under way raise EngineCrashed. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            future = asyncio.run_coroutine_threadsafe(self._close(), self._loop)
        try:
            future.result()
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    async def _close(self) -> None:
        calls = asyncio.all_tasks() - {asyncio.current_task()}
        for task in calls:
            task.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await asyncio.gather(*[self._end(process) for process in list(self._processes)])

    def disown(self) -> None:
        """In a forked child: lets go of the parent's engines without disturbing them."""
        for process in self._processes:
            process.disown()

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.close()


def _note(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Hands what python-chess complains of to the call under way; the rest shows in that call by itself."""
    protocol = context.get("protocol")
    if isinstance(protocol, _Protocol) and not protocol.fault.done():
        protocol.fault.set_result(context["exception"])
