# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A person at a real terminal judges and plays."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys

import gymnasium as gym
import pytest

from rsi_agents import make_agent, rollout
from rsi_agents.errors import NobodyAnswers
from rsi_agents.policies.human import HumanAgent
from rsi_envs.core.errors import EnvironmentFault
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judgements import question
from rsi_envs.core.judging import JudgingTask
from tests.agents.adding_env import ADDING

PAIR = JudgingTask("Greet.", ("hello", "go away"))
TIMEOUT_S = 120


def at_a_terminal(*words, answers, cwd):
    """Runs the command line with a terminal of its own, on which these lines are typed; returns what it showed."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "rsi_agents.cli", *words]
    running = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, close_fds=True)
    os.close(theirs)
    os.write(ours, "".join(f"{line}\n" for line in answers).encode())
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:  # a terminal whose other end is closed
        pass
    os.close(ours)
    return running.wait(TIMEOUT_S), shown.decode()


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


def test_a_closed_input_is_said(typed):
    typed("")
    with pytest.raises(NobodyAnswers, match="standard input is closed"):
        HumanAgent().act("?", {})
    with pytest.raises(EnvironmentFault, match="the judge 'human' broke: NobodyAnswers: nobody answers"):
        AgentJudge("human").judge(PAIR)
