# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Worlds made by bubblewrap: Linux, no daemon, no root."""

from rsi_sandboxes.bubblewrap.sandbox import BubblewrapSandbox

__all__ = ["BubblewrapSandbox"]
