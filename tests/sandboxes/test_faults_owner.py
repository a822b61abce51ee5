# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An owner that is killed, interrupted or short of descriptors gets named errors and leaves nothing."""

from __future__ import annotations

import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsi_sandboxes import BackendUnavailable, ExecResult, Job, Limits, Sandbox, SandboxError, WorldLost, make_sandbox
from rsi_sandboxes.docker.home import Doorway, reap_doorways
from rsi_sandboxes.ownership import Owner
from tests.components import need
from tests.sandboxes.wreckage import (
    nothing_is_left,
    nurseries,
    open_descriptors,
    start_owner,
    wait_for,
    world_processes,
)

pytestmark = pytest.mark.usefixtures("own_pools")
BACKENDS = pytest.mark.parametrize("backend", ["bubblewrap", "docker"])
SLEEP = Job(("python3", "-I", "-S", "-c", "import time; time.sleep(60)"), limits=Limits(wall_s=300))
JOBS = 4
NOTHING = Job(("python3", "-I", "-S", "-c", ""))
MANY_JOBS = """
import sys, threading
from rsi_sandboxes import Job, Limits, make_sandbox
sandbox = make_sandbox(sys.argv[1])
limits = Limits(wall_s=300)
job = Job(("python3", "-I", "-S", "-c", "import time; time.sleep(300)"), limits=limits)

def start():
    with sandbox.start(job) as process:
        process.wait()

def hold():
    with sandbox.session(limits) as session:
        session.exec(job.command)

for number in range(64):
    work = (lambda: sandbox.run(job), start, start, hold)[number % 4]
    threading.Thread(target=work, daemon=True).start()
print("started", flush=True)
threading.Event().wait()
"""
WORLDS_OF_64 = {"bubblewrap": 48, "docker": 10}
"""Those that must be up at the kill; a container takes longer to start, so that others are caught coming up."""


@BACKENDS
def test_an_owner_killed_with_64_jobs_in_flight_leaves_nothing(backend: str) -> None:
    need(backend)
    with start_owner(MANY_JOBS, backend) as owner:
        try:
            assert owner.stdout is not None
            assert owner.stdout.readline() == "started\n"
            assert wait_for(lambda: len(nurseries(backend, owner.pid)) >= WORLDS_OF_64[backend], 60)
            processes = world_processes(backend, owner.pid)
        finally:
            owner.kill()
    assert len(processes) >= 2 * WORLDS_OF_64[backend]
    assert nothing_is_left(backend, owner.pid, processes)


def test_the_folder_of_an_owner_that_has_died_is_reaped_and_that_of_a_living_one_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "rsi-nursery-of-another-kind").mkdir()
    with start_owner("") as ended:
        dead = Owner.of(ended.pid)
    with Doorway() as mine:
        monkeypatch.setattr("rsi_sandboxes.docker.home.current", lambda: dead)
        left = Doorway()
        left.__enter__()
        monkeypatch.undo()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        assert reap_doorways() == [Path(left.path).parent.name]
        assert Path(mine.path).exists()
        left.__exit__(None, None, None)
    assert [path.name for path in tmp_path.iterdir()] == ["rsi-nursery-of-another-kind"]


INTERRUPTED = """
import sys
from rsi_sandboxes import Job, Limits, make_sandbox
sandbox = make_sandbox(sys.argv[1])
limits = Limits(wall_s=300)
words = ("python3", "-I", "-S", "-c", "import time; time.sleep(300)")
session = sandbox.session(limits)
session.exec(("true",))
sandbox.run(Job(("python3", "-I", "-S", "-c", "")))
print("ready", flush=True)
try:
    sandbox.run(Job(words, limits=limits)) if sys.argv[2] == "run" else session.exec(words)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    raise
"""


@BACKENDS
@pytest.mark.parametrize("call", ["run", "exec"])
def test_ctrl_c_comes_out_of_a_call_and_ends_its_world(backend: str, call: str) -> None:
    need(backend)
    with start_owner(INTERRUPTED, backend, call) as owner:
        try:
            assert owner.stdout is not None
            assert owner.stdout.readline() == "ready\n"
            threading.Event().wait(0.5)
            processes = world_processes(backend, owner.pid)
            owner.send_signal(signal.SIGINT)
            shown, errors = owner.communicate(timeout=20)
        finally:
            owner.kill()
    assert shown == "interrupted\n"
    assert errors.splitlines()[-1] == "KeyboardInterrupt"
    assert errors.count("Error") == 0, errors
    assert len(processes) >= 3
    assert nothing_is_left(backend, owner.pid, processes)


