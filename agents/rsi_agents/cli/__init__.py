# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The `rsi` command."""

from rsi_agents.cli.app import main

__all__ = ["main"]
