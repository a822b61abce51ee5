# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsi_agents.plan import environment_arguments
from rsi_agents.records import read_plan, read_records
from tests.agents.adding_env import ADDING, SUMS
from tests.agents.fakes import FAULTY, MASKED, FakeFaultyEnv, FakeUnjudgedEnv

METERED = "python:tests.agents.fakes:FakeMeteredAgent"
BROKEN = "python:tests.agents.fakes:FakeScriptedAgent?raises=ValueError"
TEST_TASKS = len(SUMS.ids("test"))


@pytest.fixture(autouse=True)
def fresh_fakes(monkeypatch):
    monkeypatch.setattr(FakeFaultyEnv, "opened", [])
    monkeypatch.setattr(FakeUnjudgedEnv, "judge_is_back", False)


def test_agents_are_ranked_and_their_records_named(rsi, tmp_path):
    result = rsi("eval", ADDING, "--agent", "reference:wrong", "--agent", "reference:right", "--out", "run")
    assert result.exit_code == 0
    table = result.stdout
    assert table.index("reference:right") < table.index("reference:wrong")
    assert "1.000 [1.000,1.000]" in table
    assert "records: run" in table
    assert len(list(read_records(tmp_path / "run"))) == 2 * TEST_TASKS


def test_json_is_all_there_is_on_stdout(rsi):
    result = rsi("eval", ADDING, "--agent", "reference:right", "--episodes", 3, "--seed", 7, "--out", "run", "--json")
    shown = json.loads(result.stdout)
    assert result.stderr == ""
    assert (shown["run"], shown["recorded"], shown["missing"], shown["exhausted"]) == ("run", 3, 0, None)
    assert shown["leaderboard"][0]["score"] == 1.0
    assert shown["leaderboard"][0]["pass_interval"]["high"] == 1.0
    assert sorted(record.seed for record in read_records("run")) == [7, 8, 9]


def test_without_a_folder_the_run_goes_under_runs(rsi):
    for _ in range(2):
        assert rsi("eval", ADDING, "--agent", "reference:right", "--episodes", 1).exit_code == 0
    names = sorted(path.name for path in Path("runs").iterdir())
    assert len(names) == 2
    assert all("Z-Adding-v0" in name for name in names)


def test_options_reach_the_environment_and_the_plan(rsi):
    options = ("--split", "train", "--max-turns", 5, "--env-arg", "delay_s=0.001", "--concurrency", 2)
    assert rsi("eval", ADDING, "--agent", "random", *options, "--episode-timeout", 9, "--out", "run").exit_code == 0
    plan = read_plan("run")
    assert plan.env_kwargs == {"max_turns": 5, "delay_s": 0.001, "split": "train"}
    assert (plan.split, plan.concurrency, plan.episode_timeout_s) == ("train", 2, 9.0)
    assert {len(record.steps) for record in read_records("run")} == {5}


def test_a_task_file_is_remembered_by_its_absolute_path(rsi):
    result = rsi("eval", ADDING, "--agent", "random", "--tasks", "mine.jsonl")
    assert result.exit_code == 2
    assert "takes no argument 'tasks'" in result.stderr
    assert environment_arguments({}, tasks="mine.jsonl") == {"tasks": str(Path("mine.jsonl").resolve())}
    assert environment_arguments({}, tasks="hf:openai_humaneval") == {"tasks": "hf:openai_humaneval"}


