# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Both backends pass the shipped conformance suite."""

import pytest

from rsi_sandboxes import Sandbox
from rsi_sandboxes.checks import CHECKS, Check


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_backend_passes(check: Check, sandbox: Sandbox) -> None:
    check.run(sandbox)
