# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What works on this machine, and the command that mends what doesn't."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from rsi_sandboxes.backend import WorldSandbox
from rsi_sandboxes.errors import BackendUnavailable, ImageNotFound, SandboxError
from rsi_sandboxes.job import Job
from rsi_sandboxes.protocol import Sandbox
from rsi_sandboxes.registry import TABLE, make_sandbox
from rsi_sandboxes.seccomp import call_filters

_PROGRAM = "import sys; print(sys.version.split()[0])"
_REMEDIES = {
    "docker": "sudo apt-get install docker.io && sudo systemctl start docker",
    "bubblewrap": "sudo apt-get install bubblewrap",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    """What was found, or what went wrong."""
    remedy: str
    """The command that mends it; empty when nothing is wrong."""


def diagnose() -> list[Finding]:
    """Tries every built-in backend by running a program in it."""
    return [_try(name) for name in TABLE]


def _try(name: str) -> Finding:
    try:
        sandbox = make_sandbox(name)
        try:
            # The second of two shows what a job costs once there is a world.
            results = [sandbox.run(Job(("python3", "-I", "-S", "-c", _PROGRAM))) for _ in range(2)]
            guarantees = _guarantees(sandbox)
        finally:
            sandbox.close()
    except ImageNotFound as error:
        return Finding(name, False, str(error), "rsi sandbox images build")
    except BackendUnavailable as error:
        return Finding(name, False, str(error), _REMEDIES[name])
    except SandboxError as error:
        return Finding(name, False, str(error), "rsi sandbox reap")
    result = results[-1]
    if not result.ok:
        last_words = result.stderr.decode(errors="replace").strip()[-200:]
        return Finding(name, False, f"a program that should do well did not: {last_words or result}", _REMEDIES[name])
    version = result.stdout.decode().strip()
    return Finding(name, True, f"isolated Python {version} in {1000 * result.wall_s:.0f} ms; {guarantees}", "")


def _guarantees(sandbox: Sandbox) -> str:
    """Says which of the guarantees that depend on the machine this one gives."""
    if not isinstance(sandbox, WorldSandbox):
        return "a backend of another package's"
    warmth = (
        "worlds kept warm" if sandbox.why_cold is None else f"a world from nothing for each job ({sandbox.why_cold})"
    )
    memory = "bounded by a control group" if sandbox.memory_bound_by_kernel else "bounded by samples 20 ms apart"
    calls = "filtered" if platform.machine() in call_filters() else f"not filtered on {platform.machine()}"
    return f"{warmth}; memory {memory}; system calls {calls}"
