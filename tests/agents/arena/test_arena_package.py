# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import subprocess
import sys

from rsi_agents import arena


def test_the_public_names_are_these() -> None:
    assert arena.__all__ == sorted(arena.__all__)
    assert all(hasattr(arena, name) for name in arena.__all__)
    public = {"ArenaFolder", "Stage", "make_arena_plan", "play_arena", "games_of", "standings", "read_games"}
    assert public <= set(arena.__all__)


def test_importing_it_loads_nothing_heavy(child_env) -> None:
    heavy = {"scipy", "evalica", "pandas", "pettingzoo", "torch", "litellm", "rich"}
    code = f"import sys, rsi_agents.arena; print(sorted({heavy!r} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=child_env)
    assert shown.stdout.strip() == "[]"
