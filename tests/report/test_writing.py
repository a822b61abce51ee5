# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path

import pytest

from rsi_agents.errors import NothingToReport, ReportNotWritable, ReportTooLarge, RunFolderBroken
from rsi_agents.records.reading import EPISODES_FILE
from rsi_agents.report import write_report
from rsi_agents.report.chapters import MOST_CAUSES, Chapter, ChapterMaker
from rsi_agents.report.runs import open_runs
from rsi_agents.rollout import Step
from rsi_envs.core.verdict import Verdict
from tests.report.made import HOSTILE, SECTIONS, episode, fault, make_run, unscored
from tests.report.story_env import TOLD_ANYWHERE


def chapter_of(*folders: Path) -> Chapter:
    maker = ChapterMaker(tuple(open_runs(folders)))
    return maker.make(maker.records())


def island(page: str, name: str):
    (found,) = re.findall(rf'<script type="application/octet-stream" id="{name}">([^<]*)</script>', page)
    return json.loads(gzip.decompress(base64.b64decode(found)))


def test_a_report_of_one_run_lies_in_its_folder_and_holds_every_episode(tmp_path):
    run = make_run(tmp_path / "run", [episode("a", 0), episode("b", 0, score=0.25), fault("a", 1)])
    written = write_report([run])
    assert written.path == str(run / "report.html")
    page = Path(written.path).read_text("utf-8")
    assert (written.bytes, written.episodes, written.cut_texts) == (len(page.encode()), 3, 0)
    rows = island(page, "rows")
    assert [rows["names"][place] for place in rows["agent"]] == ["a", "b", "a"]
    assert [rows["names"][place] for place in rows["outcome"]] == ["passed", "failed", "fault"]
    assert (rows["score"], rows["reward"]) == ([1.0, 0.25, None], [1.0, 0.25, None])
    told = island(page, "chunk-0")
    assert [one["id"] for one in told] == rows["id"]
    assert told[0]["sections"][0]["messages"][1]["text"] == "an answer"
    assert told[2]["fault"]["message"] == "the sandbox is gone"


def test_the_page_loads_nothing_and_runs_its_own_script_alone(tmp_path):
    run = make_run(tmp_path / "run", [episode(text=text, index=i) for i, text in enumerate(HOSTILE)])
    page = Path(write_report([run]).path).read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert re.findall(r'(?:src|href)="(?!#|data:)', page) == []
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    assert len(scripts) == 1


def test_what_was_said_is_in_the_page_only_as_compressed_text(tmp_path):
    hostile = [episode(HOSTILE[1], 0, task_id=HOSTILE[0]), fault(HOSTILE[1], 1, message=HOSTILE[2])]
    page = Path(write_report([make_run(tmp_path / "run", hostile)]).path).read_text("utf-8")
    assert "window.pwned = 1" not in page
    assert "<img" not in page
    assert "&lt;img src=x onerror=&#39;window.pwned = 3&#39;&gt;" in page
    assert "&lt;a href=&#39;javascript:" in page


def test_runs_of_one_environment_share_a_board_and_agents_of_both_are_told_apart(tmp_path):
    first = make_run(tmp_path / "old", [episode("same", i, score=0.2) for i in range(4)])
    second = make_run(tmp_path / "new", [episode("same", i, score=0.9) for i in range(4)] + [episode("lone", 0)])
    chapter = chapter_of(first, second)
    assert [row.agent for row in chapter.standings] == ["lone", "same (new)", "same (old)"]
    compared = {(one.better, one.worse): one for one in chapter.comparisons}
    assert compared["same (new)", "same (old)"].difference == pytest.approx(0.7)
    assert compared["same (new)", "same (old)"].pairs == 4


def test_an_episode_has_the_same_address_in_reports_of_more_runs(tmp_path):
    first = make_run(tmp_path / "old", [episode("same", 0), episode("lone", 0)])
    second = make_run(tmp_path / "new", [episode("same", 0)])
    alone = Path(write_report([first]).path).read_text("utf-8")
    together = Path(write_report([first, second], tmp_path / "both.html").path).read_text("utf-8")
    assert island(together, "rows")["id"][:2] == island(alone, "rows")["id"]
    assert len(set(island(together, "rows")["id"])) == 3


