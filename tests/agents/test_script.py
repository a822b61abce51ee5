# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A program of the user's plays, fails in every way that programs fail in, and leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents import AgentNameError, AgentNotFound, make_agent, rollout
from rsi_agents.errors import ProgramEnded, ProgramFault, ProgramGarbled, ProgramTimeout
from rsi_agents.policies.program import MAX_LINE_BYTES
from rsi_agents.policies.script import ScriptAgent
from rsi_envs.core.errors import EnvironmentFault
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judging import JudgingTask
from tests.agents.adding_env import ADDING, ADDING_ANYWHERE
from tests.agents.fakes import MASKED

READS = """
import json, os, sys, time
def answer(action): print(json.dumps({"action": action}))
def shown(): return json.loads(sys.stdin.readline())
"""
ADDS = (
    READS
    + """
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "act":
        left, right = message["observation"].split("?")[0].split()[-1].split("+")
        answer(int(left) + int(right))
"""
)
TELLS = READS + "reset, act = shown(), shown(); answer({'pid': os.getpid(), 'seed': reset['seed'], 'was': act})\n"
ECHOES = READS + "shown()\nfor line in sys.stdin: answer(json.loads(line)['observation'])\n"
HANGS = "import os, time\nopen('pids', 'a').write(f'{os.getpid()}\\n')\ntime.sleep(600)\n"
PARENT_OF_A_HANGING_CHILD = (
    "import os, subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "open('pids', 'a').write(f'{os.getpid()}\\n{child.pid}\\n')\n" + READS + "shown(); shown(); answer('0')\n"
)


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Writes a program and returns its agent's name."""
    monkeypatch.chdir(tmp_path)

    def write(source, name="agent.py"):
        (tmp_path / name).write_text(source)
        return f"script:{tmp_path / name}"

    return write


def running():
    """The processes that have written their numbers down and run still."""
    pids = Path("pids").read_text().split() if Path("pids").exists() else []
    states = [Path(f"/proc/{pid}/status") for pid in pids]
    return [state for state in states if state.exists() and "\nState:\tZ" not in state.read_text()]


def wait_for(condition):
    ends = time.monotonic() + 60.0
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def asked(agent, observation="", info=None):
    """One answer of an agent that has just been reset, which is closed afterwards."""
    try:
        agent.reset(3)
        return agent.act(observation, info or {})
    finally:
        agent.close()


def test_a_program_plays_whole_episodes(script):
    agent = make_agent(script(ADDS))
    for seed in range(2):
        trajectory = rollout(gym.make(ADDING), agent, seed=seed)
        assert trajectory.verdict.score == 1.0
        assert [type(step.action) for step in trajectory.steps] == [str]
    agent.close()


def test_any_language_will_do(script, tmp_path):
    name = script('#!/bin/sh\nread reset\nwhile read act; do echo \'{"action": "3"}\'; done\n', "agent.sh")
    (tmp_path / "agent.sh").chmod(0o755)
    agent = make_agent(name)
    assert rollout(gym.make(ADDING), agent, seed=0, options={"task_id": "1+2"}).verdict.score == 1.0
    agent.close()


def test_each_episode_has_a_process_of_its_own_that_is_told_the_seed(script):
    agent = make_agent(script(TELLS))
    told = []
    for seed in (3, None):
        agent.reset(seed)
        told.append(agent.act("seen", {"legal_actions": ["a"], "action_mask": np.array([1, 0], np.int8)}))
    agent.close()
    assert [one["seed"] for one in told] == [3, None]
    assert told[0]["pid"] != told[1]["pid"]
    assert told[0]["was"] == {
        "type": "act",
        "observation": "seen",
        "info": {"legal_actions": ["a"], "action_mask": [1, 0]},
    }


def test_what_json_lacks_goes_as_text(script):
    observation = {"a": np.array([np.inf, 1.5]), "b": (np.int64(2), float("nan")), 3: None}
    assert asked(make_agent(script(ECHOES)), observation) == {"a": ["inf", 1.5], "b": [2, "nan"], "3": None}


def test_an_answer_becomes_a_member_of_the_action_space(script):
    class Env:
        action_space = gym.spaces.Dict(
            {"push": gym.spaces.Box(-1, 1, (2,), np.float32), "keys": gym.spaces.MultiBinary(2)}
        )

    agent = ScriptAgent(script(ECHOES).removeprefix("script:"))
    agent.attach(Env())
    action = asked(agent, {"push": [0.5, 1], "keys": [0, 1]})
    assert Env.action_space.contains(action)
    with pytest.raises(ProgramGarbled, match="answered an action that is none of Dict"):
        asked(agent, {"push": ["left"], "keys": [0, 1]})


