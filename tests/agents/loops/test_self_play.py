# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`self_play` hands generations on, plays past ones, and goes on after a kill; any learner plugs in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsi_agents.errors import InvalidLoop
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.table import make_loop
from tests.agents.adding_env import ADDING
from tests.agents.loops.teaching import GUESSER

COUNTER = "tests.agents.loops.test_self_play:Counter"
CONFIG = {
    "loop": "self_play",
    "env": ADDING,
    "env_args": {"max_turns": 1},
    "base": GUESSER,
    "rounds": 4,
    "held_out": {"per_task": 2},
    "settings": {"learner": COUNTER, "plies": 7, "pool": 2},
}
CHESS = {
    "loop": "self_play",
    "env": "rsi/Chess-v0",
    "env_args": {"start": "KQQvK", "color": "white", "max_plies": 10},
    "base": "td:untrained?hidden=4",
    "rounds": 2,
    "held_out": {"tasks": 4},
    "settings": {
        "plies": 600,
        "options": {"hidden": 4, "start": "KQQvK", "boards": 8, "batch": 32, "buffer": 64, "max_plies": 10},
    },
}


class Counter:
    """Learns nothing but who its rivals were and how much it was asked to play; forgets how to add in some rounds."""

    def __init__(self, *, forget: int = 0) -> None:
        if forget < 0:
            raise TypeError("forget is negative")
        self._forget = forget

    def begin(self, out: Path, *, seed: int) -> None:
        out.write_text(json.dumps({"seed": seed, "from": None, "rivals": [], "round": 0}))

    def learn(self, state: Path, rivals: list[Path], out: Path, *, seed: int, plies: int) -> dict[str, float]:
        number = seed // 1_000_000
        said = {"seed": seed, "from": _round(state), "rivals": [_round(r) for r in rivals], "round": number}
        out.write_text(json.dumps(said))
        habits = [1] if number == self._forget else [0]
        (out.parent / "habits").write_text(json.dumps(habits))
        return {"plies": plies}

    def agent(self, state: Path) -> str:
        return f"{GUESSER}?habits={state.parent / 'habits'}"


def _round(state: Path) -> int:
    return int(json.loads(state.read_text())["round"])


def run(path, config):
    with LoopFolder.create(path, checked_config(config, "here")) as folder:
        return improve(folder)


def told(path, number):
    return json.loads((path / f"round-{number:03d}/generation/state").read_text())


def test_each_generation_comes_from_its_parent_and_plays_past_ones(tmp_path):
    outcome = run(tmp_path / "loop", CONFIG)
    assert [record.kept for record in outcome.rounds] == [True] * 5
    assert [told(tmp_path / "loop", number)["from"] for number in range(1, 5)] == [0, 1, 2, 3]
    rivals = [told(tmp_path / "loop", number)["rivals"] for number in range(1, 5)]
    assert rivals == [[], [], [1], [1, 2]]
    assert [record.measures for record in outcome.rounds[1:]] == [{"plies": 7, "rivals": n} for n in (0, 0, 1, 2)]
    assert outcome.rounds[1].held_out.score == 1.0
    assert outcome.agent.endswith("round-004/generation/habits")
    assert outcome.rounds[4].files == {"generation": "round-004/generation"}


def test_one_that_is_rolled_back_is_nobodys_parent_and_no_rival(tmp_path):
    settings = CONFIG["settings"] | {"options": {"forget": 2}}
    outcome = run(tmp_path / "loop", CONFIG | {"settings": settings})
    assert [record.kept for record in outcome.rounds] == [True, True, False, True, True]
    assert [told(tmp_path / "loop", number)["from"] for number in range(1, 5)] == [0, 1, 1, 3]
    assert [told(tmp_path / "loop", number)["rivals"] for number in range(1, 5)] == [[], [], [], [1]]


def test_a_pool_of_none_plays_itself_alone(tmp_path):
    run(tmp_path / "loop", CONFIG | {"settings": CONFIG["settings"] | {"pool": 0}})
    assert told(tmp_path / "loop", 4)["rivals"] == []


class FakeKill(Exception):
    """Stands for a kill at a point that the test chooses."""


@pytest.mark.parametrize(
    "target",
    [
        "rsi_envs.chess.lockstep.Lockstep.step",
        "rsi_envs.chess.td._Mind.write",
        "rsi_agents.loops.self_play.json.loads",
        "rsi_agents.loops.contract.run_plan",
    ],
)
def test_chess_that_is_killed_in_a_round_learns_the_same(tmp_path, monkeypatch, target):
    whole = run(tmp_path / "whole", CHESS)
    with LoopFolder.create(tmp_path / "loop", checked_config(CHESS, "here")) as folder:

        def killed(*args, **kwargs):
            raise FakeKill

        with pytest.raises(FakeKill):
            improve(folder, on_round=lambda record: record.number == 1 and monkeypatch.setattr(target, killed))
        monkeypatch.undo()
        assert len(folder.rounds()) == 2
    with LoopFolder.open(tmp_path / "loop") as folder:
        resumed = improve(folder)
    assert [(r.number, r.held_out, r.kept, r.measures) for r in resumed.rounds] == [
        (r.number, r.held_out, r.kept, r.measures) for r in whole.rounds
    ]
    states = [(tmp_path / name / "round-002/generation/state").read_bytes() for name in ("whole", "loop")]
    assert states[0] == states[1]
    assert not list((tmp_path / "loop").rglob("*.unfinished"))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"learner": "nothing"}, "'nothing' names no object; write module:Class"),
        ({"learner": COUNTER, "options": {"speed": 1}}, "can't be made with the options .* keyword argument 'speed'"),
        ({"learner": COUNTER, "options": {"forget": -1}}, "forget is negative"),
        ({"options": {"hidden": 0}}, "hidden is 0; it must be an integer of at least 1"),
        ({"plies": 0}, "plies: Input should be greater than or equal to 1"),
    ],
)
def test_a_learner_that_can_not_be_made_is_named(settings, problem):
    with pytest.raises(InvalidLoop, match=problem):
        make_loop(checked_config(CONFIG | {"settings": settings}, "here"))
