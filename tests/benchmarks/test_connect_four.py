# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The player that connect four's learners are measured by, and the example that measures them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rsi_agents import make_agent
from rsi_agents.loops.config import checked_config, read_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from tests.benchmarks.scripts import OF_A_CHECKOUT
from tests.components import need

pytestmark = OF_A_CHECKOUT
WATCHFUL = "python:benchmarks.loops.connect_four:WatchfulAgent"
EXAMPLE = Path(__file__).parents[2] / "benchmarks/loops/self_play_ppo.toml"


def answers(drawing: str, count: int = 20) -> set[int]:
    """What is played where X is to move on this board, whose lowest row is the last."""
    rows = np.array([list(row) for row in drawing.split()])
    rows = np.vstack([np.full((6 - len(rows), 7), "."), rows])
    observation = np.stack([rows == "X", rows == "O"], axis=-1).astype(np.int8)
    agent = make_agent(WATCHFUL)
    found = set()
    for seed in range(count):
        agent.reset(seed)
        found.add(agent.act(observation, {"action_mask": (rows[0] == ".").astype(np.int8)}))
    return found


@pytest.mark.parametrize(
    ("board", "column"),
    [
        ("XXX....", 3),
        ("XX.X...", 2),
        ("X...... X...... X......", 0),
        ("..OX... .OXX... OXXO...", 3),
        ("OOO.... XXX....", 3),
        ("..X.... ..OX... ..XOX.. ..OOO..", 5),
    ],
)
def test_four_in_a_row_are_completed_or_prevented(board: str, column: int) -> None:
    assert answers(board) == {column}


def test_its_own_four_come_before_the_others() -> None:
    assert answers("......X ......X OOO...X") == {6}


def test_any_legal_column_is_played_where_nothing_threatens() -> None:
    assert answers(".......", 80) == set(range(7))
    full = " ".join(["X......", "O......"] * 3)
    assert answers(full, 80) == set(range(1, 7))
    agent = make_agent(WATCHFUL)
    empty = np.zeros((6, 7, 2), np.int8), {"action_mask": np.ones(7, np.int8)}
    games = [(agent.reset(seed), [agent.act(*empty) for _ in range(9)])[1] for seed in (1, 1, 2)]
    assert games[0] == games[1] != games[2]


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need("rl")
    pytest.importorskip("pygame", reason="PettingZoo's classic games need pygame: pip install pygame")
    asked = read_config(EXAMPLE).model_dump()
    asked["rounds"], asked["held_out"]["tasks"] = 1, 6
    asked["settings"]["plies"] = 100
    asked["settings"]["options"]["algorithm"]["n_steps"] = 32
    with LoopFolder.create(tmp_path / "loop", checked_config(asked, "here")) as folder:
        outcome = improve(folder)
    assert outcome.rounds[1].measures["plies"] == 512
    assert outcome.rounds[1].held_out.episodes == 6
