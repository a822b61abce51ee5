# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The Recursive Self-improvement Suite: open-ended tasks as Gymnasium environments.

Importing this package registers them, so that `gym.make("rsi/Code-v0")` works.
"""

from rsi_envs.registration import register_all

__all__: list[str] = []

register_all()
