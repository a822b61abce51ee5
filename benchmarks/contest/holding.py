# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Makes environments, and prints the bytes that each but the first adds: `python -m contest.holding ID COUNT`."""

from __future__ import annotations

import gc
import os
import sys

import gymnasium as gym

import contest.text_floor  # noqa: F401  registers the floor
import rsi_envs  # noqa: F401  registers the others
from contest.processes import descendants, pss_bytes


def main() -> None:
    """Measures. Once in a process: what was freed before would be used again."""
    env_id, environments = sys.argv[1], int(sys.argv[2])
    held = [_reset(env_id)]
    gc.collect()
    before = _bytes()
    held += [_reset(env_id) for _ in range(environments)]
    gc.collect()
    print((_bytes() - before) / environments)
    for env in held:
        env.close()


def _reset(env_id: str) -> gym.Env:
    env = gym.make(env_id)
    env.reset(seed=0)
    return env


def _bytes() -> int:
    return sum(pss_bytes(pid) or 0 for pid in {os.getpid(), *descendants()})


if __name__ == "__main__":
    main()
