# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What every room may use: text and tool conventions, tasks, verdicts, chat models, errors, checks."""

__all__: list[str] = []
