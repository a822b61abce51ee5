# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What `rsi eval` leaves, and how it goes on, when it is ended or what it stands on is lost in mid-run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from rsi_agents.records import read_records
from tests.agents.adding_env import ADDING_ANYWHERE
from tests.agents.fake_provider import HANGS, FakeProvider, says
from tests.chess.fake_engines import fake_engine
from tests.cli.test_survival import assert_every_episode_is_there_once, lines, wait_for_lines
from tests.components import need
from tests.sandboxes.wreckage import descendants, kill_containers, left_behind, nothing_is_left, wait_for

pytestmark = pytest.mark.timeout(300)

SUITE = """
[[run]]
env = "rsi/ChessText-v0"
agents = ["uci:{engine}"]
episodes = 2
env_args = {{ color = "white", max_plies = 2 }}

[[run]]
env = "rsi/Code-v0"
agents = ["reference:wrong", "reference:slow"]
episodes = 4
concurrency = 2
sandbox = "{backend}"

[[run]]
env = "rsi/ChessText-v0"
agents = ["random"]
episodes = 2
env_args = {{ max_plies = 4 }}
"""
RUNS = ("1-ChessText-v0", "2-Code-v0", "3-ChessText-v0-2")


def finish(process, timeout_s=120):
    shown, errors = process.communicate(timeout=timeout_s)
    return process.returncode, shown, errors


def faults(run):
    return [record.fault for record in read_records(run) if record.fault]


