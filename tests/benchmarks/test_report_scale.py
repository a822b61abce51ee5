# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The benchmark of reports writes one, and opens it where there is a browser."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.scripts import OF_A_CHECKOUT, run_script
from tests.components import problem_with

pytestmark = OF_A_CHECKOUT


def test_a_report_of_made_up_episodes_is_written_and_opened(tmp_path: Path) -> None:
    done = run_script("report_scale.py", tmp_path, "--episodes", "40", "--words", "20")
    assert done.returncode == 0, done.stderr
    assert "40 episodes, records of 0." in done.stdout
    assert "; 0 texts cut" in done.stdout
    assert ("not opened" if problem_with("chromium") else "first paint after") in done.stdout
