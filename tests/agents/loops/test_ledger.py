# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a round has consumed is known after a kill, and counts against the budget of whoever resumes."""

from __future__ import annotations

import threading

import pytest

from rsi_agents.errors import LoopPaused, RunFolderBroken
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.ledger import Ledger
from rsi_envs.core.budget import Budget, Usage
from tests.agents.loops.talking import TALK_TEACHER, TALKER, TALKING

CONFIG = {
    "loop": "self_rewarding",
    "env": TALKING,
    "base": TALKER,
    "rounds": 1,
    "settings": {"judging": {"concurrency": 1}},
    "updater": {"name": TALK_TEACHER},
}
POINTS = ("rsi_agents.loops.minutes.Minutes.put", "rsi_agents.loops.drive.held_out_of")
"""When the first judgement of a generation is there; when that generation is played, and not yet judged."""


class FakeKill(Exception):
    """Stands for a kill."""


def run(path):
    with LoopFolder.create(path, checked_config(CONFIG, "here")) as folder:
        return improve(folder)


def killed(path, monkeypatch, target):
    def kill(*args, **kwargs):
        raise FakeKill

    def after_the_base(record):
        monkeypatch.setattr(target, kill)

    with LoopFolder.create(path, checked_config(CONFIG, "here")) as folder:
        with pytest.raises(FakeKill):
            improve(folder, on_round=after_the_base)
        monkeypatch.undo()


def calls(tokens):
    return Usage(8 * tokens // 10, 2 * tokens // 10, 0.0, tokens // 10)


@pytest.mark.parametrize("target", POINTS)
def test_a_round_that_was_killed_tells_what_all_of_it_consumed(tmp_path, monkeypatch, target):
    whole = run(tmp_path / "whole").rounds
    assert whole[0].usage == calls(900)
    killed(tmp_path / "loop", monkeypatch, target)
    with LoopFolder.open(tmp_path / "loop") as folder:
        budget = Budget()
        resumed = improve(folder, budget=budget).rounds
    # The judgement whose writing was cut short was given, and is asked for again.
    again = calls(10) if target == POINTS[0] else Usage()
    assert [record.usage for record in resumed] == [whole[0].usage, whole[1].usage + again]
    assert budget.spent == whole[0].usage + resumed[1].usage


def test_a_kill_gives_no_budget_back(tmp_path, monkeypatch):
    whole = run(tmp_path / "whole").rounds
    total = sum(record.usage.total_tokens for record in whole)
    killed(tmp_path / "loop", monkeypatch, POINTS[1])
    with LoopFolder.open(tmp_path / "loop") as folder:
        with pytest.raises(LoopPaused, match=f"the budget of {total - 20} tokens is spent"):
            improve(folder, budget=Budget(max_tokens=total - 20))
        with pytest.raises(LoopPaused, match=rf"\({total - 20} used\)"):
            improve(folder, budget=Budget(max_tokens=total - 20))
        assert improve(folder, budget=Budget(max_tokens=total)).rounds[1].usage == whole[1].usage


def test_charges_of_several_threads_add_up_and_are_read_again(tmp_path):
    ledger = Ledger(tmp_path / "round" / "usage.jsonl")
    threads = [threading.Thread(target=lambda: [ledger.add(Usage(1, 2, 0.5, 1)) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.total == Ledger(tmp_path / "round" / "usage.jsonl").total == Usage(80, 160, 40.0, 80)


def test_a_line_that_was_cut_short_is_removed_and_another_named(tmp_path):
    file = tmp_path / "usage.jsonl"
    Ledger(file).add(Usage(3))
    file.write_bytes(file.read_bytes() + b'{"prompt_tok')
    assert Ledger(file).total == Usage(3)
    file.write_text('{"prompt": 3}\n')
    with pytest.raises(RunFolderBroken, match=r"usage\.jsonl holds a line that is no usage"):
        Ledger(file)
