# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What works on this machine, and the command that mends what doesn't."""

from __future__ import annotations

from dataclasses import dataclass

from rsi_sandboxes.errors import BackendUnavailable, ImageNotFound, SandboxError
from rsi_sandboxes.job import Job
from rsi_sandboxes.registry import TABLE, make_sandbox

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
            result = sandbox.run(Job(("python3", "-c", "import sys; print(sys.version.split()[0])")))
        finally:
            sandbox.close()
    except ImageNotFound as error:
        return Finding(name, False, str(error), "rsi sandbox images build")
    except BackendUnavailable as error:
        return Finding(name, False, str(error), _REMEDIES[name])
    except SandboxError as error:
        return Finding(name, False, str(error), "rsi sandbox reap")
    if not result.ok:
        last_words = result.stderr.decode(errors="replace").strip()[-200:]
        return Finding(name, False, f"a program that should do well did not: {last_words or result}", _REMEDIES[name])
    return Finding(name, True, f"isolated Python {result.stdout.decode().strip()} in {result.wall_s:.2f} s", "")
