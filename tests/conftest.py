# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Real components for tests: present, or skipped with the reason, or required by RSI_REQUIRE."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from rsi_sandboxes import Sandbox, make_sandbox
from tests.agents.fake_provider import FakeProvider
from tests.browsing import browser, open_page  # noqa: F401  fixtures
from tests.components import COMPONENTS, need, problem_with

settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Ends the run at once when a component that RSI_REQUIRE names is missing."""
    for component in filter(None, os.environ.get("RSI_REQUIRE", "").split(",")):
        if component not in COMPONENTS:
            pytest.exit(f"RSI_REQUIRE names {component!r}; there are {', '.join(COMPONENTS)}", returncode=3)
        if problem_with(component):
            pytest.exit(f"RSI_REQUIRE names {component}, but: {problem_with(component)}", returncode=3)


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
    name = "docker" if problem_with("bubblewrap") else "bubblewrap"
    need(name)
    made = make_sandbox(name)
    yield made
    made.close()


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """A chat model's server that misbehaves as told."""
    with FakeProvider() as running:
        yield running
