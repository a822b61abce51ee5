# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi eval --config`: several runs, one budget, one leaderboard."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from rsi_agents.cli.suites import begin_suite
from rsi_agents.records import read_plan, read_records, read_suite_folder
from rsi_agents.suite_file import read_suite
from tests.agents.adding_env import ADDING
from tests.agents.fakes import FAULTY, FakeFaultyEnv
from tests.benchmarks.scripts import FOLDER
from tests.components import need

METERED = "python:tests.agents.fakes:FakeMeteredAgent"
SUITE = f"""
[agents]
right = "reference:right"

[defaults]
agents = ["right", "reference:wrong"]
episodes = 4

[[run]]
env = "{ADDING}"

[[run]]
name = "one turn"
env = "{ADDING}"
max_turns = 1
agents = ["random"]
"""
SPENDING = f"""
[agents]
spender = "{METERED}"

[defaults]
agents = ["spender"]
episodes = 4
max_turns = 1
concurrency = 1

[budget]
max_tokens_total = 55

[[run]]
env = "{ADDING}"

[[run]]
env = "{ADDING}"
"""
FIRST, SECOND = Path("run/1-Adding-v0"), Path("run/2-one-turn")


@pytest.fixture
def suite(rsi):
    Path("suite.toml").write_text(SUITE)
    return rsi


def rows(table):
    return [line.split() for line in table.splitlines()]


def test_agents_are_shown_by_their_labels_with_a_column_for_each_run(suite):
    result = suite("eval", "--config", "suite.toml", "--out", "run")
    assert result.exit_code == 0
    assert result.stderr == ""
    header, right, wrong, random = [row for row in rows(result.stdout) if len(row) > 2]
    assert header == ["agent", "Adding-v0", "[95%]", "one", "turn", "[95%]", "mean", "time"]
    assert right[:6] == ["right", "1.000", "[1.000,1.000]", "1.000", "[1.000,1.000]", "1.000"]
    assert wrong[:6] == ["reference:wrong", "0.000", "[0.000,0.000]", "0.000", "[0.000,0.000]", "0.000"]
    assert random[:4] == ["random", "0.000", "[0.000,0.000]", "-"]  # plays one run, so has no mean
    assert result.stdout.endswith("records: run\n")


def test_json_has_the_leaderboard_of_each_run_too(suite):
    shown = json.loads(suite("eval", "--config", "suite.toml", "--out", "run", "--json").stdout)
    assert (shown["suite"], shown["recorded"], shown["missing"], shown["exhausted"]) == ("run", 20, 0, None)
    best = shown["leaderboard"][0]
    assert (best["agent"], best["name"], best["mean"]) == ("right", "reference:right", 1.0)
    assert best["scores"]["one turn"] == {"score": 1.0, "score_interval": {"low": 1.0, "high": 1.0}}
    assert [run["run"] for run in shown["runs"]] == [str(FIRST), str(SECOND)]
    assert [row["agent"] for row in shown["runs"][1]["leaderboard"]] == ["reference:right", "random", "reference:wrong"]


def test_each_run_has_an_ordinary_folder(suite):
    suite("eval", "--config", "suite.toml", "--out", "run")
    assert sorted(path.name for path in Path("run").iterdir()) == [FIRST.name, SECOND.name, "suite.json"]
    assert read_plan(SECOND).env_kwargs == {"max_turns": 1, "split": "test"}
    assert len(list(read_records(SECOND))) == 12
    assert suite("eval", "--resume", SECOND).exit_code == 0
    assert read_suite_folder("run") == read_suite("suite.toml")


def test_an_agent_that_can_not_play_in_a_run_is_said_before_the_suite_is_begun(rsi):
    without = 'without = ["right", "reference:wrong"]'
    Path("suite.toml").write_text(f'{SUITE}[[run]]\nenv = "rsi/Chess-v0"\n{without}\nagents = ["human"]\n')
    result = rsi("eval", "--config", "suite.toml", "--out", "run")
    assert result.exit_code == 2
    assert "run 3 (Chess-v0): human reads and writes text, but rsi/Chess-v0 shows Box(" in result.stderr
    assert not Path("run").exists()


