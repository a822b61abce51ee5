# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Others' sandboxes that pip installs, each doing the job as its own documentation shows."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from contest.contenders import FRESH, NONE, SHARED, SUBSET, Awaited, Contender, Threaded
from contest.jobs import IMAGE, PROGRAM, check_said_ok, python_command

Run = Callable[[], None]
AsyncRun = Callable[[], Awaitable[None]]

IMAGE_PYTHON = (3, 11)
"""The version of Python in `IMAGE`."""
LLM_SANDBOX_IMAGE = "rsi-benchmark-llm-sandbox:1"
_POOL = 8
_MEMORY_MB = 256
_PIP_INSTALL = "pip install "
# The container's first process is an interpreter, which heeds no SIGTERM: closing would take Docker's 10 seconds.
_STOPPED_AT_ONCE = {"stop_signal": "SIGKILL"}


@dataclass(frozen=True, slots=True)
class Peer:
    """A contender that needs a package."""

    module: str
    """What is imported."""
    requirement: str
    """What pip installs."""
    made: Callable[[str], Contender]
    """Takes the contender's name."""
    program: str | None = None
    """What must be on PATH; None when nothing must."""

    def problem(self) -> str | None:
        """Says why this peer can't be here, or None."""
        if find_spec(self.module) is None:
            return f"not installed; run: {_PIP_INSTALL}{self.requirement}"
        if self.program and shutil.which(self.program) is None:
            return f"there is no {self.program} on PATH"
        return None


@asynccontextmanager
async def _swe_rex() -> AsyncIterator[AsyncRun]:
    """`DockerDeployment.start`, then `runtime.execute(Command(…))` in the one container that it keeps.

    The deployment's container installs swe-rex from the network unless its image has it; where this Python's
    version is the image's, the packages installed here are mounted instead.
    """
    logging.disable(logging.WARNING)
    from swerex.deployment.docker import DockerDeployment
    from swerex.runtime.abstract import Command

    with tempfile.TemporaryDirectory() as folder:
        deployment = DockerDeployment(image=IMAGE, pull="never", docker_args=_mounted(Path(folder)))
        try:
            await deployment.start()

            async def run() -> None:
                answer = await deployment.runtime.execute(Command(command=python_command("python3", PROGRAM)))
                check_said_ok(answer.stdout)

            yield run
        finally:
            await deployment.stop()


def _mounted(folder: Path) -> list[str]:
    if sys.version_info[:2] != IMAGE_PYTHON:
        return []
    server = folder / "swerex-remote"
    server.write_text('#!/bin/sh\nexec python3 -m swerex.server "$@"\n')
    server.chmod(0o755)
    packages = sysconfig.get_path("purelib")
    mounts = [f"{packages}:/peers:ro", f"{server}:/usr/local/bin/swerex-remote:ro"]
    return [part for mount in mounts for part in ("--volume", mount)] + ["--env", "PYTHONPATH=/peers"]


def _llm_sandbox_image() -> str:
    """An image of ours with the interpreter where llm-sandbox looks, as it asks of images that need no set-up."""
    links = "mkdir -p /sandbox/.sandbox-venv/bin && ln -s /usr/bin/python3 /sandbox/.sandbox-venv/bin/python"
    recipe = f"FROM {IMAGE}\nRUN {links} && ln -s /usr/bin/python3 /usr/local/bin/python\n"
    build = ["docker", "build", "--quiet", "--tag", LLM_SANDBOX_IMAGE, "-"]
    subprocess.run(build, input=recipe.encode(), capture_output=True, check=True)
    return LLM_SANDBOX_IMAGE


@contextmanager
def _llm_sandbox_docker() -> Iterator[Run]:
    """`with SandboxSession(…) as session: session.run(code)`, a container for each session."""
    logging.disable(logging.WARNING)
    from llm_sandbox import SandboxSession

    image = _llm_sandbox_image()

    def run() -> None:
        with SandboxSession(
            lang="python",
            image=image,
            skip_environment_setup=True,
            keep_template=True,
            runtime_configs=_STOPPED_AT_ONCE,
        ) as session:
            check_said_ok(session.run(PROGRAM).stdout)

    yield run


