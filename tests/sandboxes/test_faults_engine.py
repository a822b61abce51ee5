# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A Docker engine that loses containers, images or itself, and a host that runs out of room, while jobs are there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rsi_sandboxes import BackendUnavailable, ImageNotFound, Job, Limits, SandboxError, WorldLost, make_sandbox
from rsi_sandboxes.docker import engine
from rsi_sandboxes.docker.engine import DEFAULT_IMAGE
from tests.components import need
from tests.sandboxes.wreckage import containers, wait_for

pytestmark = pytest.mark.usefixtures("own_pools")
LIMITS = Limits(wall_s=60)
OTHER_LIMITS = replace(LIMITS, processes=32)  # these take a world of another shape
PYTHON = ("python3", "-I", "-S", "-c")
SLEEP = Job((*PYTHON, "import time; print('up', flush=True); time.sleep(60)"), limits=LIMITS)
ADD = Job((*PYTHON, "print(6 * 7)"), limits=LIMITS)
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="mounting and starting an engine take root")


def docker(*command: str) -> str:
    return subprocess.run(["docker", *command], capture_output=True, text=True, check=True).stdout.strip()


def test_jobs_whose_containers_are_removed_are_lost() -> None:
    need("docker")
    sandbox = make_sandbox("docker")
    before = set(containers(os.getpid()))
    lost: list[SandboxError] = []

    def run() -> None:
        try:
            sandbox.run(SLEEP)
        except SandboxError as error:
            lost.append(error)

    running = threading.Thread(target=run)
    with sandbox.session(LIMITS) as session, sandbox.start(SLEEP) as process:
        running.start()
        assert process.read_line(10) == b"up"
        assert wait_for(lambda: len(sandbox._slots) == 1)  # type: ignore[attr-defined]
        docker("rm", "-f", *set(containers(os.getpid())) - before)
        with pytest.raises(WorldLost):
            process.wait()
        with pytest.raises(WorldLost):
            session.exec(ADD.command)
        running.join(20)
    assert [type(error) for error in lost] == [WorldLost]
    assert sandbox.run(ADD).stdout == b"42\n"
    sandbox.close()
    assert wait_for(lambda: set(containers(os.getpid())) <= before)


def test_an_image_deleted_in_mid_run_is_missed_by_new_worlds_alone_and_until_it_is_back() -> None:
    need("docker")
    image = f"rsi-sandbox-fault:{os.getpid()}"
    docker("tag", DEFAULT_IMAGE, image)
    sandbox = make_sandbox("docker", image=image)
    try:
        with sandbox.session(LIMITS) as session:
            docker("rmi", image)
            assert session.exec(ADD.command).stdout == b"42\n"
            for call in (sandbox.run, sandbox.start):
                with pytest.raises(ImageNotFound, match=image):
                    call(replace(ADD, limits=OTHER_LIMITS))
            with pytest.raises(ImageNotFound, match=image):
                make_sandbox("docker", image=image)
            docker("tag", DEFAULT_IMAGE, image)
            assert sandbox.run(replace(ADD, limits=OTHER_LIMITS)).stdout == b"42\n"
            assert session.exec(ADD.command).stdout == b"42\n"
    finally:
        sandbox.close()
        subprocess.run(["docker", "rmi", image], capture_output=True, check=False)


class Engine:
    """An engine of the test's own, with its own images and containers, beside the machine's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/docker.sock"
        self.namespace = f"rsi-engine-{os.getpid()}"  # containerd allows it no underscore, which `folder` may hold

    def start(self) -> None:
        """Starts it, on what an earlier start left in its folder."""
        names = ("data-root", "exec-root", "pidfile")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                # In a network of its own: an engine that is to have no bridge removes that of the machine's engine.
                ["unshare", "--net", "dockerd",
                 *(f"--{name}={self.folder / name}" for name in names), f"--host={self.host}",
                 "--bridge=none", "--iptables=false",
                 f"--containerd-namespace={self.namespace}", f"--containerd-plugins-namespace={self.namespace}-p"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def answers(self) -> bool:
        """Whether it is up."""
        asked = subprocess.run(["docker", "-H", self.host, "version"], capture_output=True, check=False)
        return asked.returncode == 0

    def stop(self) -> None:
        """Ends it and its containers."""
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def private_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    need("docker")
    if not shutil.which("dockerd"):
        pytest.skip("no dockerd to start a second engine with")
    folder = Path(tempfile.mkdtemp(prefix="rsi-engine-"))
    made = Engine(folder)
    made.start()
    try:
        if not wait_for(made.answers):
            pytest.skip(f"a second engine does not come up: {(folder / 'log').read_text()[-500:]}")
        command = f"docker save {DEFAULT_IMAGE} | docker -H {made.host} load"
        subprocess.run(["sh", "-c", command], capture_output=True, check=True)
        monkeypatch.setenv("DOCKER_HOST", made.host)
        monkeypatch.setattr(engine, "_connection", engine._Connection())
        yield made
    finally:
        made.stop()
        # What it had mounted below may outlive it for a moment.
        wait_for(lambda: shutil.rmtree(folder, ignore_errors=True) is None and not folder.exists())


@ROOT
def test_an_engine_restarted_in_mid_run_costs_the_jobs_in_flight_alone(private_engine: Engine) -> None:
    sandbox = make_sandbox("docker")
    sandbox.run(ADD)
    session = sandbox.session(LIMITS)
    process = sandbox.start(SLEEP)
    assert sandbox.why_cold is None  # type: ignore[attr-defined]
    assert process.read_line(10) == b"up"
    private_engine.stop()
    with pytest.raises(WorldLost):
        process.wait()
    with pytest.raises(WorldLost):
        session.exec(ADD.command)
    for job in (ADD, replace(ADD, limits=OTHER_LIMITS)):
        with pytest.raises(BackendUnavailable, match="stopped answering"):
            sandbox.run(job)
    private_engine.start()
    assert wait_for(private_engine.answers)
    assert sandbox.run(ADD).stdout == b"42\n"
    assert sandbox.run(replace(ADD, limits=OTHER_LIMITS)).stdout == b"42\n"
    session.close()
    process.__exit__(None, None, None)
    sandbox.close()
    assert wait_for(lambda: not containers(os.getpid()))


@pytest.fixture
def full_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder for temporary files on a disk that has no room for one more."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=2", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted: {mounted.stderr.decode().strip()}")
    (tmp_path / "full").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@ROOT
def test_a_full_disk_is_named_and_the_next_job_does_well_once_there_is_room(full_folder: Path) -> None:
    need("docker")
    before = set(containers(os.getpid()))
    sandbox = make_sandbox("docker")
    for call in (sandbox.run, sandbox.start):
        with pytest.raises(BackendUnavailable, match="No space left on device"):
            call(ADD)
    subprocess.run(["mount", "-o", "remount,nr_inodes=100", str(full_folder)], check=True)
    assert sandbox.run(ADD).stdout == b"42\n"
    sandbox.close()
    assert wait_for(lambda: set(containers(os.getpid())) <= before)
    assert [path.name for path in full_folder.iterdir()] == ["full"]
