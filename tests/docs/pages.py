# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Where the documentation lies; it belongs to a checkout, not to the wheel."""

from __future__ import annotations

from pathlib import Path

NO_ROOT = "the documentation belongs to a checkout, and these tests run outside one"

_HERE = Path(__file__).parents[2]
ROOT = _HERE if (_HERE / "docs" / "conf.py").exists() else None
"""The checkout; None outside one."""


def all_pages() -> list[Path]:
    """Every Markdown page in the order in which a reader meets them; none outside a checkout."""
    if ROOT is None:
        return []
    built = ROOT / "docs" / "_build"
    return [*sorted(ROOT.glob("*.md")), *(p for p in sorted(ROOT.glob("docs/**/*.md")) if built not in p.parents)]


def relative(path: Path) -> str:
    """The page's path below the checkout."""
    return str(path.relative_to(ROOT)) if ROOT else str(path)
