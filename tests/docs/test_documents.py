# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every command and program shown in the documentation works as shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsi_sandboxes import Sandbox
from tests.docs import blocks, pages

pytestmark = pytest.mark.skipif(not pages.ROOT, reason=pages.NO_ROOT)


@pytest.fixture
def page_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page's working directory, made the current one and importable."""
    (tmp_path / ".shims").mkdir()
    blocks.make_shims(tmp_path / ".shims")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", pages.all_pages(), ids=pages.relative)
def test_blocks_work_as_shown(path: Path, page_folder: Path, quick_sandbox: Sandbox, subtests: pytest.Subtests) -> None:
    """One test for a page, because a block may go on from those above it."""
    for example in blocks.parse(path).examples():
        with subtests.test(f"line {example.line}"):
            example.evaluate()
            assert page_folder == Path.cwd()
