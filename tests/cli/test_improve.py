# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
import signal
import time

import pytest

from rsi_agents.errors import LoopPaused
from rsi_agents.loops.folder import read_rounds
from tests.agents.adding_env import ADDING_ANYWHERE
from tests.agents.loops.taking import TAKER, TAKING
from tests.agents.loops.teaching import GUESSER, TEACHER

CONFIG = f"""
env = "{ADDING_ANYWHERE}"
base = "{GUESSER}"
rounds = 2

[env_args]
max_turns = 1
delay_s = DELAY

[sample]
per_task = 4

[held_out]
per_task = 4

[updater]
name = "{TEACHER}"
"""

POOLED = f"""
env = "{TAKING}"
base = "{TAKER}?errs=0.9"
rounds = 2

[env_args]
opponent = "random"

[held_out]
tasks = 4

[settings]
learner = "tests.agents.loops.taking:Drill"
plies = 1

[arena]
games = 6
"""


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "adding.toml"
    file.write_text(CONFIG.replace("DELAY", "0.0"))
    return file


def test_a_loop_runs_and_shows_its_rounds(rsi, config, tmp_path):
    result = rsi("improve", "rest_em", "--config", config, "--out", "loop")
    assert result.exit_code == 0, result.output
    lines = result.stdout.strip().splitlines()
    assert lines[0].split()[:3] == ["round", "held-out", "score"]
    assert [line.split()[0] for line in lines if line.strip()[:1].isdigit()] == ["0", "1", "2"]
    assert "round 0: there is something to select: what the loop would choose of the base's samples" in result.stdout
    assert "round 1: learned from" in result.stdout
    assert "records: loop" in result.stdout
    assert lines[-1] == "report: loop/report.html"
    assert "is better than the base on held-out tasks" in (tmp_path / "loop" / "report.html").read_text("utf-8")
    again = rsi("improve", "--resume", "loop", "--json")
    found = json.loads(again.stdout)
    assert [record["kept"] for record in found["rounds"]] == [True, True, True]
    assert found["rounds"][2]["held_out"]["score"] == 1.0
    assert found["agent"] == found["rounds"][2]["agent"]
    assert found["report"] == "loop/report.html"


def test_a_loop_that_a_brake_stops_has_its_report_too(rsi, config, tmp_path):
    config.write_text(config.read_text() + "forget = true\n\n[brakes]\npatience = 1\n")
    result = rsi("improve", "rest_em", "--config", config, "--out", "loop")
    assert result.exit_code == 0
    assert "report: loop/report.html" in result.stdout
    page = (tmp_path / "loop" / "report.html").read_text("utf-8")
    assert "stopped after round 1: worse than its parent on held-out tasks by 0." in page
    assert "No generation was kept" in page


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_report_that_cannot_be_written_leaves_the_loop_as_it_ended(rsi, config, tmp_path, more):
    (tmp_path / "loop" / "report.html" / "in the way").mkdir(parents=True)
    result = rsi("improve", "rest_em", "--config", config, "--out", "loop", *more)
    assert result.exit_code == 0
    said = " ".join(result.stderr.split())
    assert "no report was written: the report can't be written to loop/report.html: Is a directory" in said
    assert "`rsi report loop` tries again" in said
    assert ("agent: " if not more else '"report": null') in result.stdout


def test_a_report_that_fails_in_any_other_way_leaves_the_loop_as_it_ended(rsi, config, monkeypatch):
    monkeypatch.setattr("rsi_agents.report.writing.page_text", lambda *args, **kwargs: 1 / 0)
    result = rsi("improve", "rest_em", "--config", config, "--out", "loop")
    assert result.exit_code == 0
    assert "no report was written: ZeroDivisionError" in result.stderr
    assert "records: loop" in result.stdout


def test_a_spent_budget_says_how_to_go_on(rsi, config):
    result = rsi("improve", "rest_em", "--config", config, "--out", "loop", "--max-wall", "0.000001")
    assert result.exit_code == 1
    assert "go on with `rsi improve --resume loop` and a larger budget" in result.stderr
    assert "no report" not in result.stderr
    assert rsi("improve", "--resume", "loop").exit_code == 0


def test_a_loop_that_pauses_is_reported_as_far_as_it_is(rsi, config, tmp_path, monkeypatch):
    def pause(*args, **kwargs):
        raise LoopPaused("the budget of 7 tokens is spent")

    monkeypatch.setattr("rsi_agents.loops.rest_em.RestEM.propose", pause)
    result = rsi("improve", "rest_em", "--config", config, "--out", "loop")
    assert result.exit_code == 1
    assert "the budget of 7 tokens is spent; go on with" in result.stderr
    assert "report: loop/report.html" in result.stderr
    assert "Only the base so far" in (tmp_path / "loop" / "report.html").read_text("utf-8")


@pytest.mark.parametrize("asks", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_loop_that_is_ended_goes_on_to_the_same_result(rsi, start_rsi, config, tmp_path, asks):
    assert rsi("improve", "rest_em", "--config", config, "--out", "whole").exit_code == 0
    config.write_text(CONFIG.replace("DELAY", "0.05"))
    process = start_rsi("improve", "rest_em", "--config", config, "--out", "loop")
    samples = tmp_path / "loop/round-001/samples/episodes.jsonl"
    deadline = time.monotonic() + 100
    while not (samples.exists() and samples.stat().st_size):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(asks)
    _, said = process.communicate(timeout=60)
    if asks != signal.SIGKILL:
        assert process.returncode == 1
        assert "interrupted after 0 rounds; go on with `rsi improve --resume loop`" in said
    result = rsi("improve", "--resume", "loop")
    assert result.exit_code == 0, result.output
    whole, resumed = (read_rounds(tmp_path / name) for name in ("whole", "loop"))
    assert [r.held_out for r in resumed] == [r.held_out for r in whole]
    assert [r.against_base for r in resumed] == [r.against_base for r in whole]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((), "give a loop's --config, or a folder to --resume"),
        (("--resume", "nothing"), "holds no loop"),
        (("--resume", "loop", "--config", "x.toml"), "a resumed loop keeps what it was asked; leave out --config"),
        (("--config", "nothing.toml"), "nothing.toml can't be read"),
        (("--config", "adding.toml"), "adding.toml: loop: Field required"),
        (("rest_me", "--config", "adding.toml"), "the nearest is 'rest_em'"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(rsi, config, words, problem):
    result = rsi("improve", *words)
    assert result.exit_code == 2, result.output
    assert problem in " ".join(result.stderr.split())
    assert "Traceback" not in result.output


def test_the_pool_of_a_loop_is_an_arena_to_go_on_with(rsi, tmp_path):
    (tmp_path / "taking.toml").write_text(POOLED)
    result = rsi("improve", "self_play", "--config", "taking.toml", "--out", "loop")
    assert result.exit_code == 0, result.output
    rounds = read_rounds(tmp_path / "loop")
    result = rsi("arena", "--resume", "loop/arena", "--json")
    assert result.exit_code == 0, result.output
    rows = {row["agent"]: row for row in json.loads(result.stdout)["rows"]}
    assert rows.keys() == {record.agent for record in rounds}
    base, best = rounds[0].agent, rounds[-1]
    assert best.measures["elo"] == pytest.approx(rows[best.agent]["elo"] - rows[base]["elo"])
