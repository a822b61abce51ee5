# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The same episodes played by a bare loop, by this suite's runner and by others': what is played, who plays it."""

__all__: list[str] = []
