# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The example configurations of `opro` and `weak_to_strong` run as they stand, against a server that says the same."""

from __future__ import annotations

from pathlib import Path

from rsi_agents.loops.config import checked_config, read_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from tests.agents.fake_provider import says

EXAMPLES = Path(__file__).parents[3] / "benchmarks" / "loops"


def example(name, provider, folder):
    """Reads an example, with its models at the fake provider and few tasks."""
    text = (EXAMPLES / f"{name}.toml").read_text("utf-8")
    for server in ("http://127.0.0.1:8101/v1", "http://127.0.0.1:8102/v1"):
        text = text.replace(server, provider.name.partition("api_base=")[2])
    (folder / "example.toml").write_text(text.replace("replies.sqlite", str(folder / "replies")))
    asked = read_config(folder / "example.toml").model_dump()
    asked["sample"]["tasks"] = asked["held_out"]["tasks"] = 3
    return checked_config(asked, name)


def test_opro_shows_a_model_what_was_tried_and_tells_it_what_was_best(tmp_path, provider):
    provider.script = [says('{"rationale": "<INS>Run the program.</INS>", "ranking": "A > B"}')]
    with LoopFolder.create(tmp_path / "loop", example("opro", provider, tmp_path)) as folder:
        outcome = improve(folder)
    first = outcome.rounds[1]
    assert (first.measures["proposals"], first.measures["repeated"]) == (1, 3)
    assert first.measures["best"] == first.measures["parent"]
    assert outcome.rounds[2].measures["proposals"] == 0
    told = [request["messages"][0]["content"] for request in provider.requests]
    assert any(text.endswith("\n\nRun the program.") for text in told)


def test_weak_to_strong_shows_one_model_the_answers_of_another(tmp_path, provider):
    provider.script = [says('{"rationale": "The first is right.", "ranking": "A > B"}')]
    with LoopFolder.create(tmp_path / "loop", example("weak_to_strong", provider, tmp_path)) as folder:
        outcome = improve(folder)
    found = outcome.rounds[1]
    assert found.measures["labels"] == 3
    assert found.measures["weak"] == found.measures["student"] == found.measures["ceiling"]
    assert found.note.endswith("no gap to recover")
    taught = [text for r in provider.requests if "### Done well" in (text := r["messages"][0]["content"])]
    assert sum("The first is right." in text for text in taught) == len(taught) / 2 == 3
