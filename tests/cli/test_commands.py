# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
import re

import gymnasium as gym
import pytest

import rsi_sandboxes
from rsi_agents.cli import doctor as doctor_module
from rsi_sandboxes import BackendNotFound, Finding, ImageBuildFailed
from tests.agents.adding_env import ADDING, ADDING_ANYWHERE, AddingEnv

COMMANDS = [
    ("list",),
    ("info",),
    ("doctor",),
    ("eval",),
    ("play",),
    ("arena",),
    ("judge",),
    ("improve",),
    ("report",),
    ("view",),
    ("sandbox", "reap"),
    ("sandbox", "images", "build"),
]


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setitem(gym.registry, "rsi/Fake-v0", gym.envs.registration.EnvSpec("rsi/Fake-v0", AddingEnv))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example_and_speaks_json(rsi, command):
    result = rsi(*command, "--help")
    assert result.exit_code == 0
    assert f"Example: rsi {' '.join(command)}" in " ".join(result.stdout.split())
    assert "--json" in result.stdout


def test_nothing_to_do_shows_the_help(rsi):
    result = rsi()
    assert result.exit_code == 2
    assert "Usage" in result.stdout + result.stderr


def test_list_shows_ids_with_their_summaries(rsi, registered):
    assert re.search(r"^rsi/Fake-v0 +Add two numbers\.$", rsi("list").stdout, re.MULTILINE)
    assert {"id": "rsi/Fake-v0", "summary": "Add two numbers."} in json.loads(rsi("list", "--json").stdout)


def test_info_shows_the_card(rsi):
    shown = rsi("info", ADDING).stdout
    assert "Add two numbers.\n\nReferences are" in shown
    assert "9 in train, 6 in test" in shown
    facts = json.loads(rsi("info", ADDING, "--json").stdout)
    assert facts["tasks"] == {"train": 9, "test": 6}
    assert facts["max_turns"] == 2
    assert facts["tools"] == ["answer"]
    assert facts["arguments"] == ["delay_s", "max_turns", "render_mode", "split"]
    assert facts["action_space"] == "UnicodeText(0, 100000)"


def test_info_of_any_gymnasium_environment_works(rsi):
    facts = json.loads(rsi("info", "CartPole-v1", "--json").stdout)
    assert (facts["max_turns"], facts["tasks"], facts["tools"]) == (500, {}, [])


def test_info_of_an_unknown_environment_names_the_nearest(rsi, registered):
    result = rsi("info", "rsi/Fak-v0")
    assert result.exit_code == 2
    assert "the nearest is 'rsi/Fake-v0'" in result.stderr


def test_info_writes_spaces_in_a_line(rsi):
    lines = rsi("info", "rsi/Chess-v0").stdout.splitlines()
    assert "Observation space  Box(0, 255, (8, 8, 119), uint8)" in lines
    assert "Action space       Discrete(4672)" in lines


def test_doctor_names_what_works_and_what_mends_the_rest(rsi, monkeypatch):
    findings = [
        Finding("docker", False, "no engine", "apt-get install docker.io"),
        Finding("bubblewrap", True, "0.11", ""),
    ]
    monkeypatch.setattr(doctor_module, "diagnose", lambda: findings)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    result = rsi("doctor")
    assert result.exit_code == 0
    assert "NO  docker" in result.stdout
    assert "mend it with: apt-get install docker.io" in result.stdout
    assert "OPENAI_API_KEY" in result.stdout
    assert "sk-secret" not in result.stdout
    names = [finding["name"] for finding in json.loads(rsi("doctor", "--json").stdout)]
    assert names == ["docker", "bubblewrap", "python", "litellm", "API keys", "stockfish", "disk for records"]


def test_doctor_fails_when_no_sandbox_works(rsi, monkeypatch):
    monkeypatch.setattr(doctor_module, "diagnose", lambda: [Finding("docker", False, "no engine", "mend it")])
    result = rsi("doctor")
    assert result.exit_code == 1
    assert "no sandbox works here" in result.stderr


def test_reap_says_what_it_removed(rsi, monkeypatch):
    monkeypatch.setattr(rsi_sandboxes, "reap", lambda: ["old-1"])
    assert rsi("sandbox", "reap").stdout == "old-1\nremoved 1 leftover\n"
    assert json.loads(rsi("sandbox", "reap", "--json").stdout) == {"removed": ["old-1"]}


def test_an_image_is_built_as_asked(rsi, monkeypatch):
    asked = []

    def fake_build(name, *, air_gapped, progress):
        asked.append((name, air_gapped))
        progress("step 1\n")
        return "image:tag"

    monkeypatch.setattr(rsi_sandboxes, "build_image", fake_build)
    result = rsi("sandbox", "images", "build", "--air-gapped")
    assert (result.stdout, result.stderr) == ("built image:tag\n", "step 1\n")
    quiet = rsi("sandbox", "images", "build", "--json")
    assert (json.loads(quiet.stdout), quiet.stderr) == ({"image": "image:tag"}, "")
    rsi("sandbox", "images", "build", "languages")
    assert asked == [("python", True), ("python", False), ("languages", False)]


@pytest.mark.parametrize(("error", "code"), [(BackendNotFound("no such"), 2), (ImageBuildFailed("no space"), 1)])
def test_the_sandboxes_errors_end_as_one_sentence(rsi, monkeypatch, error, code):
    def fail():
        raise error

    monkeypatch.setattr(rsi_sandboxes, "reap", fail)
    result = rsi("sandbox", "reap")
    assert (result.exit_code, result.stderr) == (code, f"error: {error}\n")


def test_a_console_script_finds_the_modules_beside_the_user(start_rsi, tmp_path):
    (tmp_path / "mine.py").write_text(
        "class Zero:\n    def reset(self, seed): pass\n    def act(self, observation, info): return '0'\n"
    )
    process = start_rsi("eval", ADDING_ANYWHERE, "--agent", "python:mine:Zero", "--json", script=True)
    shown, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert json.loads(shown)["leaderboard"][0]["faults"] == 0


def test_the_process_exits_with_the_code_too(start_rsi):
    for arguments, code in ((("list",), 0), (("info", "nothing"), 2), (("nonsense",), 2)):
        process = start_rsi(*arguments)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == code
        assert "Traceback" not in errors
