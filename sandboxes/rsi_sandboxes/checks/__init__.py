# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The conformance suite: what every backend must do, as checks that anyone can run on theirs.

    for check in CHECKS:
        check.run(sandbox)

Each check raises `CheckFailed`, which says what was expected and what came, and leaves nothing behind.
"""

from rsi_sandboxes.checks import (
    background,
    bounds,
    conversation,
    isolation,
    programs,
    sessions,
    snapshots,
    terminals,
)
from rsi_sandboxes.checks.suite import Check

__all__ = ["CHECKS", "Check"]

_THEMES = (programs, isolation, bounds, conversation, sessions, background, terminals, snapshots)

CHECKS: list[Check] = [check for theme in _THEMES for check in theme.check.checks]
"""Every check, in an order that goes from the simple to the hostile."""
