# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every command and program shown in the documentation works as shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Example

from rsi_sandboxes import Sandbox
from tests.docs import blocks, pages

pytestmark = pytest.mark.skipif(not pages.ROOT, reason=pages.NO_ROOT)

EXAMPLES = [(path, example) for path in pages.all_pages() for example in blocks.parse(path).examples()]
CASES = [  # a block may go on from those above it, so one process runs all of a page
    pytest.param(path, example, id=f"{pages.relative(path)}:{example.line}", marks=pytest.mark.xdist_group(path.stem))
    for path, example in EXAMPLES
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Path]:
    """A working directory for each page."""
    made = {}
    for path, _ in EXAMPLES:
        if path not in made:
            made[path] = tmp_path_factory.mktemp(path.stem)
            (made[path] / ".shims").mkdir()
            blocks.make_shims(made[path] / ".shims")
    return made


@pytest.fixture
def page_folder(request: pytest.FixtureRequest, folders: dict[Path, Path]) -> Iterator[Path]:
    """The page's working directory, made the current one and importable."""
    folder, before = folders[request.param], Path.cwd()
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield folder
    finally:
        os.chdir(before)
        sys.path.remove(str(folder))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("page_folder", "example"), CASES, indirect=["page_folder"])
def test_block_works_as_shown(page_folder: Path, example: Example, quick_sandbox: Sandbox) -> None:
    example.evaluate()
    assert page_folder == Path.cwd()
