# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest
import typer

from rsi_agents.cli.app import app
from rsi_agents.errors import InvalidSuite
from rsi_agents.suite_file import _Budget, _Run, check_suite, read_suite
from tests.agents.adding_env import ADDING
from tests.agents.fakes import MASKED
from tests.benchmarks.scripts import FOLDER

OWN_FOLDER = {"config", "out", "resume", "retry_faults", "json", "help"}
"""Options of `rsi eval` that concern folders and output, which no file asks for."""

FULL = f"""
[agents]
right = "reference:right"
"right, slowly" = "python:tests.agents.fakes:FakeScriptedAgent?seconds=0.1"

[defaults]
agents = ["random", "right"]
episodes = 3
seed = 7
concurrency = 2
episode_timeout = 9

[budget]
max_tokens_total = 1000
max_cost = 5

[[run]]
env = "{ADDING}"
agents = ["right, slowly", "reference:wrong", "random"]

[[run]]
env = "{ADDING}"
split = "train"
seed = 0
without = ["random"]

[[run]]
name = "numbers"
env = "{MASKED}"
without = ["right"]
episodes = 1
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "suite.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_every_option_of_eval_has_a_key_of_its_name():
    command = typer.main.get_command(app).commands["eval"]
    options = {parameter.name for parameter in command.params} - OWN_FOLDER
    plural = {"agent": "agents", "env_arg": "env_args"}
    keys = (set(_Run.model_fields) | set(_Budget.model_fields)) - {"name", "without"}
    assert keys == {plural.get(name, name) for name in options}


def test_an_agent_that_can_not_be_made_or_play_there_is_named_with_its_run(write):
    for agent, problem in (("sb3:gone.zip", "there is no model 'gone.zip'"), ("uci:stockfish", "chess")):
        path = write(f'[[run]]\nenv = "{ADDING}"\nagents = ["random"]\n[[run]]\nenv = "{ADDING}"\nagents = ["{agent}"]')
        with pytest.raises(InvalidSuite, match=rf"run 2 \(.*\): .*{problem}"):
            check_suite(path, read_suite(path))


def test_runs_take_what_the_defaults_say_unless_they_say_otherwise(write):
    suite = read_suite(write(FULL))
    first, second, third = (run.plan for run in suite.runs)
    slowly = "python:tests.agents.fakes:FakeScriptedAgent?seconds=0.1"
    assert first.agents == ("random", "reference:right", slowly, "reference:wrong")
    assert second.agents == ("reference:right",)
    assert third.agents == ("random",)
    assert [plan.episodes for plan in (first, second, third)] == [3, 3, 1]
    assert [plan.seed for plan in (first, second, third)] == [7, 0, 7]
    assert [plan.split for plan in (first, second, third)] == ["test", "train", None]
    assert {plan.concurrency for plan in (first, second, third)} == {2}
    assert {plan.episode_timeout_s for plan in (first, second, third)} == {9.0}
    assert [run.name for run in suite.runs] == ["Adding-v0", "Adding-v0-2", "numbers"]
    assert suite.labels == {"right": "reference:right", "right, slowly": slowly}
    assert (suite.limits.max_tokens_total, suite.limits.max_cost, suite.limits.max_wall) == (1000, 5.0, None)


def test_arguments_of_the_environment_are_put_together(write):
    runs = f'[[run]]\nenv = "{ADDING}"\n[[run]]\nenv = "{ADDING}"\nenv_args = {{ delay_s = 0.0 }}\n'
    text = '[defaults]\nagents = ["random"]\nmax_turns = 3\nenv_args = { delay_s = 0.5 }\n' + runs
    suite = read_suite(write(text))
    assert suite.runs[0].plan.env_kwargs == {"max_turns": 3, "delay_s": 0.5, "split": "test"}
    assert suite.runs[1].plan.env_kwargs == {"max_turns": 3, "delay_s": 0.0, "split": "test"}


RUN = f'[[run]]\nenv = "{ADDING}"\nagents = ["random"]\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "run: Field required"),
        ("run = []", "has no run; add"),
        ("[[run]", "is no TOML file"),
        ("[[runs]]", "there is no key 'runs'; the nearest is 'run' of agents, defaults, budget, run"),
        (RUN + "episods = 3", r"\[run 1\]: there is no key 'episods'; the nearest is 'episodes' of agents, "),
        (RUN + "episodes = '3'", r"\[run 1\]: episodes: Input should be a valid integer"),
        ("[defaults]\nwithout = []\n" + RUN, r"\[defaults\]: there is no key 'without'"),
        ("[budget]\nmax_tokens = 3\n" + RUN, r"\[budget\]: there is no key 'max_tokens'; the nearest is 'max_tokens_"),
        (RUN + "env_arg = 1", "the nearest is 'env_args'"),
        ("[agents]\na = 3\n" + RUN, r"\[agents\]: a: Input should be a valid string"),
        ("[agents]\na = 'random'\nb = 'random'\n" + RUN, "'a' and 'b' are the same agent; keep one"),
        (RUN + "name = 'x'\n" + RUN + "name = 'x'", "two runs are called 'x'"),
        (RUN + "without = ['randm']", r"run 1 \(Adding-v0\): without: 'randm' is not among the .*; there are none"),
        ("[defaults]\nagents = ['random']\n" + RUN + "without = ['randm']", "the nearest is 'random'"),
        (RUN + RUN.replace("random", "randm"), r"run 2 \(Adding-v0-2\): no agent is called 'randm'"),
        (f"[[run]]\nenv = '{ADDING}'", "a plan needs an agent"),
        ("[[run]]\nenv = 'rsi/Nonsense-v9'\nagents = ['random']", "no environment is called 'rsi/Nonsense-v9'"),
        (RUN + "env_args = { colour = 1 }", "takes no argument 'colour'"),
        (RUN + "episodes = 0", "episodes is 0"),
        (RUN + "agents = ['random']", "is no TOML file"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_place(write, text, message):
    with pytest.raises(InvalidSuite, match=message):
        read_suite(write(text))


def test_a_file_that_can_not_be_read_is_named(tmp_path):
    with pytest.raises(InvalidSuite, match=r"can't read .*nowhere\.toml: No such file"):
        read_suite(tmp_path / "nowhere.toml")


@pytest.mark.skipif(not FOLDER.exists(), reason="the benchmarks belong to a checkout")
def test_the_example_with_models_can_be_read():
    suite = read_suite(FOLDER / "suite-llm.toml")
    assert [run.name for run in suite.runs] == ["Code-v0", "Writing-v0", "Judge-v0", "ChessText-v0", "Chess-v0"]
    played = {agent for run in suite.runs for agent in run.plan.agents}
    assert set(suite.labels.values()) <= played
