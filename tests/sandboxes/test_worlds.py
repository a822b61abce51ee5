# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Worlds end with their owner's interest in them, on every backend: by interruption, by close, by death, by fork."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from types import FrameType

import pytest

from rsi_sandboxes import Job, Limits, Sandbox, SessionClosed, WorldLost, make_sandbox
from rsi_sandboxes.backend import WorldSandbox
from tests.components import need
from tests.sandboxes.wreckage import left_behind, wait_for


@pytest.fixture(params=["bubblewrap", "docker"])
def own_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox of the test's own, which it may close."""
    need(request.param)
    sandbox = make_sandbox(request.param)
    yield sandbox
    sandbox.close()


def test_closing_a_sandbox_ends_its_worlds(own_sandbox: Sandbox) -> None:
    session = own_sandbox.session()
    process = own_sandbox.start(Job(("sleep", "60")))
    own_sandbox.close()
    with pytest.raises(SessionClosed):
        session.exec(["true"])
    with pytest.raises(WorldLost):
        process.wait()
    own_sandbox.close()


def test_a_closed_sandbox_begins_no_other_world(own_sandbox: Sandbox) -> None:
    others = left_behind(os.getpid())  # what tests share
    job = Job(("true",))
    own_sandbox.run(job)
    own_sandbox.close()
    for begin in (lambda: own_sandbox.run(job), lambda: own_sandbox.start(job), own_sandbox.session):
        with pytest.raises(WorldLost, match=f"the {own_sandbox.name} sandbox is closed"):
            begin()
    assert wait_for(lambda: set(left_behind(os.getpid())) <= set(others))


def test_an_interrupted_call_closes_its_session(own_sandbox: Sandbox) -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    session = own_sandbox.session()
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(KeyboardInterrupt):
            session.exec(["sleep", "5"])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    with pytest.raises(SessionClosed):
        session.exec(["echo", "next"])


FORKING_OWNER = """
import os, sys, time
from rsi_sandboxes import Job, Limits, make_sandbox
sandbox = make_sandbox({backend!r})
session = sandbox.session()
process = sandbox.start(Job(("sleep", "{seconds}"), limits=Limits(wall_s=300)))
pid = os.fork()
if pid == 0:
    session.close()
    process.__exit__(None, None, None)
    sandbox.close()
    answer = make_sandbox({backend!r}).run(Job(("echo", "child"))).stdout.decode().strip()
    print(answer, os.getpid(), flush=True)
    time.sleep(120)
    os._exit(0)
time.sleep(3)
print(session.exec(["echo", "parent"]).stdout.decode().strip(), flush=True)
time.sleep(120)
"""


@pytest.mark.parametrize("backend", ["bubblewrap", "docker"])
def test_a_forked_child_neither_ends_nor_keeps_its_parent_s_worlds(backend: str) -> None:
    need(backend)
    seconds = unique_seconds()
    path = ":".join(entry for entry in sys.path if entry)
    owner = subprocess.Popen(
        [sys.executable, "-c", FORKING_OWNER.format(backend=backend, seconds=seconds)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert owner.stdout is not None
    try:
        lines = [owner.stdout.readline().split() for _ in range(2)]
        assert sorted(line[0] for line in lines) == ["child", "parent"]
        child = next(int(line[1]) for line in lines if line[0] == "child")
        assert sleepers(seconds)
    finally:
        owner.kill()
        owner.wait()
        owner.stdout.close()
    try:
        deadline = time.monotonic() + 20
        while sleepers(seconds) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not sleepers(seconds)
    finally:
        os.kill(child, signal.SIGKILL)


def unique_seconds() -> int:
    """A time to sleep by which this test's own sleepers are known."""
    return random.SystemRandom().randrange(10_000_000, 99_999_999)


def sleepers(seconds: int) -> list[str]:
    found = subprocess.run(["pgrep", "-x", "-f", f"sleep {seconds}"], capture_output=True, text=True, check=False)
    return found.stdout.split()


UNREAD_OWNER = """
import time
from rsi_sandboxes import Job, Limits, make_sandbox
process = make_sandbox({backend!r}).start(Job(("sleep", "{seconds}"), limits=Limits(wall_s=300)))
time.sleep(2)
process.send(bytes(1024 * 1024 + 65536))
print("ready", flush=True)
time.sleep(120)
"""


@pytest.mark.parametrize("backend", ["bubblewrap", "docker"])
def test_a_program_that_does_not_read_its_stdin_dies_with_its_owner(backend: str) -> None:
    need(backend)
    seconds = unique_seconds()
    path = ":".join(entry for entry in sys.path if entry)
    owner = subprocess.Popen(
        [sys.executable, "-c", UNREAD_OWNER.format(backend=backend, seconds=seconds)],
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert owner.stdout is not None
    try:
        assert owner.stdout.readline() == b"ready\n"
    finally:
        owner.kill()
        owner.wait()
        owner.stdout.close()
    deadline = time.monotonic() + 20
    while sleepers(seconds) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not sleepers(seconds)


def test_a_backend_without_a_way_to_open_worlds_cannot_be_made() -> None:
    class Incomplete(WorldSandbox):
        """Lacks `_open`."""

    with pytest.raises(TypeError, match="_open"):
        Incomplete()  # type: ignore[abstract]


def test_a_long_wall_limit_is_no_overflow(own_sandbox: Sandbox) -> None:
    with own_sandbox.start(Job(("cat",), limits=Limits(wall_s=1e15))) as process:
        process.send(b"line\n")
        assert process.read_line(1e15) == b"line"
