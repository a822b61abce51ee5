# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The room of rsi/Judge-v0: judgements, judged by what is known to be better."""

from rsi_envs.judge.env import JudgeEnv

__all__ = ["JudgeEnv"]
