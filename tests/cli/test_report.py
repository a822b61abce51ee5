# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
import shutil
import signal
import socket
import urllib.request

import pytest

from rsi_agents.records import RunFolder
from tests.report.made import episode, make_run
from tests.report.made_loops import made_round, make_loop


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "run", [episode("a", 0)], agents=["a"], episodes=3)


def test_report_says_where_it_is(rsi, run):
    result = rsi("report", run)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"report: {run / 'report.html'} (0.")
    assert "1 episodes" in result.stdout


def test_report_gives_path_and_sizes_as_json(rsi, run, tmp_path):
    facts = json.loads(rsi("report", run, "--out", tmp_path / "x.html", "--json").stdout)
    assert facts["path"] == str(tmp_path / "x.html")
    assert facts["bytes"] == (tmp_path / "x.html").stat().st_size
    assert (facts["episodes"], facts["cut_texts"], facts["episodes_left_out"]) == (1, 0, 0)


def test_report_says_when_texts_are_cut(rsi, tmp_path):
    noise = "".join(map(chr, range(0x4E00, 0x9E00)))
    run = make_run(tmp_path / "run", [episode("a", i, text=noise + str(i)) for i in range(4)])
    result = rsi("report", run, "--max-bytes", 90_000)
    assert "4 texts are cut and 0 episodes left out" in result.stderr


@pytest.mark.parametrize("command", ["report", "view"])
def test_a_folder_without_a_run_is_misuse(rsi, tmp_path, command):
    result = rsi(command, tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "holds no run" in result.stderr


def test_a_loop_is_reported_in_its_folder(rsi, tmp_path):
    loop = make_loop(tmp_path / "loop", [made_round(0, 0.4), made_round(1, 0.5)])
    result = rsi("report", loop)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"report: {loop / 'report.html'} (0.")
    assert "8 episodes" in result.stdout
    assert json.loads(rsi("report", loop, "--json").stdout)["episodes"] == 8


def test_a_loop_that_has_only_begun_has_nothing_to_report(rsi, tmp_path):
    result = rsi("report", make_loop(tmp_path / "loop", []))
    assert result.exit_code == 1
    assert "no episode is recorded in" in result.stderr
    assert "`rsi improve --resume DIR`" in result.stderr


@pytest.mark.parametrize(
    ("command", "file", "advice"),
    [
        ("report", "suite.json", "holds a suite; name its runs, `DIR/*/`"),
        ("view", "suite.json", "holds a suite; name its runs, `DIR/*/`"),
        ("report", "arena.json", "holds an arena; `rsi arena --resume DIR` shows its ratings"),
        ("view", "loop.json", "holds a loop; name one of its runs, such as `DIR/round-000/held-out`"),
    ],
)
def test_a_folder_of_another_kind_is_misuse_and_says_what_to_do(rsi, tmp_path, command, file, advice):
    (tmp_path / file).write_text("{}")
    result = rsi(command, tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert advice.replace("DIR", str(tmp_path)) in result.stderr


def test_a_report_of_nothing_fails(rsi, tmp_path):
    result = rsi("report", make_run(tmp_path / "run", []))
    assert result.exit_code == 1
    assert "no episode is recorded" in result.stderr


def test_view_names_a_port_that_is_taken(rsi, run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = rsi("view", run, "--no-open", "--port", taken.getsockname()[1])
    assert result.exit_code == 1
    assert "can't be had" in result.stderr


def viewed(start_rsi, run):
    process = start_rsi("view", run, "--no-open", "--json", script=True)
    lines = [process.stdout.readline() for _ in range(3)]
    return process, json.loads("".join(lines))["url"]


def test_view_listens_on_this_machine_alone_and_ends_cleanly(start_rsi, run):
    process, url = viewed(start_rsi, run)
    assert url.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(url) as answer:
        assert b"Following the run" in answer.read()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def test_new_episodes_appear_while_one_is_open(start_rsi, run, open_page):
    from playwright.sync_api import expect

    process, url = viewed(start_rsi, run)
    try:
        page = open_page(url)
        rows = page.locator("#rows-shown tr")
        expect(rows).to_have_count(1)
        page.locator("#rows-shown a").click()
        page.wait_for_selector("dialog[open] .section")
        with RunFolder.open(run) as folder:
            folder.append(episode("a", 1))
        expect(rows).to_have_count(2)
        assert page.locator("dialog[open] .section").is_visible()
        assert page.locator("#episode-title").inner_text() == "task-0"
        page.keyboard.press("Escape")
        expect(page.locator("#chapters")).to_contain_text("2 of 3 episodes")
        shutil.rmtree(run)
        expect(page.locator("#following.broken")).to_contain_text("The records are gone")
        page.close()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0
