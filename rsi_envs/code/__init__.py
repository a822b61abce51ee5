# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The room of rsi/Code-v0: programs written by agents, judged by what they do."""

from rsi_envs.code.env import CodeEnv
from rsi_envs.code.loading import load_tasks

__all__ = ["CodeEnv", "load_tasks"]
