# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The measurement of self-rewarding on real weights: judges are asked as everywhere, and arms get what they should."""

from __future__ import annotations

import importlib
import json

import gymnasium as gym
import pytest

from rsi_agents import open_environment
from rsi_agents.loops.folder import read_rounds
from rsi_agents.loops.lessons import HeldOutTasks, read_rows
from rsi_envs.core.judgements import SYSTEM_PROMPT, question, read
from rsi_envs.core.judging import JudgingTask
from tests.benchmarks.scripts import OF_A_CHECKOUT
from tests.components import need

pytestmark = OF_A_CHECKOUT
expressions = pytest.importorskip(
    "benchmarks.self_improvement.expressions", reason="the benchmarks belong to a checkout"
)
GREATEST = expressions.GREATEST_EXPRESSIONS


def test_the_greatest_text_is_right_and_no_task_that_is_listed_is_in_both_splits():
    sources = {"train": set(), "test": set()}
    for split, said in sources.items():
        for task_id in open_environment(GREATEST).unwrapped.task_ids(split):
            task = expressions.make_expression(split, int(task_id.split("/")[1]), (expressions.GREATEST,))
            assert eval(task.source) == task.value == max(task.texts)
            said.add(task.source)
    assert sources["train"].isdisjoint(sources["test"])
    assert gym.make(expressions.GREATEST_ID).reset(seed=1)[0].count('"') == 8


@pytest.fixture(scope="module")
def judgements():
    need("train")
    return importlib.import_module("benchmarks.self_improvement.judgements")


@pytest.fixture
def small(judgements, monkeypatch, tmp_path):
    """The whole measurement, with a few steps and tasks instead of many."""
    measurement = importlib.import_module("benchmarks.self_improvement.self_rewarding")
    config = tmp_path / "config.toml"
    text = measurement.CONFIG.read_text("utf-8")
    for much, little in (
        ("tasks = 400", "tasks = 4"),
        ("rounds = 2", "rounds = 1"),
        ("proxy_tasks = 100", "proxy_tasks = 2"),
    ):
        assert much in text
        text = text.replace(much, little)
    config.write_text(text.replace("[held_out]", "[held_out]\ntasks = 4"))
    monkeypatch.setattr(measurement, "CONFIG", config)
    for name, few in (("DEMONSTRATIONS", 8), ("JUDGEMENTS", 16), ("BASE_STEPS", 3), ("FURTHER_STEPS", 2)):
        monkeypatch.setattr(measurement, name, few)
    return measurement


def test_judgements_name_the_right_answer_in_the_words_that_every_judge_is_asked_in(judgements):
    chosen = set()
    for draw in range(40):
        example = judgements.judgement(7, draw)
        task = expressions.make_expression("train", 7, (expressions.GREATEST,))
        ranking = read(example.completion[0]["content"], 2).ranking
        best = ranking.order[0][0]
        chosen.add(best)
        shown = example.prompt[0]["content"]
        wrong = [line for line in shown.splitlines() if line.isdecimal() and line != task.value]
        assert len(wrong) == 1
        answers = (task.value, wrong[0]) if best == 0 else (wrong[0], task.value)
        assert shown == question(JudgingTask(task.assignment, answers))
    assert chosen == {0, 1}


@pytest.mark.parametrize(
    ("answers", "order"), [(("93", "12"), ((0,), (1,))), (("12", " 93 "), ((1,), (0,))), (("12", "no"), ((0, 1),))]
)
def test_the_informed_judge_knows_the_right_answer(judgements, answers, order):
    task = 'What is it?\n\nmax("12", "93", "44", "93")\n\nReply.'
    judge = judgements.InformedJudge()
    judge.reset(None)
    said = judge.act(question(JudgingTask(task, answers)), {})
    assert read(said, 2).ranking.order == order


def test_a_judges_question_is_spelt_in_few_tokens_whatever_its_nonce(small, judgements, tmp_path):
    import transformers

    small.make_base(tmp_path / "base", 0)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "base")
    for draw in range(20):
        example = judgements.judgement(3, draw)
        said = tokenizer(f"{SYSTEM_PROMPT}\n{example.prompt[0]['content']}\n")["input_ids"]
        assert tokenizer.unk_token_id not in said
        assert len(said) < 30
        answer = tokenizer(example.completion[0]["content"])["input_ids"]
        assert len(answer) == 1
        assert tokenizer.decode(answer) == example.completion[0]["content"]


def test_every_arm_begins_with_the_same_base_that_has_learned_both_roles(small, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("sys.argv", ["self_rewarding", "run", "--out", str(tmp_path / "out"), "--seeds", "0"])
    small.main()
    rows = list(read_rows(tmp_path / "out/seed-0/demonstrations.jsonl"))
    assert [row["role"] for row in rows] == ["actor"] * 8 + ["judge"] * 16
    assert {row["task_id"] for row in rows[8:]} == {row["task_id"] for row in rows[:8]}
    HeldOutTasks(GREATEST, {}, "test").check_rows(rows)
    rounds = {arm: read_rounds(tmp_path / "out/seed-0" / arm) for arm in small.ARMS}
    assert len({records[0].held_out.score for records in rounds.values()}) == 1
    told = json.loads((tmp_path / "out/seed-0/imitation/round-001/generation/training.json").read_text())
    assert (told["form"], told["steps"], told["rows"]) == ("SFT", 2, 24)
    printed = capsys.readouterr().out
    assert "| 0 | self_rewarding |" in printed
    assert "| self_rewarding against imitation | mean |" in printed
