# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What loops write loads as the data sets that TRL documents, and their example configurations are sound.

Source: TRL's documentation, "Dataset formats and types": conversational preference and prompt-completion data sets.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rsi_agents.loops.config import checked_config, read_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.table import make_loop
from tests.agents.loops import test_backtranslation, test_meta_rewarding, test_self_rewarding

CONFIGS = Path(__file__).parents[3] / "benchmarks/loops"
COLUMNS = {
    "self_rewarding": ("chosen", "rejected"),
    "meta_rewarding": ("chosen", "rejected"),
    "backtranslation": ("completion",),
}
TESTED = {
    "self_rewarding": test_self_rewarding.CONFIG,
    "meta_rewarding": test_meta_rewarding.CONFIG,
    "backtranslation": test_backtranslation.CONFIG,
}


@pytest.mark.parametrize("name", COLUMNS)
def test_lessons_load_as_the_data_sets_that_trainers_take(tmp_path, name):
    datasets = pytest.importorskip("datasets")
    config = TESTED[name] | {"updater": {"name": "export"}}
    with LoopFolder.create(tmp_path / "loop", checked_config(config, "here")) as folder:
        last = improve(folder).rounds[-1]
    assert last.stopped
    assert last.note.endswith("lessons are written; train on them elsewhere")
    for file in (last.files["lessons"], "round-001/generation"):
        data = datasets.load_dataset(
            "json", data_files=str(tmp_path / "loop" / file), split="train", cache_dir=str(tmp_path / "cache")
        )
        assert len(data) == int(last.note.split()[0]) > 0
        for row in data:
            for column, role in (("prompt", "user"), *((column, "assistant") for column in COLUMNS[name])):
                assert [set(message) for message in row[column]] == [{"role", "content"}]
                assert row[column][0]["role"] == role
                assert row[column][0]["content"]
            assert not {"messages", "text", "label", "completions"} & set(row)
            assert row["split"] == "train"
            assert ("completion" in row) != ("chosen" in row)
            if "chosen" in row:
                assert row["chosen"] != row["rejected"]
                assert row["margin"] > 0
                assert {"judge", "shown", "order"} <= set(row["votes"][0])
                assert "abstentions" in row["health"]


@pytest.mark.parametrize("name", COLUMNS)
def test_the_example_configuration_is_small_and_sound(name):
    config = read_config(CONFIGS / f"{name}.toml")
    make_loop(config)
    assert config.loop == name
    assert (config.sample.tasks, config.sample.per_task, config.rounds) == (4, 3, 1)


@pytest.mark.parametrize("name", COLUMNS)
def test_the_example_configuration_runs_with_another_agent(tmp_path, name):
    base = "python:tests.agents.loops.writing:FakeWriter"
    config = read_config(CONFIGS / f"{name}.toml").model_copy(update={"base": base})
    with LoopFolder.create(tmp_path / "loop", config) as folder:
        outcome = improve(folder)
    first = outcome.rounds[1]
    assert first.measures["selected"] > 0
    assert first.agent.startswith(f"{base}?instructions=")
    assert first.held_out.episodes == 4
    assert "### Done well" in (tmp_path / "loop/round-001/generation").read_text()
