# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`python -m rsi_agents.cli` is `rsi`."""

from rsi_agents.cli.app import main

main()
