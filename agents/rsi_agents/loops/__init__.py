# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Loops: procedures that turn verdicts into a better agent. `drive.py` runs them, and each has a file of its own."""

__all__: list[str] = []