def test_an_agent_that_is_gone_is_said_before_a_suite_goes_on(rsi, tmp_path):
    program = tmp_path / "program.py"
    program.touch()
    Path("suite.toml").write_text(SUITE + f'[[run]]\nenv = "{ADDING}"\nagents = ["script:{program}"]\n')
    with begin_suite(Path("suite.toml"), Path("run")):
        program.unlink()
    result = rsi("eval", "--resume", "run")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: there is no program '{program}'")


@pytest.mark.parametrize("lost", ["some episodes", "an empty folder", "a folder", "all folders"])
def test_resuming_plays_exactly_what_is_missing(suite, lost):
    suite("eval", "--config", "suite.toml", "--out", "run")
    kept = (FIRST / "episodes.jsonl").read_bytes()
    missing = 12
    if lost == "some episodes":
        lines = (SECOND / "episodes.jsonl").read_bytes().splitlines(keepends=True)
        (SECOND / "episodes.jsonl").write_bytes(b"".join(lines[:5]) + lines[5][:20])
        missing = 7
    else:
        for folder in (SECOND, FIRST) if lost == "all folders" else (SECOND,):
            shutil.rmtree(folder)
        if lost == "an empty folder":
            SECOND.mkdir()
            (SECOND / "episodes.jsonl").touch()
        missing += 8 * (lost == "all folders")
    shown = json.loads(suite("eval", "--resume", "run", "--json").stdout)
    assert (shown["recorded"], shown["missing"]) == (missing, 0)
    for folder in (FIRST, SECOND):
        keys = [record.key for record in read_records(folder)]
        assert sorted(keys) == sorted(spec.key for spec in read_plan(folder).specs())
    assert lost == "all folders" or (FIRST / "episodes.jsonl").read_bytes() == kept


def test_one_budget_is_for_all_runs_and_resumed_parts(rsi):
    Path("suite.toml").write_text(SPENDING)
    result = rsi("eval", "--config", "suite.toml", "--out", "run")
    assert result.exit_code == 1
    assert (
        "error: the budget of 55 tokens is spent (60 used); 2 episodes are missing, "
        "play them with `rsi eval --resume run` and a larger budget" in result.stderr
    )
    assert rsi("eval", "--resume", "run").exit_code == 1
    shown = json.loads(rsi("eval", "--resume", "run", "--json", "--max-tokens-total", 70).stdout)
    assert (shown["recorded"], shown["missing"]) == (1, 1)
    assert shown["leaderboard"][0]["tokens"] == 70
    assert rsi("eval", "--resume", "run", "--max-tokens-total", 71).exit_code == 0


def test_a_budget_spent_in_the_first_run_leaves_the_others_for_later(rsi):
    Path("suite.toml").write_text(SPENDING)
    result = rsi("eval", "--config", "suite.toml", "--out", "run", "--max-tokens-total", 20)
    assert result.exit_code == 1
    assert "6 episodes are missing" in result.stderr
    assert rows(result.stdout)[3][:3] == ["spender", "0.000", "[0.000,0.000]"]
    assert list(read_records("run/2-Adding-v0-2")) == []


def test_faults_are_pointed_out_by_label_and_run_and_can_be_played_again(rsi, monkeypatch):
    monkeypatch.setattr(FakeFaultyEnv, "opened", [])
    Path("suite.toml").write_text(SUITE + f'[[run]]\nenv = "{FAULTY}"\nepisodes = 2\n')
    result = rsi("eval", "--config", "suite.toml", "--out", "run")
    assert result.exit_code == 0
    assert "right in FakeFaulty-v0: 1 of 2 episodes have no result; try `rsi eval --resume run --retry-faults`" in (
        result.stderr
    )
    assert json.loads(rsi("eval", "--resume", "run", "--retry-faults", "--json").stdout)["recorded"] == 2