def test_where_text_is_wanted_an_answer_that_is_none_is_given_as_json(script):
    agent = make_agent(script(ECHOES))
    agent.attach(gym.make(ADDING))
    assert (
        asked(agent, {"name": "answer", "arguments": {"number": 3}}) == '{"name": "answer", "arguments": {"number": 3}}'
    )


def test_a_numeric_environment_is_played(script):
    agent = make_agent(
        script(
            READS + "for line in sys.stdin:\n m = json.loads(line)\n"
            " if m['type'] == 'act': answer(m['info']['action_mask'].index(1))\n"
        )
    )
    assert rollout(gym.make(MASKED), agent, seed=0).reward == 10.0
    agent.close()


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    file = tmp_path_factory.mktemp("echo") / "echo.py"
    file.write_text(ECHOES)
    agent = ScriptAgent(str(file))
    agent.reset(0)
    yield agent
    agent.close()


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_whatever_json_says_reaches_the_program_and_comes_back(echo, value):
    assert echo.act(value, {}) == value


def test_texts_of_any_length_pass_both_ways(echo):
    text = "\U0001f600" * 100_000
    assert echo.act(text, {}) == text


FAULTS = [
    ("sys.exit('no\\nmodel')", ProgramEnded, r"ended with exit status 1 before .*; its last words: no\nmodel"),
    ("raise KeyError('weights')", ProgramEnded, "KeyError: 'weights'"),
    ("os.kill(os.getpid(), 9)", ProgramEnded, "was ended by signal 9"),
    ("os.close(1); time.sleep(600)", ProgramEnded, "closed its standard output before"),
    ("print('thinking'); sys.stdin.read()", ProgramGarbled, "answered 'thinking', which is no"),
    ("print('[1]'); sys.stdin.read()", ProgramGarbled, r"answered '\[1\]'"),
    ("print('[' * 100_000); sys.stdin.read()", ProgramGarbled, "which is no"),
    ("print('{}'); sys.stdin.read()", ProgramGarbled, "belongs on standard error"),
    ("os.write(1, b'\\xff\\n'); sys.stdin.read()", ProgramGarbled, "which is no"),
    (f"print('x' * {MAX_LINE_BYTES + 1}, end=''); time.sleep(600)", ProgramGarbled, "a line of more than"),
    ("time.sleep(600)", ProgramTimeout, "did not answer within 1 s; does it flush"),
    ("while True: sys.stderr.write('x' * 1000)", ProgramTimeout, "did not answer within 1 s"),
]


@pytest.mark.parametrize(("source", "error", "message"), FAULTS)
def test_each_fault_has_a_name_and_leaves_no_process(script, source, error, message):
    timeout_s = 1 if error is ProgramTimeout else 60
    name = script("import os, sys, time\nopen('pids', 'a').write(f'{os.getpid()} ')\n" + source)
    agent = make_agent(f"{name}?timeout_s={timeout_s}")
    agent.reset(0)
    with pytest.raises(error, match=message) as caught:
        agent.act("", {})
    assert isinstance(caught.value, ProgramFault)
    if "sys.stdin" in source:
        agent.close()
    wait_for(lambda: not running())
    agent.close()


def test_an_answer_given_too_early_does_not_cut_off_what_is_asked(script):
    agent = make_agent(script(READS + "answer('early'); shown(); shown(); answer(shown()['observation'])"))
    agent.reset(0)
    assert [agent.act("x" * 200_000, {}), agent.act("later", {})] == ["early", "later"]
    agent.close()


def test_a_program_that_never_stops_talking_is_closed(script):
    talks = "import os\nopen('pids', 'a').write(str(os.getpid()))\nwhile True: print('x' * 1000)"
    agent = make_agent(script(talks))
    agent.reset(0)
    wait_for(running)
    agent.close()
    wait_for(lambda: not running())


def test_a_second_line_for_an_answer_is_told_at_the_next(script):
    agent = make_agent(script(READS + 'shown(); shown(); print(\'{"action": 1}\\n{"action": 2}\'); shown()'))
    agent.reset(0)
    assert agent.act("", {}) == 1
    with pytest.raises(ProgramGarbled, match="more than one line for an answer"):
        agent.act("", {})
    agent.close()


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("script:none.py", AgentNotFound, "there is no program 'none.py'"),
        ("script:plain", AgentNotFound, r"plain is not executable; chmod \+x it"),
        ("script:plain.py?timeout_s=0", AgentNameError, "must be above 0"),
        ("script:plain.py?timeout_s=inf", AgentNameError, "at most 1000000"),
        ("script:plain.py?timeout_s=soon", AgentNameError, "timeout_s"),
    ],
)
def test_what_can_not_be_a_program_is_said_at_once(tmp_path, monkeypatch, name, error, message):
    monkeypatch.chdir(tmp_path)
    for file in ("plain", "plain.py"):
        (tmp_path / file).touch()
    with pytest.raises(error, match=message):
        make_agent(name)


