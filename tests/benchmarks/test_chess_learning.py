# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The learning benchmark trains, looks, and saves a policy that plays by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rsi_agents import make_agent, open_environment, rollout
from tests.benchmarks.scripts import OF_A_CHECKOUT, run_script
from tests.components import need, problem_with

pytestmark = OF_A_CHECKOUT


def test_a_policy_is_trained_and_saved(tmp_path: Path) -> None:
    need("rl")
    done = run_script("chess_learning.py", tmp_path, "--minutes", "0.001", "--games", "4", "--save", "policy.zip",
                      "--max-plies", "8", "--steps", "2048")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\| random moves \| \| \d+\.0% \|\n\| 2,048 \| \d+ \| \d+\.0% \|$", done.stdout, re.MULTILINE)
    env = open_environment("rsi/Chess-v0", {"observation": "light", "start": "KRvK", "max_plies": 8})
    assert rollout(env, make_agent(f"sb3:{tmp_path / 'policy.zip'}"), seed=0).verdict is not None
    env.close()


@pytest.mark.skipif(not problem_with("rl"), reason="the libraries are installed")
def test_missing_libraries_are_named(tmp_path: Path) -> None:
    done = run_script("chess_learning.py", tmp_path)
    assert done.returncode == 1
    assert "this benchmark needs pip install 'rsi-envs[rl]'" in done.stderr
    assert "Traceback" not in done.stderr