@contextmanager
def _llm_sandbox_pool() -> Iterator[Run]:
    """`create_pool_manager(…)`, then `with SandboxSession(pool=pool) as session: session.run(code)`."""
    logging.disable(logging.WARNING)
    from llm_sandbox import SandboxSession
    from llm_sandbox.pool import PoolConfig, create_pool_manager

    pool = create_pool_manager(
        backend="docker",
        config=PoolConfig(max_pool_size=_POOL, min_pool_size=2, acquisition_timeout=None),
        lang="python",
        image=_llm_sandbox_image(),
        skip_environment_setup=True,
        keep_template=True,
        runtime_configs=_STOPPED_AT_ONCE,
    )

    def run() -> None:
        with SandboxSession(lang="python", pool=pool) as session:
            check_said_ok(session.run(PROGRAM).stdout)

    try:
        yield run
    finally:
        pool.close()


@contextmanager
def _llm_sandbox_bubblewrap() -> Iterator[Run]:
    """`with SandboxSession(backend="bubblewrap", …) as session: session.run(code)`."""
    logging.disable(logging.WARNING)
    from llm_sandbox import SandboxSession

    def run() -> None:
        with SandboxSession(backend="bubblewrap", lang="python", skip_environment_setup=True) as session:
            check_said_ok(session.run(PROGRAM).stdout)

    yield run


@contextmanager
def _epicbox() -> Iterator[Run]:
    """`epicbox.configure(profiles=…)`, then `epicbox.run(profile, command, files=…, limits=…)`."""
    logging.disable(logging.WARNING)
    import epicbox

    epicbox.configure(profiles=[epicbox.Profile("python", IMAGE)])
    files = [{"name": "main.py", "content": PROGRAM.encode()}]
    limits = {"cputime": 10, "realtime": 60, "memory": _MEMORY_MB}

    def run() -> None:
        check_said_ok(epicbox.run("python", "python3 -I -S main.py", files=files, limits=limits)["stdout"])

    yield run


@asynccontextmanager
async def _inspect_local() -> AsyncIterator[AsyncRun]:
    """`await sandbox().exec(command)` of the sandbox named "local", made here without a task around it."""
    logging.disable(logging.WARNING)
    from inspect_ai.util._sandbox.local import LocalSandboxEnvironment

    environments = await LocalSandboxEnvironment.sample_init("contest", None, {})
    command = python_command(os.environ["CONTEST_PYTHON"], PROGRAM)

    async def run() -> None:
        check_said_ok((await environments["default"].exec(command)).stdout)

    try:
        yield run
    finally:
        await LocalSandboxEnvironment.sample_cleanup("contest", None, environments, False)


@contextmanager
def _monty() -> Iterator[Run]:
    """`with Monty() as pool`, then `with pool.checkout() as session: session.feed_run(code)`."""
    from pydantic_monty import CollectString, Monty

    with Monty() as pool:

        def run() -> None:
            printed = CollectString()
            with pool.checkout() as session:
                session.feed_run(PROGRAM, print_callback=printed)
            check_said_ok(printed.output)

        yield run


PEERS = {
    "swe-rex docker": Peer("swerex", "swe-rex", lambda name: Awaited(name, SHARED, _swe_rex), "docker"),
    "llm-sandbox docker": Peer(
        "llm_sandbox", "'llm-sandbox[docker]'", lambda name: Threaded(name, FRESH, _llm_sandbox_docker), "docker"
    ),
    "llm-sandbox docker pool": Peer(
        "llm_sandbox", "'llm-sandbox[docker]'", lambda name: Threaded(name, SHARED, _llm_sandbox_pool), "docker"
    ),
    "llm-sandbox bubblewrap": Peer(
        "llm_sandbox", "llm-sandbox", lambda name: Threaded(name, FRESH, _llm_sandbox_bubblewrap), "bwrap"
    ),
    # epicbox 1.1 calls urllib3 by names that urllib3 2 no longer has.
    "epicbox": Peer("epicbox", "epicbox 'urllib3<2'", lambda name: Threaded(name, FRESH, _epicbox), "docker"),
    "inspect-ai local": Peer("inspect_ai", "inspect-ai", lambda name: Awaited(name, NONE, _inspect_local)),
    "pydantic-monty": Peer("pydantic_monty", "pydantic-monty", lambda name: Threaded(name, SUBSET, _monty)),
}