def test_an_agent_without_a_result_in_some_run_is_a_failure_with_its_first_cause(rsi):
    broken = "python:tests.agents.fakes:FakeScriptedAgent?raises=ValueError"
    Path("suite.toml").write_text(SUITE + f'[[run]]\nenv = "{ADDING}"\nagents = ["{broken}"]\n')
    result = rsi("eval", "--config", "suite.toml")
    assert result.exit_code == 1
    assert f"error: no episode of {broken} in Adding-v0-2 has a result; the first broke in the agent" in result.stderr
    assert [row for row in rows(result.stdout) if row[:1] == ["-"] or row[-3:-2] == ["-"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--config", "suite.toml", "--agent", "random"), "a suite is asked for in its file; leave out --agent"),
        (("--config", "suite.toml", ADDING, "--seed", "3"), "leave out ENV, --seed"),
        (("--config", "suite.toml", "--retry-faults"), "leave out --retry-faults"),
        (("--config", "suite.toml", "--resume", "run"), "leave out --config"),
        (("--config", "nowhere.toml"), "can't read nowhere.toml"),
    ],
)
def test_misuse_is_one_sentence_and_leaves_no_run(suite, arguments, message):
    result = suite("eval", *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert not Path("runs").exists()


def test_an_agent_that_can_not_be_made_ends_the_command_before_anything_is_played(rsi):
    Path("suite.toml").write_text(SUITE + f'[[run]]\nenv = "{ADDING}"\nagents = ["sb3:gone.zip"]\n')
    result = rsi("eval", "--config", "suite.toml")
    assert result.exit_code == 2
    assert "(Adding-v0-2): there is no model 'gone.zip'" in " ".join(result.stderr.split())
    assert not Path("runs").exists()


def test_without_a_folder_a_suite_goes_under_runs_by_the_name_of_its_file(suite):
    assert suite("eval", "--config", "suite.toml").exit_code == 0
    assert [path.name.partition("Z-")[2] for path in Path("runs").iterdir()] == ["suite"]


def test_a_folder_that_is_taken_is_not_begun_anew(suite):
    suite("eval", "--config", "suite.toml", "--out", "run")
    for again in (("--config", "suite.toml"), (ADDING, "--agent", "random")):
        result = suite("eval", *again, "--out", "run")
        assert result.exit_code == 2
        assert "go on with `--resume run`" in result.stderr


def test_a_suite_that_no_runner_wrote_is_named(rsi):
    Path("run").mkdir()
    Path("run/suite.json").write_text('{"suite": {"runs": 3}}')
    result = rsi("eval", "--resume", "run")
    assert result.exit_code == 2
    assert "run/suite.json holds no suite" in result.stderr


@pytest.mark.skipif(not FOLDER.exists(), reason="the benchmarks belong to a checkout")
@pytest.mark.timeout(300)
def test_the_example_needs_no_model(rsi):
    need("stockfish")
    text = (
        (FOLDER / "suite.toml")
        .read_text()
        .replace("episodes = 10", "episodes = 1")
        .replace("max_plies = 200", "max_plies = 6")
    )
    Path("short.toml").write_text(text.replace("episodes = 50", "episodes = 2"))
    shown = json.loads(rsi("eval", "--config", "short.toml", "--json").stdout)
    assert shown["missing"] == 0
    assert [run["name"] for run in shown["runs"]] == ["Code-v0", "ChessText-v0", "Writing-v0", "Judge-v0"]
    assert all(row["scored"] == row["episodes"] > 0 for run in shown["runs"] for row in run["leaderboard"])
    labels = tomllib.loads(text)["agents"]
    assert set(labels) <= {row["agent"] for row in shown["leaderboard"]}
    assert not any(name in str(row["agent"]) for row in shown["leaderboard"] for name in labels.values())