def test_a_numeric_environment_of_anyones_can_be_played(rsi):
    shown = json.loads(rsi("eval", MASKED, "--agent", "random", "--episodes", 2, "--json").stdout)
    assert shown["leaderboard"][0]["reward"] == 10.0
    assert shown["leaderboard"][0]["score"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("eval",), "name an environment and an --agent"),
        (("eval", ADDING), "name an environment and an --agent"),
        (
            ("eval", "rsi/Nonsense-v9", "--agent", "random"),
            "no environment is called 'rsi/Nonsense-v9'; the nearest is",
        ),
        (("eval", ADDING, "--agent", "randm"), "the nearest is 'random'"),
        (("eval", ADDING, "--agent", "sb3:none.zip"), "there is no model 'none.zip'"),
        (("eval", ADDING, "--agent", "script:none"), "there is no program 'none'"),
        (("eval", MASKED, "--agent", "random", "--agent", "human"), "human reads and writes text, but test/FakeMasked"),
        (("eval", MASKED, "--agent", "reference:right"), "FakeMaskedEnv has no references to play"),
        (("eval", ADDING, "--agent", "random?x=1"), "takes no setting 'x'"),
        (("eval", ADDING, "--agent", "random", "--sandbox", "docker"), "takes no argument 'sandbox'"),
        (("eval", ADDING, "--agent", "random", "--episodes", "0"), "episodes is 0"),
        (("eval", ADDING, "--agent", "random", "--split", "exam"), "'exam' is not among"),
        (("eval", ADDING, "--agent", "random", "--env-arg", "x"), "is not KEY=VALUE"),
        (("eval", ADDING, "--agent", "random", "--retry-faults"), "or a run to --resume"),
        (("eval", "--resume", "nowhere"), "nowhere holds no run"),
        (("eval", "--resume", "nowhere", "--max-turns", "3"), "leave out --max-turns"),
        (("eval", ADDING, "--agent", "random", "--episodes", "many"), "--episodes"),
        (("eval", ADDING, "--colour", "red"), "colour"),
    ],
)
def test_misuse_is_one_sentence_and_leaves_no_run(rsi, arguments, message):
    result = rsi(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert not Path("runs").exists()


def test_a_folder_with_a_run_is_not_begun_anew(rsi):
    arguments = ("eval", ADDING, "--agent", "reference:right", "--out", "run")
    assert rsi(*arguments).exit_code == 0
    result = rsi(*arguments)
    assert result.exit_code == 2
    assert "go on with `--resume run`" in result.stderr


def test_a_spent_budget_is_said_and_a_larger_one_finishes_the_run(rsi):
    options = ("--agent", METERED, "--episodes", 10, "--max-turns", 1, "--concurrency", 1, "--out", "run")
    result = rsi("eval", ADDING, *options, "--max-tokens-total", 35)
    assert result.exit_code == 1
    assert (
        "error: the budget of 35 tokens is spent (40 used); 6 episodes are missing, "
        "play them with `rsi eval --resume run` and a larger budget" in result.stderr
    )
    again = rsi("eval", "--resume", "run", "--max-tokens-total", 40)
    assert again.exit_code == 1
    assert len(list(read_records("run"))) == 4
    assert rsi("eval", "--resume", "run", "--max-tokens-total", 1000).exit_code == 0
    assert len(list(read_records("run"))) == 10


def test_some_faults_are_pointed_out_and_can_be_played_again(rsi):
    result = rsi("eval", FAULTY, "--agent", "reference:right", "--out", "run")
    assert result.exit_code == 0
    assert "1 of 6 episodes have no result; try `rsi eval --resume run --retry-faults`" in result.stderr
    assert rsi("eval", "--resume", "run", "--json").exit_code == 0
    shown = json.loads(rsi("eval", "--resume", "run", "--retry-faults", "--json").stdout)
    assert shown["recorded"] == 1


def test_an_agent_that_is_gone_is_said_before_a_run_goes_on_unless_it_has_played_all(rsi, tmp_path):
    program = tmp_path / "program.py"
    program.write_text('input(), input(), print(\'{"action": "0"}\')')
    agents = ("--agent", f"script:{program}", "--agent", "reference:right")
    assert rsi("eval", ADDING, *agents, "--env-arg", "max_turns=1", "--episodes", 2, "--out", "run").exit_code == 0
    program.unlink()
    assert rsi("eval", "--resume", "run").exit_code == 0
    lines = Path("run/episodes.jsonl").read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if b"script:" not in line]
    Path("run/episodes.jsonl").write_bytes(b"".join(kept))
    result = rsi("eval", "--resume", "run")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: there is no program '{program}'")
    assert Path("run/episodes.jsonl").read_bytes() == b"".join(kept)


def test_an_agent_without_any_result_is_a_failure_with_its_first_cause(rsi):
    result = rsi("eval", ADDING, "--agent", BROKEN, "--agent", "reference:right")
    assert result.exit_code == 1
    assert f"error: no episode of {BROKEN} has a result; the first broke in the agent with ValueError" in result.stderr
    assert "reference:right" in result.stdout


def test_a_missing_key_is_named(rsi, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    result = rsi("eval", ADDING, "--agent", "llm:openai/gpt-4o?max_attempts=1", "--episodes", 1)
    assert result.exit_code == 1
    assert "MissingKey: openai/gpt-4o needs OPENAI_API_KEY in the environment; export it" in result.stderr


def test_an_unreachable_model_is_named(rsi):
    agent = "llm:openai/x?api_base=http://127.0.0.1:9/v1&max_attempts=1"
    result = rsi("eval", ADDING, "--agent", agent, "--episodes", 1)
    assert result.exit_code == 1
    assert "ModelUnreachable: openai/x gave no reply in 1 attempts" in result.stderr


def test_an_unexpected_error_is_one_sentence_and_debug_shows_where(rsi, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("a bug\nof two lines")

    monkeypatch.setattr("rsi_agents.cli.eval.make_plan", fail)
    result = rsi("eval", ADDING, "--agent", "random")
    assert result.exit_code == 1
    assert result.stderr == "error: RuntimeError: a bug of two lines; `rsi --debug …` shows where\n"
    debugged = rsi("--debug", "eval", ADDING, "--agent", "random")
    assert isinstance(debugged.exception, RuntimeError)
