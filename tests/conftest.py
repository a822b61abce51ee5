# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Real components for tests: present, or skipped with the reason, or required by RSI_REQUIRE."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import lru_cache

import pytest

from rsi_sandboxes import BackendUnavailable, Sandbox, make_sandbox


def _stockfish_problem() -> str | None:
    found = shutil.which("stockfish", path=os.environ.get("PATH", "") + ":/usr/games")
    return None if found else "no stockfish; apt-get install stockfish"


def _backend_problem(name: str) -> str | None:
    try:
        make_sandbox(name).close()
    except BackendUnavailable as error:
        return str(error)
    return None


COMPONENTS: dict[str, Callable[[], str | None]] = {
    "docker": lambda: _backend_problem("docker"),
    "bubblewrap": lambda: _backend_problem("bubblewrap"),
    "stockfish": _stockfish_problem,
}


@lru_cache
def _problem(component: str) -> str | None:
    return COMPONENTS[component]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Ends the run at once when a component that RSI_REQUIRE names is missing."""
    for component in filter(None, os.environ.get("RSI_REQUIRE", "").split(",")):
        if component not in COMPONENTS:
            pytest.exit(f"RSI_REQUIRE names {component!r}; there are {', '.join(COMPONENTS)}", returncode=3)
        if _problem(component):
            pytest.exit(f"RSI_REQUIRE names {component}, but: {_problem(component)}", returncode=3)


def need(component: str) -> None:
    """Skips the test where this component is missing, saying why."""
    problem = _problem(component)
    if problem:
        pytest.skip(f"{component}: {problem}")


@pytest.fixture(scope="session", params=["bubblewrap", "docker"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Each backend in turn."""
    need(request.param)
    made = make_sandbox(request.param)
    yield made
    made.close()


@pytest.fixture(scope="session")
def quick_sandbox() -> Iterator[Sandbox]:
    """The quickest backend there is here, for tests that any backend serves."""
    name = "docker" if _problem("bubblewrap") else "bubblewrap"
    need(name)
    made = make_sandbox(name)
    yield made
    made.close()
