# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What is left of a run that is killed, broken off, or out of disk."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time

import pytest

from rsi_agents.records import read_plan, read_records
from tests.agents.adding_env import ADDING_ANYWHERE

HANGING_ANYWHERE = "tests.agents.fakes:test/FakeHanging-v0"
EPISODES = 100
AGENTS = ("--agent", "reference:right", "--agent", "reference:wrong")


def lines(run):
    file = run / "episodes.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


def wait_for_lines(run, count, process):
    ends = time.monotonic() + 60.0
    while lines(run) < count:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < ends
        time.sleep(0.005)


def assert_every_episode_is_there_once(run):
    keys = [record.key for record in read_records(run)]
    assert len(keys) == len(set(keys))
    assert set(keys) == {spec.key for spec in read_plan(run).specs()}


@pytest.mark.timeout(180)
def test_a_killed_run_resumes_with_every_episode_exactly_once(start_rsi, tmp_path):
    run = tmp_path / "run"
    slow = ("--env-arg", "delay_s=0.2", "--concurrency", 200)
    process = start_rsi("eval", ADDING_ANYWHERE, *AGENTS, "--episodes", EPISODES, *slow, "--out", run)
    for count in (1, 60, 120):
        wait_for_lines(run, count, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert lines(run) < 2 * EPISODES
        # A kill in the middle of a write leaves this.
        with (run / "episodes.jsonl").open("ab") as file:
            file.write(b'{"agent": "reference:ri')
        process = start_rsi("eval", "--resume", run, "--json")
    shown, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert json.loads(shown)["missing"] == 0
    assert_every_episode_is_there_once(run)
    assert sorted(path.name for path in run.iterdir()) == ["episodes.jsonl", "run.json"]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("for_ever", ["false", "true"])
def test_ctrl_c_ends_with_one_sentence_that_says_how_to_go_on(start_rsi, tmp_path, for_ever):
    run = tmp_path / "run"
    options = ("--episodes", 12, "--concurrency", 5, "--env-arg", f"for_ever={for_ever}")
    process = start_rsi("eval", HANGING_ANYWHERE, *AGENTS, *options, "--out", run)
    wait_for_lines(run, 20, process)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.strip() == (
        f"error: interrupted; 20 of 24 episodes are recorded, play the rest with `rsi eval --resume {run}`"
    )
    assert all(record.fault is None for record in read_records(run))
    assert lines(run) == 20


@pytest.mark.timeout(120)
@pytest.mark.skipif(not shutil.which("unshare"), reason="a small disk needs the program unshare")
def test_a_full_disk_keeps_the_records_whole_and_the_run_goes_on_with_a_larger_one(start_rsi, tmp_path):
    disk, saved = tmp_path / "disk", tmp_path / "saved"
    disk.mkdir()
    can_mount = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", str(disk)]
    if subprocess.run(can_mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets no user mount a small disk")
    script = (
        f"mount -t tmpfs -o size=64k tmpfs {disk} && "
        f'"$@" --out {disk}/run; code=$?; cp -r {disk}/run {saved}; exit $code'
    )
    inside = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    process = start_rsi("eval", ADDING_ANYWHERE, *AGENTS, "--episodes", EPISODES, prefix=inside)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith(f"error: no room on the disk for records in {disk}/run")
    assert len(errors.splitlines()) == 1
    assert 0 < lines(saved) < 2 * EPISODES
    assert (saved / "episodes.jsonl").read_bytes().endswith(b"\n")
    process = start_rsi("eval", "--resume", saved)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert_every_episode_is_there_once(saved)
