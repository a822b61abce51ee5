# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The conformance suite: what every backend must do, as checks that anyone can run on theirs.

    for check in CHECKS:
        check.run(sandbox)

Each check raises `CheckFailed`, which says what was expected and what came, and leaves nothing behind.
"""

from rsi_sandboxes.checks import bounds, conversation, isolation, programs, sessions
from rsi_sandboxes.checks.suite import Check

__all__ = ["CHECKS", "Check"]

CHECKS: list[Check] = [
    check
    for theme in (programs.check, isolation.check, bounds.check, conversation.check, sessions.check)
    for check in theme.checks
]
"""Every check, in an order that goes from the simple to the hostile."""
