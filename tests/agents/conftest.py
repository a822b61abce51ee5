# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What the tests of agents share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rsi_agents import Plan, RunFolder, make_plan
from tests.agents import adding_env, fakes  # noqa: F401  registers the tests' environments


@pytest.fixture
def new_run(tmp_path: Path) -> Iterator[Callable[..., RunFolder]]:
    """Begins a run in the temporary folder: arguments as for `make_plan`."""
    folders = []

    def begin(env_id: str = adding_env.ADDING, agents: tuple[str, ...] = ("reference:right",), **settings) -> RunFolder:
        plan = make_plan(env_id, agents, **settings)
        folders.append(RunFolder.create(tmp_path / f"run{len(folders)}", plan))
        return folders[-1]

    yield begin
    for folder in folders:
        folder.close()


@pytest.fixture
def plan() -> Plan:
    return make_plan(adding_env.ADDING, ("reference:right", "reference:wrong"))


@pytest.fixture
def child_env() -> dict[str, str]:
    """The environment of a child process that shall import what this one imports."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
