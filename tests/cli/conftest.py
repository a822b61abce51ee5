# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What the tests of the command line share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rsi_agents.cli.app import app
from tests.agents import adding_env, fakes  # noqa: F401  registers the tests' environments

ROOT = Path(__file__).parents[2]


@pytest.fixture
def rsi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command in this process, in an empty working directory, with `typed` as its input."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, typed="": CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed)


@pytest.fixture
def start_rsi(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts the command as a process of its own, in an empty working directory."""
    path = os.pathsep.join([*(entry for entry in sys.path if entry), str(ROOT)])

    def start(
        *arguments: object, prefix: tuple[str, ...] = (), script: bool = False, **variables: str
    ) -> subprocess.Popen[str]:
        # With -P the working directory is not on the module path, as in a console script.
        how = ("-P", "-c", "from rsi_agents.cli import main; main()") if script else ("-m", "rsi_agents.cli")
        return subprocess.Popen(
            [*prefix, sys.executable, *how, *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