def test_other_arguments_of_the_environment_make_another_board(tmp_path):
    runs = [make_run(tmp_path / str(turns), [episode()], env_kwargs={"max_turns": turns}) for turns in (1, 2)]
    page = Path(write_report(runs, tmp_path / "both.html").path).read_text("utf-8")
    assert page.count('<section class="chapter"') == 2
    assert "Overview" in page


def test_a_folder_named_twice_counts_once(tmp_path):
    run = make_run(tmp_path / "run", [episode()])
    assert write_report([run, tmp_path / "." / "run"]).episodes == 1


def test_causes_are_counted_by_agent_with_an_example_to_open(tmp_path):
    run = make_run(tmp_path / "run", [fault("a", 0), fault("b", 0), fault("a", 1), unscored("a", 2), episode("a", 3)])
    chapter = chapter_of(run)
    assert [(one.where, one.kind, dict(one.agents)) for one in chapter.causes] == [
        ("environment", "EnvironmentFault", {"a": 2, "b": 1}),
        ("verdict", "", {"a": 1}),
    ]
    page = Path(write_report([run]).path).read_text("utf-8")
    assert chapter.causes[0].example == island(page, "rows")["id"][0]


def test_causes_without_end_are_counted_but_not_all_shown(tmp_path):
    run = make_run(tmp_path / "run", [fault("a", i, message=f"number {i}") for i in range(MOST_CAUSES + 5)])
    chapter = chapter_of(run)
    assert (len(chapter.causes), chapter.more_causes) == (MOST_CAUSES, 5)
    assert "5 more episodes have other causes" in Path(write_report([run]).path).read_text("utf-8")


def test_rewards_are_drawn_only_where_they_are_not_the_scores(tmp_path):
    assert chapter_of(make_run(tmp_path / "same", [episode()])).rewards == {}
    unjudged = [episode("a", i, verdict=None) for i in range(3)]
    chapter = chapter_of(make_run(tmp_path / "none", unjudged))
    assert (chapter.measure, chapter.rewards) == ("reward", {"a": [0.0, 0.0, 0.0]})
    assert "Rewards" in Path(write_report([tmp_path / "none"]).path).read_text("utf-8")


def test_an_environment_tells_its_own_story(tmp_path):
    run = make_run(tmp_path / "run", [episode(sections=SECTIONS)], env_id=TOLD_ANYWHERE)
    page = Path(write_report([run]).path).read_text("utf-8")
    (told,) = island(page, "chunk-0")
    assert [section["kind"] for section in told["sections"]] == [kind for kind, _ in SECTIONS]
    assert told["notes"] == []


def test_a_story_that_fails_is_told_plainly_and_says_so(tmp_path):
    run = make_run(tmp_path / "run", [episode(sections=[("Nonsense", {})])], env_id=TOLD_ANYWHERE)
    (told,) = island(Path(write_report([run]).path).read_text("utf-8"), "chunk-0")
    assert told["sections"][0]["kind"] == "Conversation"
    assert "its own story failed (AttributeError" in told["notes"][0]


def test_an_environment_that_is_not_registered_here_is_told_plainly_and_says_so(tmp_path):
    run = make_run(tmp_path / "run", [episode()], env_id="nobody_has_this:test/Gone-v0")
    (told,) = island(Path(write_report([run]).path).read_text("utf-8"), "chunk-0")
    assert told["sections"][0]["messages"][0]["text"] == "A question."
    assert "could not be loaded here (EnvironmentNotFound" in told["notes"][0]


