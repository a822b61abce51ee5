# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A person at a real terminal judges and plays."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time

import gymnasium as gym
import pytest

from rsi_agents import make_agent, rollout
from rsi_agents.errors import NobodyAnswers
from rsi_agents.policies.human import HumanAgent
from rsi_envs.core.errors import EnvironmentFault
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judgements import question
from rsi_envs.core.judging import JudgingTask
from tests.agents.adding_env import ADDING, ADDING_ANYWHERE
from tests.agents.fakes import LISTING
from tests.agents.terminal import at_a_terminal

PAIR = JudgingTask("Greet.", ("hello", "go away"))


def test_a_person_judges_at_the_terminal(tmp_path):
    (tmp_path / "pairs.json").write_text('[{"input": "Greet.", "output_1": "hi", "output_2": "no", "label": 1}]')
    words = ("judge", "--judge", "human", "--pairs", "pairs.json", "--concurrency", "1")
    code, shown = at_a_terminal(*words, answers=["A > B", "warmer", "what?", "", "B > A", "warmer"], cwd=tmp_path)
    assert code == 0, shown
    assert shown.count("Ranking, such as A > B") == 3
    assert shown.count("That can't be read") == 1
    row = next(line for line in shown.splitlines() if line.lstrip().startswith("human"))
    assert "100.0%" in row
    assert "1.000" in row or "0.000" in row


@pytest.fixture
def typed(monkeypatch):
    def type_in(text):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return type_in


def test_a_ranking_and_its_reason_are_taken_down(typed, capsys):
    typed("B > A\nshorter\n")
    ranking = AgentJudge("human").judge(PAIR)
    assert (ranking.order, ranking.rationale) == (((1,), (0,)), "shorter")
    assert question(PAIR) in capsys.readouterr().err


def test_what_is_shown_does_not_steer_the_terminal(typed, capsys):
    typed("b\n.\n")
    assert HumanAgent().act("a\x1b[2J[bold]a\u202ea[/bold]\n\tb", {}) == "b"
    assert "\na⟨U+001B⟩[2J[bold]a⟨U+202E⟩a[/bold]\n        b\n" in capsys.readouterr().err


def test_a_person_plays_any_text_environment(typed):
    typed("not yet\n.\n3\n.\n")
    trajectory = rollout(gym.make(ADDING), make_agent("human"), seed=0, options={"task_id": "1+2"})
    assert [step.action for step in trajectory.steps] == ["not yet", "3"]
    assert trajectory.verdict.score == 1.0


def test_one_line_answers_where_the_legal_actions_are_listed(typed, capsys):
    typed("heads\n")
    trajectory = rollout(gym.make(LISTING), make_agent("human"), seed=0)
    assert [step.action for step in trajectory.steps] == ["heads"]
    shown = capsys.readouterr().err
    assert shown.index("Heads or tails?") < shown.index("Your answer, in a line:") < shown.index("Thank you.")


def test_actions_of_several_lines_are_not_asked_for_in_one(typed):
    typed("a\nb\n.\n")
    assert HumanAgent().act("?", {"legal_actions": ["a\nb"]}) == "a\nb"


def test_a_pipe_is_read_no_further_than_the_answer(monkeypatch):
    ours, theirs = os.pipe()
    os.write(theirs, "grüße\r\n\nlast".encode())
    os.close(theirs)
    with os.fdopen(ours, encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        answers = [HumanAgent().act("?", {"legal_actions": ["x"]}) for _ in range(3)]
        assert answers == ["grüße", "", "last"]
        with pytest.raises(NobodyAnswers):
            HumanAgent().act("?", {"legal_actions": ["x"]})


def test_ctrl_c_ends_a_run_that_waits_for_an_answer_in_a_sentence(tmp_path, child_env):
    command = [sys.executable, "-m", "rsi_agents.cli", "eval", ADDING_ANYWHERE, "--agent", "human", "--out", "run"]
    with subprocess.Popen(
        [*command, "--concurrency", "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=child_env,
    ) as running:
        try:
            asked = b""
            while b"full stop" not in asked:
                asked += os.read(running.stderr.fileno(), 4096)
            time.sleep(0.5)
            running.send_signal(signal.SIGINT)
            errors = running.stderr.read().decode()
            assert running.wait(60) == 1
        finally:
            running.kill()
    assert errors.splitlines()[-1].startswith("error: interrupted; 0 of 6 episodes are recorded")
    assert "Fatal" not in errors


def test_a_closed_input_is_said(typed):
    typed("")
    with pytest.raises(NobodyAnswers, match="standard input is closed"):
        HumanAgent().act("?", {})
    with pytest.raises(EnvironmentFault, match="the judge 'human' broke: NobodyAnswers: nobody answers"):
        AgentJudge("human").judge(PAIR)
