# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The table of hostile programs says what became of them, and fails when one was not contained."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from rsi_sandboxes import Sandbox
from tests.benchmarks.scripts import OF_A_CHECKOUT, run_script

pytestmark = OF_A_CHECKOUT
make_table = partial(run_script, "attack_table.py")


def test_a_contained_program_is_put_into_the_page(tmp_path: Path, quick_sandbox: Sandbox) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nafter\n")
    chosen = ["--backend", quick_sandbox.name, "--only", "iso_mounts"]
    done = make_table(tmp_path, *chosen, "--markdown", str(page))
    assert done.returncode == 0, done.stderr
    lines = page.read_text().splitlines()
    before, titles, _, row, words, after = (line for line in lines if line and "measured:" not in line)
    assert (before, after) == ("before", "after")
    assert titles == f"| program | what it tries | {quick_sandbox.name} |"
    assert row.startswith("| iso_mounts | ")
    assert "| contained: exit 0, " in row
    assert words.startswith("1 of 1 contained. ")


def test_a_backend_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-engine")
    done = make_table(tmp_path, "--backend", "docker", "--only", "iso_mounts")
    assert "left out docker: " in done.stderr
    assert "0 of 0 contained" in done.stdout
