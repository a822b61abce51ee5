# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How varied a generation's held-out texts are is told of every round, and of rounds that are older not."""

from __future__ import annotations

import json

import pytest

from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.rounds import RoundRecord
from rsi_agents.records.reading import read_records
from tests.agents.loops.test_self_play import CHESS, CONFIG

FIELDS = ("distinct_1", "distinct_2", "compression_ratio")


def run(path, config):
    with LoopFolder.create(path, checked_config(config, "here")) as folder:
        return improve(folder).rounds


def test_held_out_texts_tell_their_share_of_distinct_words(tmp_path):
    base, *_ = run(tmp_path / "loop", CONFIG | {"rounds": 1})
    words = [step.action for r in read_records(tmp_path / "loop/round-000/held-out") for step in r.steps]
    assert base.held_out.distinct_1 == pytest.approx(len(set(words)) / len(words))
    assert base.held_out.distinct_2 is None
    assert base.held_out.compression_ratio > 0.5


def test_moves_are_no_texts(tmp_path):
    (base, *_) = run(tmp_path / "loop", CHESS | {"rounds": 1})
    assert base.held_out.episodes == 4
    assert [getattr(base.held_out, field) for field in FIELDS] == [None, None, None]


def test_rounds_that_were_written_before_these_measures_are_read(tmp_path):
    base, *_ = run(tmp_path / "loop", CONFIG | {"rounds": 1})
    line = json.loads(base.to_line())
    for field in FIELDS:
        del line["held_out"][field]
    older = RoundRecord.from_line(json.dumps(line).encode())
    assert older.held_out.distinct_1 is None
    assert older.held_out.score == base.held_out.score
    assert RoundRecord.from_line(base.to_line()) == base
