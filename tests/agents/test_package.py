# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import inspect
import subprocess
import sys

import rsi_agents
from rsi_agents import errors

HEAVY = {"litellm", "scipy", "rich", "typer", "torch", "docker"}


def test_importing_the_package_loads_nothing_heavy(child_env):
    code = f"import sys, rsi_agents; print(sorted({HEAVY!r} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=child_env)
    assert shown.stdout.strip() == "[]"


def test_the_public_names_are_these():
    assert rsi_agents.__all__ == sorted(rsi_agents.__all__)
    assert all(hasattr(rsi_agents, name) for name in rsi_agents.__all__)
    public = {"make_agent", "make_plan", "rollout", "run_plan", "RunFolder", "leaderboard", "Agent", "Trajectory"}
    assert public <= set(rsi_agents.__all__)


def test_the_tree_of_errors_is_the_one_that_is_drawn():
    classes = {
        name for name, thing in vars(errors).items() if inspect.isclass(thing) and thing.__module__ == errors.__name__
    }
    drawn = set((errors.__doc__ or "").replace("│", " ").replace("├──", " ").replace("└──", " ").split())
    assert classes <= drawn
    assert all(issubclass(getattr(errors, name), errors.AgentsError) for name in classes)