def test_a_program_that_can_not_be_started_has_ended(script, tmp_path):
    name = script("#!/no/such/interpreter\n", "agent")
    (tmp_path / "agent").chmod(0o755)
    with pytest.raises(ProgramEnded, match=r"agent.*No such file"):
        asked(make_agent(name))


def test_closing_ends_the_program_and_what_it_has_started(script):
    agent = make_agent(script(PARENT_OF_A_HANGING_CHILD))
    agent.reset(0)
    agent.act("", {})
    assert running()
    agent.close()
    agent.close()
    wait_for(lambda: not running())
    with pytest.raises(ProgramEnded, match="was closed"):
        agent.act("", {})


def test_a_program_may_finish_its_work_when_its_input_ends(script):
    agent = make_agent(
        script(READS + "shown(); shown(); answer(0); sys.stdin.read(); open('notes', 'w').write('done')")
    )
    assert asked(agent) == 0
    assert Path("notes").read_text() == "done"


def test_another_thread_may_close_a_program_that_is_being_asked(script):
    agent = make_agent(script(HANGS))
    agent.reset(0)
    caught = []

    def ask():
        try:
            agent.act("", {})
        except ProgramEnded as error:
            caught.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    wait_for(running)
    agent.close()
    asking.join(30)
    assert len(caught) == 1
    assert running() == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_ended_leaves_no_program(script, child_env, how):
    command = [sys.executable, "-m", "rsi_agents.cli", "eval", ADDING_ANYWHERE, "--agent", script(HANGS)]
    owner = subprocess.Popen(command, env=child_env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: len(running()) == 4)
        owner.send_signal(how)
        _, errors = owner.communicate(timeout=60)
    finally:
        owner.kill()
    assert owner.returncode == (1 if how == signal.SIGINT else -how)
    assert "Traceback" not in errors
    wait_for(lambda: not running())


FIRST_LEGAL = """
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "act":
        answer(message["info"]["action_mask"].index(1))
"""


def test_a_program_takes_an_opponents_seat(script):
    env = gym.make("rsi_envs:rsi/Chess-v0", opponent=script(READS + FIRST_LEGAL), color="black", max_plies=4)
    _, info = env.reset(seed=0)
    assert len(env.unwrapped.board().move_stack) == 1
    env.step(int(np.flatnonzero(info["action_mask"])[0]))
    assert len(env.unwrapped.board().move_stack) == 3
    env.close()


def test_an_opponent_that_breaks_is_the_environments_fault(script):
    env = gym.make("rsi_envs:rsi/Chess-v0", opponent=script("exit(7)"), color="black")
    with pytest.raises(EnvironmentFault, match=r"opponent 'script:.* broke: ProgramEnded: .* exit status 7"):
        env.reset(seed=0)
    env.close()


def test_a_program_judges(script):
    judge = AgentJudge(
        script(
            READS + "shown(); task = shown()['info']['judging']\n"
            "longer = len(task['candidates'][0]) > len(task['candidates'][1])\n"
            "answer({'rationale': 'by length', 'ranking': 'A > B' if longer else 'B > A'})\n"
        )
    )
    ranking = judge.judge(JudgingTask("Greet.", ("hello there", "hi")))
    assert (ranking.order, ranking.rationale) == (((0,), (1,)), "by length")


STARTS_SEVERAL = """
import sys, time
from functools import partial
from rsi_agents.policies import program
from rsi_agents.policies.script import ScriptAgent
from rsi_envs.core.parallel import in_parallel

class Slow(program.ThreadPoolExecutor):
    def __init__(self, *args, **kwargs):
        time.sleep(0.2)
        super().__init__(*args, **kwargs)

program.ThreadPoolExecutor = Slow
agents = [ScriptAgent(sys.argv[1]) for _ in range(4)]
in_parallel([partial(agent.reset, 0) for agent in agents], 4)
print([agent.act(number, {}) for number, agent in enumerate(agents)])
for agent in agents:
    agent.close()
"""


def test_programs_that_are_the_first_and_started_together_all_live(script, child_env):
    command = [sys.executable, "-c", STARTS_SEVERAL, script(ECHOES).removeprefix("script:")]
    done = subprocess.run(command, env=child_env, capture_output=True, text=True, timeout=120)
    assert done.stdout == "[0, 1, 2, 3]\n", done.stderr
