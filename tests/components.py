# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Which real components this machine has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import lru_cache

import pytest

from rsi_sandboxes import BackendUnavailable, make_sandbox
from rsi_sandboxes.languages import LANGUAGES_IMAGE


def _stockfish_problem() -> str | None:
    found = shutil.which("stockfish", path=os.environ.get("PATH", "") + ":/usr/games")
    return None if found else "no stockfish; apt-get install stockfish"


def _backend_problem(name: str, **options: str) -> str | None:
    try:
        make_sandbox(name, **options).close()
    except BackendUnavailable as error:
        return str(error)
    return None


COMPONENTS: dict[str, Callable[[], str | None]] = {
    "docker": lambda: _backend_problem("docker"),
    "bubblewrap": lambda: _backend_problem("bubblewrap"),
    "languages-image": lambda: _backend_problem("docker", image=LANGUAGES_IMAGE),
    "stockfish": _stockfish_problem,
}


@lru_cache
def problem_with(component: str) -> str | None:
    return COMPONENTS[component]()


def need(component: str) -> None:
    """Skips the test where this component is missing, saying why."""
    problem = problem_with(component)
    if problem:
        pytest.skip(f"{component}: {problem}")
