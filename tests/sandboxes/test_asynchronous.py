# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The awaitable calls do what the plain ones do, any number of them at once."""

from __future__ import annotations

import asyncio
import time

import pytest

from rsi_sandboxes import AsyncSandbox, Job, Limits, Sandbox, SessionClosed, make_sandbox
from tests.components import need


@pytest.fixture(params=["bubblewrap", "docker"])
def own_sandbox(request: pytest.FixtureRequest) -> Sandbox:
    need(request.param)
    return make_sandbox(request.param)


def test_many_jobs_are_awaited_at_once(own_sandbox: Sandbox) -> None:
    async def double_all() -> list[int]:
        async with AsyncSandbox(own_sandbox, parallel=8) as sandbox:
            source = "print(2 * int(input()))"
            jobs = [Job(("python3", "-I", "-S", "-c", source), stdin=b"%d" % number) for number in range(100)]
            return [int(result.stdout) for result in await asyncio.gather(*map(sandbox.run, jobs))]

    assert asyncio.run(double_all()) == [2 * number for number in range(100)]


def test_the_loop_goes_on_while_a_job_runs(own_sandbox: Sandbox) -> None:
    async def count() -> int:
        ticks = 0
        async with AsyncSandbox(own_sandbox) as sandbox:
            running = asyncio.ensure_future(sandbox.run(Job(("sleep", "0.5"))))
            while not running.done():
                await asyncio.sleep(0.01)
                ticks += 1
            assert running.result().ok
        return ticks

    assert asyncio.run(count()) > 10


def test_a_session_is_awaited(own_sandbox: Sandbox) -> None:
    async def talk() -> tuple[bytes, bytes]:
        async with AsyncSandbox(own_sandbox) as sandbox, await sandbox.session(Limits(wall_s=5)) as session:
            await session.write_file("a", b"one")
            result = await session.exec(["sh", "-c", "cat a; echo two > b"])
            return result.stdout, await session.read_file("b")

    assert asyncio.run(talk()) == (b"one", b"two\n")


def test_programs_and_snapshots_of_a_session_are_awaited(own_sandbox: Sandbox) -> None:
    async def talk() -> tuple[bytes | None, bytes]:
        async with AsyncSandbox(own_sandbox) as sandbox, await sandbox.session() as session:
            process = await session.start(["sh", "-c", "echo one > a; echo two; cat"])
            line = await sandbox.call(process.read_line, 10)
            async with await sandbox.session(snapshot=await session.snapshot()) as other:
                return line, await other.read_file("a")

    assert asyncio.run(talk()) == (b"two", b"one\n")


def test_a_cancelled_call_closes_its_session_at_once(own_sandbox: Sandbox) -> None:
    async def cancel() -> float:
        async with AsyncSandbox(own_sandbox) as sandbox:
            session = await sandbox.session(Limits(wall_s=60))
            started = time.monotonic()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(session.exec(["sleep", "50"]), 0.3)
            with pytest.raises(SessionClosed):
                await session.exec(["true"])
            return time.monotonic() - started

    assert asyncio.run(cancel()) < 20


def test_errors_come_through(own_sandbox: Sandbox) -> None:
    async def fail() -> None:
        async with AsyncSandbox(own_sandbox) as sandbox:
            await sandbox.run(Job(("no-such-program",)))

    with pytest.raises(FileNotFoundError):
        asyncio.run(fail())
