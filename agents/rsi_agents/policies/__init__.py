# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The agents that come with the suite; `rsi_agents.registry` names them."""

__all__: list[str] = []