# Which descriptor is the last to be had differs from one bound to the next, so that each place runs out in its turn.
SHORT_OF_DESCRIPTORS = """
import os, resource, sys
from rsi_sandboxes import Job, SandboxError, make_sandbox
sandbox = make_sandbox(sys.argv[1])
job = Job(("python3", "-I", "-S", "-c", "print(1)"))
def session():
    with sandbox.session() as session:
        return session.exec(job.command).stdout
def start():
    with sandbox.start(job) as process:
        return process.wait().stdout
calls = (lambda: sandbox.run(job).stdout, start, session)
kept = [call() for call in calls]
held = len(os.listdir("/proc/self/fd"))
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
tried = failed = 0
for spare in range(int(sys.argv[2])):
    for call in calls:
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1 + spare, most))
        try:
            tried += 1
            call()
        except SandboxError as error:
            failed += 1
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
print(tried, failed, [call() for call in calls] == kept, len(os.listdir("/proc/self/fd")) - held)
"""


@BACKENDS
def test_a_want_of_descriptors_is_named_and_leaks_none(backend: str) -> None:
    need(backend)
    most_spare = 16
    with start_owner(SHORT_OF_DESCRIPTORS, backend, str(most_spare)) as owner:
        shown, errors = owner.communicate(timeout=60)
    assert owner.returncode == 0, errors
    tried, failed, same, leaked = shown.split()
    assert int(tried) == 3 * most_spare
    assert 3 <= int(failed) < int(tried)
    assert same == "True"
    assert int(leaked) <= 1
    assert nothing_is_left(backend, owner.pid, set())


def test_a_process_that_cannot_fork_has_no_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    need("bubblewrap")

    def refuse(*arguments: object, **options: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    sandbox = make_sandbox("bubblewrap")
    before = open_descriptors()
    monkeypatch.setattr("subprocess.Popen", refuse)
    for call in (sandbox.run, sandbox.start):
        with pytest.raises(BackendUnavailable, match="temporarily"):
            call(NOTHING)
    monkeypatch.undo()
    assert open_descriptors() == before
    assert sandbox.run(NOTHING).ok
    sandbox.close()


@pytest.fixture(params=["bubblewrap", "docker"])
def lone_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    need(request.param)
    sandbox = make_sandbox(request.param)
    yield sandbox
    sandbox.close()


def test_closing_a_sandbox_ends_the_runs_under_way_and_leaks_nothing(lone_sandbox: Sandbox) -> None:
    backend = lone_sandbox.name
    lone_sandbox.run(NOTHING)
    warm = len(nurseries(backend))
    before: list[str] = []  # after the first round, for the engine's client keeps the connections that it once needed
    for _ in range(3):
        sandbox = make_sandbox(backend)
        ends: list[ExecResult | SandboxError] = []

        def run(sandbox: Sandbox = sandbox, ends: list[ExecResult | SandboxError] = ends) -> None:
            try:
                ends.append(sandbox.run(SLEEP))
            except SandboxError as error:
                ends.append(error)

        running = [threading.Thread(target=run) for _ in range(JOBS)]
        for thread in running:
            thread.start()
        assert wait_for(lambda sandbox=sandbox: len(sandbox._slots) == JOBS)  # type: ignore[misc]
        closing = [threading.Thread(target=sandbox.close) for _ in range(2)]
        closing += [threading.Thread(target=slot.close) for slot in list(sandbox._slots)[:1]]  # type: ignore[attr-defined]
        for thread in closing:
            thread.start()
        for thread in (*running, *closing):
            thread.join(20)
        assert not any(thread.is_alive() for thread in (*running, *closing))
        assert [type(end) for end in ends] == [WorldLost] * JOBS
        assert lone_sandbox.run(NOTHING).ok
        before = before or open_descriptors()
    assert wait_for(lambda: len(open_descriptors()) <= len(before))
    assert wait_for(lambda: len(nurseries(backend)) <= warm)
