# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What the tests of the arena share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rsi_agents.arena import ArenaFolder, Stage, make_arena_plan
from tests.agents.arena import nim


@pytest.fixture
def new_arena(tmp_path: Path) -> Iterator[Callable[..., ArenaFolder]]:
    """Begins a round-robin of Nim in the temporary folder."""
    folders: list[ArenaFolder] = []

    def begin(
        agents: tuple[str, ...] = (nim.PERFECT, "random"), *, games: int = 8, env: str = nim.NIM, **settings: Any
    ) -> ArenaFolder:
        stages = settings.pop("stages", None) or [Stage("round-robin", agents, games=games)]
        plan = make_arena_plan(env, stages, **settings)
        folders.append(ArenaFolder.create(tmp_path / f"arena{len(folders)}", plan))
        return folders[-1]

    yield begin
    for folder in folders:
        folder.close()