@pytest.mark.parametrize("backend", ["bubblewrap", "docker"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_a_suite_that_is_ended_leaves_whole_records_and_nothing_else_and_goes_on(start_rsi, tmp_path, backend, how):
    need(backend)
    (tmp_path / "suite.toml").write_text(SUITE.format(engine=fake_engine(tmp_path), backend=backend))
    run = tmp_path / "run"
    process = start_rsi("eval", "--config", "suite.toml", "--out", run)
    wait_for_lines(run / RUNS[1], 2, process)
    below = descendants(process.pid)
    assert below  # an engine at least
    process.send_signal(how)
    code, _, errors = finish(process, 60)
    recorded = sum(lines(run / name) for name in RUNS)
    if how is signal.SIGKILL:
        assert nothing_is_left(backend, process.pid, below)
    else:
        assert code == 1
        assert errors == (
            f"error: interrupted; {recorded} of 12 episodes are recorded, "
            f"play the rest with `rsi eval --resume {run}`\n"
        )
        assert wait_for(lambda: all(gone.is_gone() for gone in below))
        assert wait_for(lambda: not left_behind(process.pid))
    assert lines(run / RUNS[0]) == 2
    assert all((run / name / "episodes.jsonl").read_bytes().endswith(b"\n") for name in RUNS[:2])
    process = start_rsi("eval", "--resume", run, "--json")
    code, shown, errors = finish(process)
    assert code == 0, errors
    assert json.loads(shown)["recorded"] == 12 - recorded
    for name in RUNS:
        assert_every_episode_is_there_once(run / name)
        assert faults(run / name) == []
    assert wait_for(lambda: not left_behind(process.pid))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda how: how.name)
def test_a_run_that_waits_for_a_model_ends_when_it_is_asked_to(start_rsi, tmp_path, provider, how):
    provider.script = [says("3"), HANGS]
    run = tmp_path / "run"
    agents = ("--agent", provider.name, "--agent", "reference:right")
    process = start_rsi("eval", ADDING_ANYWHERE, *agents, "--max-turns", 1, "--concurrency", 2, "--out", run)
    assert wait_for(lambda: len(provider.requests) == 3, 100)  # two wait for ever
    process.send_signal(how)
    code, _, errors = finish(process, 25)  # neither the 120 s of an attempt, nor the 30 s of grace
    assert code == 1
    assert f"error: interrupted; {lines(run)} of 12 episodes are recorded, play the rest with" in errors
    assert faults(run) == []


def test_a_run_under_nohup_outlives_its_terminal(start_rsi, tmp_path):
    run = tmp_path / "run"
    slow = ("--env-arg", "delay_s=0.2", "--concurrency", 1)
    process = start_rsi("eval", ADDING_ANYWHERE, "--agent", "reference:right", *slow, "--out", run, prefix=("nohup",))
    wait_for_lines(run, 1, process)
    process.send_signal(signal.SIGHUP)
    assert finish(process)[0] == 0
    assert lines(run) == 6


@pytest.mark.skipif(not shutil.which("prlimit"), reason="a bound for files needs the program prlimit")
def test_a_suite_without_room_for_records_says_how_to_go_on_and_then_plays_exactly_the_rest(start_rsi, tmp_path):
    run = tmp_path / "run"
    (tmp_path / "suite.toml").write_text(
        "[defaults]\nagents = ['reference:right', 'reference:wrong']\n"
        f"[[run]]\nenv = '{ADDING_ANYWHERE}'\nepisodes = 3\n"
        f"[[run]]\nenv = '{ADDING_ANYWHERE}'\nepisodes = 50\n"
    )
    process = start_rsi("eval", "--config", "suite.toml", "--out", run, prefix=("prlimit", "--fsize=20000"))
    code, _, errors = finish(process)
    recorded = lines(run / "1-Adding-v0") + lines(run / "2-Adding-v0-2")
    assert code == 1
    assert errors == (
        f"error: no room on the disk for records in {run}/2-Adding-v0-2 (File too large); make room; "
        f"{recorded} of 106 episodes are recorded, play the rest with `rsi eval --resume {run}`\n"
    )
    assert 6 < recorded < 106
    code, shown, errors = finish(start_rsi("eval", "--resume", run, "--json"))
    assert code == 0, errors
    assert json.loads(shown)["recorded"] == 106 - recorded
    for name in ("1-Adding-v0", "2-Adding-v0-2"):
        assert_every_episode_is_there_once(run / name)


def test_a_stockfish_killed_while_it_thinks_costs_its_episode_alone(start_rsi, tmp_path):
    need("stockfish")
    run = tmp_path / "run"
    agents = ("--agent", "uci:stockfish?nodes=1000000&timeout_s=200", "--agent", "random")
    options = ("--env-arg", "max_plies=2", "--env-arg", "color=white", "--episodes", 2, "--concurrency", 1)
    process = start_rsi("eval", "rsi/ChessText-v0", *agents, *options, "--out", run)
    assert wait_for(lambda: any(_is_thinking(one.pid) for one in descendants(process.pid)), 60)
    (thinking,) = [one.pid for one in descendants(process.pid) if _is_thinking(one.pid)]
    os.kill(thinking, signal.SIGKILL)
    code, _, errors = finish(process)
    assert code == 0
    assert "1 of 2 episodes have no result; try `rsi eval --resume" in errors
    assert [(fault.kind, fault.where) for fault in faults(run)] == [("EngineCrashed", "agent")]
    code, shown, _ = finish(start_rsi("eval", "--resume", run, "--retry-faults", "--json"))
    assert (code, json.loads(shown)["recorded"]) == (0, 1)
    assert faults(run) == []
    assert_every_episode_is_there_once(run)


def _is_thinking(pid):
    """Whether this is an engine that has spent a tenth of a second on the processor since it was started."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text()
        spent = int(fields.rpartition(")")[2].split()[11]) / os.sysconf("SC_CLK_TCK")
        return "(stockfish)" in fields and spent > 0.1
    return False


def test_a_lost_model_server_costs_the_episodes_that_needed_it_alone_until_it_is_back(start_rsi, tmp_path):
    run = tmp_path / "run"
    options = ("--episodes", 20, "--max-turns", 1, "--env-arg", "delay_s=0.1", "--concurrency", 2, "--out", run)
    with FakeProvider() as lost:
        agent, port = f"{lost.name}&max_attempts=1", lost.port
        process = start_rsi("eval", ADDING_ANYWHERE, "--agent", agent, "--agent", "reference:right", *options)
        wait_for_lines(run, 10, process)
    code, _, errors = finish(process)
    broken = faults(run)
    assert code == 0
    assert (
        f"{agent}: {len(broken)} of 20 episodes have no result; try `rsi eval --resume {run} --retry-faults`" in errors
    )
    assert {(fault.kind, fault.where) for fault in broken} == {("ModelUnreachable", "agent")}
    assert 0 < len(broken) < 20
    with FakeProvider(port):
        code, shown, _ = finish(start_rsi("eval", "--resume", run, "--retry-faults", "--json"))
    assert (code, json.loads(shown)["recorded"]) == (0, len(broken))
    assert faults(run) == []
    assert_every_episode_is_there_once(run)


def test_texts_whose_judge_is_lost_are_unscored_until_it_is_back(start_rsi, tmp_path):
    run = tmp_path / "run"
    with FakeProvider() as lost:
        judges, port = json.dumps([f"{lost.name}&max_attempts=1"]), lost.port
    options = ("--agent", "reference:good", "--episodes", 2, "--env-arg", f"judges={judges}", "--out", run)
    code, _, errors = finish(start_rsi("eval", "rsi/Writing-v0", *options))
    assert code == 1
    assert f"reference:good: 2 of 2 episodes have no result; try `rsi eval --resume {run} --retry-faults`" in errors
    assert "the first could not be judged: " in errors
    assert "openai/fake gave no reply in 1 attempts" in errors
    with FakeProvider(port) as back:
        back.script = [says('{"rationale": "The first is warmer.", "ranking": "A > B"}')]
        code, shown, errors = finish(start_rsi("eval", "--resume", run, "--retry-faults", "--json"))
    assert code == 0, errors
    assert json.loads(shown)["leaderboard"][0]["scored"] == 2


class Proxy:
    """A socket that leads to the machine's Docker engine, until it is closed."""

    def __init__(self, path: Path, engine: str = "/var/run/docker.sock") -> None:
        self.path, self._engine = path, engine
        self._ends: list[socket.socket] = []
        self.open()

    def open(self) -> None:
        """Begins to listen."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(100)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        """Breaks every connection off, and takes no more."""
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends = []
        self.path.unlink()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near = listener.accept()[0]
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._engine)
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


EPISODES = 60
"""So many that some are left when the first have been seen, on a busy machine too."""


def test_a_lost_docker_engine_costs_the_episodes_that_needed_it_alone_until_it_is_back(start_rsi, tmp_path):
    need("docker")
    if os.environ.get("DOCKER_HOST"):
        pytest.skip("the engine is elsewhere")
    run, proxy = tmp_path / "run", Proxy(tmp_path / "e.sock")
    agents = ("--agent", "reference:wrong", "--agent", "random")
    options = ("--sandbox", "docker", "--episodes", EPISODES, "--concurrency", 2, "--out", run)
    host = {"DOCKER_HOST": f"unix://{proxy.path}"}
    process = start_rsi("eval", "rsi/Code-v0", *agents, *options, **host)
    wait_for_lines(run, 5, process)
    proxy.close()
    kill_containers(process.pid)  # warm worlds are reached without the engine
    code, _, errors = finish(process)
    broken = [record for record in read_records(run) if record.score is None]
    assert code == 0, errors
    assert (
        f"reference:wrong: {len(broken)} of {EPISODES} episodes have no result; try `rsi eval --resume {run}" in errors
    )
    assert {record.agent for record in broken} == {"reference:wrong"}
    assert all("the sandbox broke: the Docker engine" in reason for reason in map(_why, broken)), broken
    proxy.open()
    process = start_rsi("eval", "--resume", run, "--retry-faults", "--json", **host)
    code, shown, errors = finish(process)
    assert code == 0, errors
    assert json.loads(shown)["recorded"] == len(broken) > 0
    assert all(record.score is not None for record in read_records(run))
    assert_every_episode_is_there_once(run)
    proxy.close()


def _why(record):
    return record.fault.message if record.fault else record.verdict.unscored