def test_a_verdict_shows_votes_and_health_unless_a_section_does(tmp_path):
    verdict = Verdict(score=0.5, votes=({"judge": "j", "ranking": [0, 1]},), health={"abstentions": 0.0})
    plain = make_run(tmp_path / "plain", [episode(verdict=verdict)])
    (told,) = island(Path(write_report([plain]).path).read_text("utf-8"), "chunk-0")
    assert json.loads(told["verdict"]["votes"]) == [{"judge": "j", "ranking": [0, 1]}]
    assert told["verdict"]["health"] == {"abstentions": 0.0}
    own = make_run(tmp_path / "own", [episode(verdict=verdict, sections=SECTIONS)], env_id=TOLD_ANYWHERE)
    (told,) = island(Path(write_report([own]).path).read_text("utf-8"), "chunk-0")
    assert not {"votes", "health"} & set(told["verdict"])


def test_what_an_agent_left_of_a_step_is_behind_the_actions(tmp_path):
    trace = {"reasoning": "it is odd", "logprobs": [-0.1, float("nan")]}
    step = Step("7", 1.0, True, False, "Done.", {}, trace)
    run = make_run(tmp_path / "run", [episode(steps=(step,))])
    (told,) = island(Path(write_report([run]).path).read_text("utf-8"), "chunk-0")
    assert [(one["step"], one["name"]) for one in told["traces"]] == [(1, "reasoning"), (1, "logprobs")]
    assert told["traces"][0]["text"] == "it is odd"
    assert "-0.1" in told["traces"][1]["text"]


def test_a_report_stays_below_its_bytes_and_says_what_is_cut(tmp_path):
    run = make_run(
        tmp_path / "run", [episode("a", i, text="".join(map(chr, range(300, 60_000, 7)))) for i in range(20)]
    )
    whole, cut = write_report([run]), write_report([run], tmp_path / "cut.html", max_bytes=80_000)
    assert whole.bytes > 80_000 >= cut.bytes
    assert whole.cut_texts == 0
    assert cut.cut_texts == 20
    assert "20 texts are cut to their first" in (tmp_path / "cut.html").read_text("utf-8")


def test_not_even_the_list_fits(tmp_path):
    run = make_run(tmp_path / "run", [episode()])
    with pytest.raises(ReportTooLarge, match="does not fit into 1,000 bytes; give a larger --max-bytes"):
        write_report([run], max_bytes=1_000)
    assert not (run / "report.html").exists()


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(RunFolderBroken, match="holds no run"):
        write_report([tmp_path])


def test_a_run_without_an_episode_has_nothing_to_report(tmp_path):
    run = make_run(tmp_path / "run", [])
    with pytest.raises(NothingToReport, match=r"no episode is recorded in .*run yet; play some"):
        write_report([run])


def test_a_run_that_has_only_begun_does_not_keep_others_from_being_reported(tmp_path):
    played = make_run(tmp_path / "played", [episode()])
    begun = make_run(tmp_path / "begun", [], episodes=7, env_kwargs={"max_turns": 2})
    page = Path(write_report([played, begun], tmp_path / "both.html").path).read_text("utf-8")
    assert page.count('<section class="chapter"') == 2
    assert "0 of 7 episodes" in page


def test_a_line_that_is_no_record_is_named_and_the_old_report_stays(tmp_path):
    run = make_run(tmp_path / "run", [episode()])
    write_report([run])
    before = (run / "report.html").read_bytes()
    with (run / EPISODES_FILE).open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(RunFolderBroken, match="line 2: no record"):
        write_report([run])
    assert (run / "report.html").read_bytes() == before
    assert sorted(path.name for path in run.iterdir()) == ["episodes.jsonl", "report.html", "run.json"]


def test_a_line_cut_off_in_the_middle_is_left_out(tmp_path):
    run = make_run(tmp_path / "run", [episode()])
    with (run / EPISODES_FILE).open("ab") as file:
        file.write(b'{"agent": "a')
    assert write_report([run]).episodes == 1


@pytest.mark.parametrize("where", ["missing/report.html", "run"])
def test_a_file_that_cant_be_written_is_named(tmp_path, where):
    run = make_run(tmp_path / "run", [episode()])
    with pytest.raises(ReportNotWritable, match=r"can't be written to .*; name another file with --out"):
        write_report([run], tmp_path / where)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
