# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What only the sandboxes' tests need."""

from __future__ import annotations

import pytest


@pytest.fixture
def own_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warm worlds of the test's own, which no other test's sandbox keeps or has used."""
    monkeypatch.setattr("rsi_sandboxes.pool._pools", {})
