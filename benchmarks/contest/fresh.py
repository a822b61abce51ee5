# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Programs run in a fresh Python each, with compiled modules kept as an installed package has them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_BYTECODE = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


@contextmanager
def compiled_modules() -> Iterator[dict[str, str]]:
    """Gives the environment variables of Pythons that share a folder of compiled modules, which is empty at first."""
    with tempfile.TemporaryDirectory() as folder:
        others = {name: value for name, value in os.environ.items() if name not in _BYTECODE}
        yield others | {"PYTHONPYCACHEPREFIX": folder, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def run_fresh(arguments: Sequence[str], variables: dict[str, str]) -> str:
    """Runs this Python with these arguments; returns what it printed.

    Raises:
        RuntimeError: It failed; the message ends as its standard error does.
    """
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, env=variables)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1])
    return done.stdout


def seconds_of(arguments: Sequence[str], variables: dict[str, str]) -> float:
    """Gives the seconds in which this Python starts, does this, and ends."""
    began = time.perf_counter()
    run_fresh(arguments, variables)
    return time.perf_counter() - began
