# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The room of rsi/Judge-v0 and rsi/MetaJudge-v0: judgements, judged by what is known to be better."""

from rsi_envs.judge.env import JudgeEnv
from rsi_envs.judge.meta_env import MetaJudgeEnv

__all__ = ["JudgeEnv", "MetaJudgeEnv"]
