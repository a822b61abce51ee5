# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What makes generations of lessons; `rsi_agents.loops.table` names them."""

__all__: list[str] = []
