# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a killed owner leaves is gone at once or reaped; what is another's is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from rsi_sandboxes import make_sandbox, ownership, reap
from rsi_sandboxes.ownership import Owner, current, is_overdue
from tests.components import need


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def test_an_owner_reads_back_from_its_text() -> None:
    assert Owner.parse(str(current())) == current()
    assert Owner.parse("someone else's label") is None


def test_a_living_owner_is_not_gone_and_a_dead_one_is() -> None:
    child = subprocess.Popen(["sleep", "60"])
    owner = Owner.of(child.pid)
    assert not owner.is_gone()
    child.kill()
    child.wait()
    assert owner.is_gone()


def test_a_later_process_with_the_same_id_is_someone_else() -> None:
    me = current()
    assert Owner(me.host, me.pid, me.start_time - 1).is_gone()
    assert not Owner("elsewhere/boot", 1, 1).is_gone()


def test_the_same_id_in_another_process_namespace_is_someone_else() -> None:
    assert os.readlink("/proc/self/ns/pid") in current().host


def test_a_process_that_proc_hides_is_not_known_to_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    me = current()
    child = subprocess.Popen(["true"])
    ended = Owner.of(child.pid)
    child.wait()
    monkeypatch.setattr(ownership, "_start_time", lambda pid: None)
    assert not me.is_gone()
    assert ended.is_gone()
    monkeypatch.undo()
    assert not Owner(me.host, me.pid, 0).is_gone()


def test_a_deadline_is_overdue_once_it_has_passed() -> None:
    assert is_overdue("100", now=100.5)
    assert not is_overdue("100", now=99.5)
    assert not is_overdue("soon")


MANY_JOBS = """
import sys, threading
from rsi_sandboxes import Job, Limits, make_sandbox
sandbox = make_sandbox({backend!r})
job = Job(("sleep", "333"), limits=Limits(wall_s=300))
for _ in range(4):
    threading.Thread(target=sandbox.run, args=(job,), daemon=True).start()
session = sandbox.session()
print("ready", flush=True)
threading.Event().wait()
"""


def count_sleepers() -> int:
    found = subprocess.run(["pgrep", "-x", "-f", "sleep 333"], capture_output=True, text=True, check=False)
    return len(found.stdout.split())


@pytest.mark.parametrize("backend", ["bubblewrap", "docker"])
def test_sigkill_of_the_owner_leaves_nothing(backend: str) -> None:
    need(backend)
    path = ":".join(entry for entry in sys.path if entry)
    owner = subprocess.Popen(
        [sys.executable, "-c", MANY_JOBS.format(backend=backend)],
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    try:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        assert wait_for(lambda: count_sleepers() == 4, 60)
    finally:
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        if owner.stdout:
            owner.stdout.close()
    assert wait_for(lambda: count_sleepers() == 0)
    if backend == "docker":
        assert wait_for(lambda: not owned_containers(owner.pid))


def owned_containers(pid: int) -> list[str]:
    listed = subprocess.run(
        ["docker", "ps", "-aq", "--filter", "label=rsi-envs.owner"], capture_output=True, text=True, check=True
    ).stdout.split()
    label = '{{index .Config.Labels "rsi-envs.owner"}}'
    return [c for c in listed if f":{pid}:" in subprocess.run(
        ["docker", "inspect", "-f", label, c], capture_output=True, text=True, check=False).stdout]  # fmt: skip


def test_reaping_takes_what_dead_owners_left_and_overdue_worlds_and_nothing_else() -> None:
    need("docker")
    import docker

    make_sandbox("docker").close()
    client = docker.from_env()
    image = "rsi-sandbox-python:1"
    dead = subprocess.Popen(["sleep", "60"])
    dead_owner = Owner.of(dead.pid)
    dead.kill()
    dead.wait()
    later, earlier = str(time.time() + 600), str(time.time() - 600)
    labels = {
        "dead": (str(dead_owner), later),
        "overdue": (str(current()), earlier),
        "mine": (str(current()), later),
        "remote": ("elsewhere/boot:1:1", later),
    }
    made = {
        name: client.containers.create(
            image, "true", labels={"rsi-envs.owner": owner, "rsi-envs.deadline": deadline}, network_mode="none"
        )
        for name, (owner, deadline) in labels.items()
    }
    stranger = client.containers.create(image, "true", network_mode="none")
    try:
        reap()  # or a start in another process, which may have been first
        left = {container.id for container in client.containers.list(all=True, sparse=True)}
        assert {name for name, container in made.items() if container.id in left} == {"mine", "remote"}
        assert stranger.id in left
    finally:
        for container in (*made.values(), stranger):
            try:
                container.remove(force=True)
            except docker.errors.NotFound:
                continue
        client.close()
