# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The room of rsi/Writing-v0: open-ended writing, ranked by a panel of judges."""

from rsi_envs.writing.env import WritingEnv
from rsi_envs.writing.loading import load_assignments

__all__ = ["WritingEnv", "load_assignments"]
