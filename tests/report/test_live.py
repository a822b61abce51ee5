# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import shutil

import pytest
from starlette.testclient import TestClient

from rsi_agents.errors import NothingToReport, RunFolderBroken
from rsi_agents.records import RunFolder
from rsi_agents.records.reading import EPISODES_FILE
from rsi_agents.report.following import Follower
from rsi_agents.report.live import app_of
from tests.report.made import HOSTILE, episode, fault, make_run


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "run", [episode("a", 0)], agents=["a"], episodes=3)


def client_of(run, host: str = "127.0.0.1:1234") -> TestClient:
    return TestClient(app_of(Follower(run)), base_url=f"http://{host}")


def test_new_episodes_are_news_and_old_ones_are_not(run):
    follower = Follower(run)
    first = follower.news()
    assert (len(first.rows), first.broken) == (1, False)
    assert first.message == "1 of 3 episodes are recorded; new ones appear as they end."
    with RunFolder.open(run) as folder:
        folder.append(episode("a", 1))
        folder.append(fault("a", 2))
    second = follower.news()
    assert [row.outcome for row in second.rows] == ["passed", "passed", "fault"]
    assert (second.message, second.edition) == ("All 3 episodes are recorded.", first.edition)


def test_a_line_still_being_written_waits(run):
    follower = Follower(run)
    line = episode("a", 1).to_line()
    with (run / EPISODES_FILE).open("ab", buffering=0) as file:
        file.write(line[:40])
        assert len(follower.news().rows) == 1
        file.write(line[40:])
        assert len(follower.news().rows) == 2


def test_repeated_episodes_begin_another_edition(run):
    follower = Follower(run)
    before = follower.news().edition
    with RunFolder.open(run) as folder:
        folder.append(fault("a", 1))
        follower.news()
        folder.forget_faults()
    news = follower.news()
    assert news.edition != before
    assert [row.outcome for row in news.rows] == ["passed"]


def test_a_run_deleted_underneath_says_so_and_keeps_what_was_seen(run):
    follower = Follower(run)
    follower.news()
    shutil.rmtree(run)
    news = follower.news()
    assert (news.broken, len(news.rows)) == (True, 1)
    assert news.message.startswith("The records are gone")
    with pytest.raises(NothingToReport, match="can't be read"):
        follower.details(news.rows[0].id)


def test_a_broken_line_says_where_and_is_read_once_mended(run):
    follower = Follower(run)
    good = (run / EPISODES_FILE).read_bytes()
    (run / EPISODES_FILE).write_bytes(good + b"{}\n")
    news = follower.news()
    assert news.broken
    assert "line 2 is no record" in news.message
    (run / EPISODES_FILE).write_bytes(good + episode("a", 1).to_line())
    assert (follower.news().broken, len(follower.news().rows)) == (False, 2)


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(RunFolderBroken, match="holds no run"):
        Follower(tmp_path)


def test_leaderboards_are_made_again_when_there_is_more(run):
    follower = Follower(run)
    assert follower.chapter() is None
    follower.news()
    assert follower.chapter().standings[0].episodes == 1
    with RunFolder.open(run) as folder:
        folder.append(episode("a", 1))
    follower.news()
    follower._chapter_due = 0.0
    assert follower.chapter().standings[0].episodes == 2


def test_the_server_tells_what_is_new_since_it_was_asked(run):
    client = client_of(run)
    page = client.get("/")
    assert "Following the run" in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    first = client.get("/changes").json()
    assert len(first["rows"]["id"]) == 1
    assert "Leaderboard" in first["chapters"]
    known = {"after": 1, "edition": first["edition"], "summarised": first["summarised"]}
    again = client.get("/changes", params=known).json()
    assert (again["rows"]["id"], again["chapters"]) == ([], None)
    other = client.get("/changes", params={**known, "edition": "another"}).json()
    assert len(other["rows"]["id"]) == 1
    told = client.get(f"/episode/{first['rows']['id'][0]}").json()
    assert told["sections"][0]["messages"][0]["text"] == "A question."


def test_an_unknown_episode_is_an_answer_with_a_reason(run):
    answer = client_of(run).get("/episode/nope")
    assert answer.status_code == 404
    assert "episode nope can't be read" in answer.json()["message"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "192.168.0.7:1234"])
def test_a_name_that_was_made_to_lead_here_is_refused(run, host):
    for path in ("/", "/changes", "/episode/x"):
        assert client_of(run, host).get(path).status_code == 400


def test_hostile_records_are_told_as_text(tmp_path):
    run = make_run(tmp_path / "run", [fault(text, i, message=text) for i, text in enumerate(HOSTILE)])
    client = client_of(run)
    news = client.get("/changes").json()
    assert "<img" not in news["chapters"]
    assert "<script" not in news["chapters"]
    for one in news["rows"]["id"]:
        assert client.get(f"/episode/{one}").status_code == 200
