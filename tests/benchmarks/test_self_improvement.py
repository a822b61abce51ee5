# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The measurement of self-improvement: its environment is what it says, and each arm gets what it is said to get."""

from __future__ import annotations

import importlib
import json

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents import make_agent, open_environment, rollout
from rsi_agents.loops.folder import read_rounds
from rsi_agents.loops.lessons import HeldOutTasks, read_rows
from tests.benchmarks.scripts import OF_A_CHECKOUT
from tests.components import need

pytestmark = OF_A_CHECKOUT
expressions = pytest.importorskip(
    "benchmarks.self_improvement.expressions", reason="the benchmarks belong to a checkout"
)
EXPRESSIONS, make_expression = expressions.EXPRESSIONS, expressions.make_expression

splits = st.sampled_from(["train", "test"])
numbers = st.integers(0, 2**31 - 1)


@given(splits, numbers)
def test_python_evaluates_an_expression_to_its_value(split, number):
    task = make_expression(split, number)
    assert eval(task.source) == task.value
    assert make_expression(split, number) == task


@given(numbers, numbers)
def test_no_expression_is_in_both_splits(first, second):
    assert make_expression("train", first).source != make_expression("test", second).source


def test_every_kind_is_made():
    sources = [make_expression("train", number).source for number in range(50)]
    assert all(any(source.startswith(kind.before) for source in sources) for kind in expressions.KINDS)


def test_the_environment_keeps_gymnasiums_rules_and_its_references_score_as_they_should():
    env = gym.make(expressions.ENV_ID)
    check_env(env.unwrapped, skip_render_check=True)
    for level, score in (("right", 1.0), ("wrong", 0.0)):
        assert rollout(env, make_agent(f"reference:{level}"), seed=3).verdict.score == score
    assert len(open_environment(EXPRESSIONS).unwrapped.task_ids("test")) == expressions.LISTED


@pytest.fixture(scope="module")
def measurement():
    need("train")
    return importlib.import_module("benchmarks.self_improvement.__main__")


@pytest.fixture
def small(measurement, monkeypatch, tmp_path):
    """The whole measurement, with a few steps and tasks instead of many."""
    config = tmp_path / "config.toml"
    text = measurement.CONFIG.read_text("utf-8")
    for much, little in (("tasks = 2000", "tasks = 6"), ("steps = 250", "steps = 5"), ("rounds = 3", "rounds = 1")):
        assert much in text
        text = text.replace(much, little)
    config.write_text(text.replace("[held_out]", "[held_out]\ntasks = 4"))
    monkeypatch.setattr(measurement, "CONFIG", config)
    monkeypatch.setattr(measurement, "DEMONSTRATIONS", 8)
    monkeypatch.setattr(measurement, "BASE_STEPS", 3)
    return measurement


def test_the_demonstrations_are_right_and_no_held_out_task_is_among_them(small, tmp_path):
    small.make_base(tmp_path / "base", 1)
    rows = list(read_rows(small.demonstrations_of(tmp_path / "base")))
    assert len(rows) == 8
    HeldOutTasks(EXPRESSIONS, {}, "test").check_rows(rows)
    for row in rows:
        task = make_expression("train", int(row["task_id"].split("/")[1]))
        assert task.source in row["prompt"][0]["content"]
        assert row["completion"][0]["content"] == task.value
    before = (tmp_path / "base/model.safetensors").read_bytes()
    small.make_base(tmp_path / "base", 1)
    assert (tmp_path / "base/model.safetensors").read_bytes() == before
    small.make_base(tmp_path / "again/base", 1)
    assert (tmp_path / "again/base/model.safetensors").read_bytes() == before


def test_what_tasks_and_values_say_is_spelt_in_few_tokens(small, tmp_path):
    need("train")
    import transformers

    small.make_base(tmp_path / "base", 0)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "base")
    for number in range(50):
        example = small.demonstration(number)
        said = tokenizer(example.prompt[0]["content"] + "\n")["input_ids"]
        assert tokenizer.unk_token_id not in said
        assert len(said) <= 12
        value = example.completion[0]["content"]
        assert tokenizer.decode(tokenizer(value)["input_ids"]) == value


def test_every_arm_begins_with_the_same_base_and_imitation_gets_the_compute_of_sampling_too(
    small, monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr("sys.argv", ["self_improvement", "run", "--out", str(tmp_path / "out"), "--seeds", "0"])
    small.main()
    printed = capsys.readouterr().out
    rounds = {arm: read_rounds(tmp_path / "out/seed-0" / arm) for arm in small.ARMS}
    assert {len(records) for records in rounds.values()} == {2}
    assert len({records[0].held_out.score for records in rounds.values()}) == 1
    told = json.loads((tmp_path / "out/seed-0/imitation/round-001/generation/training.json").read_text())
    assert (told["steps"], told["rows"]) == (round(5 * small.FURTHER), 8)
    assert rounds["unverified"][1].measures["selected"] == 6
    assert "| 0 | imitation |" in printed
    assert "| rest_em against unverified | mean |" in printed
    small.main()  # a second time, there is nothing left to do
    assert {arm: read_rounds(tmp_path / "out/seed-0" / arm) for arm in small.ARMS} == rounds
