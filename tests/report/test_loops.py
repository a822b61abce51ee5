# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The page of a loop: what came of it, the curves, and the rounds."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from rsi_agents.errors import NothingToReport, RunFolderBroken
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder, read_rounds
from rsi_agents.paired import Paired
from rsi_agents.report import write_report
from rsi_agents.report.loops import open_loop
from tests.agents.adding_env import ADDING
from tests.agents.loops.teaching import GUESSER, TEACHER
from tests.report.made import HOSTILE, episode, make_run
from tests.report.made_loops import BASE, EPISODES, made_round, make_loop
from tests.report.test_page import NO_OVERFLOW, WIDTHS
from tests.report.test_writing import island

GAMED = "its own reward rose by 0.300, the independent one changed by -0.100: the reward is being gamed"


def page_of(folder: Path) -> str:
    return Path(write_report([folder]).path).read_text("utf-8")


def words_of(page: str) -> str:
    """What is read above the chapters, without tags."""
    told = page[page.index('<section class="loop"') : page.index('<div id="chapters">')]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", told)).replace("\u2212", "-").split())


@pytest.fixture
def gamed(tmp_path):
    """Two generations are kept; the third is rolled back, because it games the loop's own reward."""
    measures = [{"gap_before": 0.124}, {"agreement": 0.75}, {"agreement": 0.5}, {"agreement": 0.25, "odd": 3.0}]
    proxy = Paired(0.3, None, 0.01, EPISODES)
    return make_loop(
        tmp_path / "loop",
        [
            made_round(0, 0.4, measures=measures[0]),
            made_round(1, 0.5, measures=measures[1], proxy_against_parent=Paired(0.15, None, 0.2, EPISODES)),
            made_round(
                2, 0.625, measures=measures[2], note="learned from 12 rows", files={"taught": "round-002/t.jsonl"}
            ),
            made_round(
                3,
                0.525,
                kept=False,
                against_parent=Paired(-0.1, None, 0.3, EPISODES),
                proxy_against_parent=proxy,
                brakes=(GAMED,),
                stopped=True,
                measures=measures[3],
            ),
        ],
        rounds=5,
    )


def test_the_top_says_what_came_of_the_loop(gamed):
    said = words_of(page_of(gamed))
    for piece in (
        "The newest generation that was kept, of round 2, is better than the base on held-out tasks.",
        "Held-out score of the base 0.400 0.350 to 0.450",
        "Of round 2 0.625 0.575 to 0.675",
        "Difference, in 4 pairs +0.200 0.125 to 0.275 , p < 0.001",
        "Held-out episodes, a generation 5",
        "Rounds 3 of 5",
        f"Ended stopped after round 3: {GAMED}",
        "Tokens 4,936 in 28 calls Cost $2.0000 Time 246 s",
        f"Newest generation that was kept {BASE}?generation=2",
    ):
        assert piece in said


def test_figures_of_every_round_stand_beside_their_curves(gamed):
    said = words_of(page_of(gamed))
    for piece in (
        "Score, round by round Round score 0 0.4 0.350 to 0.450 1 0.5 0.450 to 0.550 2 0.625 0.575 to 0.675 3 0.525",
        "Round independent score the loop's own reward 1 0.1 0.050 to 0.150 0.15 2 0.1 0.050 to 0.150 3 -0.1 0.3",
        "Round pass@1 pass@k 0 0.4 0.9 1 0.5 0.9 2 0.625 0.9 3 0.525 0.9",
        "Round diversity 0 0.75 1 0.75",
        "Judges, round by round agreement Share of pairs",
        "Round agreement 1 0.75 2 0.5 3 0.25",
        "gap before, round 0 0.124 odd, round 3 3",
    ):
        assert piece in said


def test_the_table_of_rounds_says_what_happened_in_each(gamed):
    said = words_of(page_of(gamed))
    table = said[said.index("What happened") :]
    assert f"0 base 0.400 0.350 to 0.450 4 1 lost 1,234 61.5 {BASE} 1 kept 0.500" in table
    assert "2 kept learned from 12 rows 0.625 0.575 to 0.675 +0.100 0.050 to 0.150 +0.200" in table
    assert f"4 1 lost 1,234 61.5 {BASE}?generation=2 taught : round-002/t.jsonl 3 rolled back {GAMED} 0.525" in table


def test_a_generation_that_was_rolled_back_has_a_hollow_mark_off_the_line(gamed):
    page = page_of(gamed)
    (score,) = re.findall(r'<svg class="curves"[^>]*aria-label="Score,.*?</svg>', page, flags=re.DOTALL)
    assert re.findall(r'<circle class="line-0( back)?" cx="[\d.]+"', score) == ["", "", "", " back"]
    (line,) = re.findall(r'<path class="line-0" d="M([^"]+)"', score)
    marks = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', score)
    assert line.split("L") == [" ".join(mark) for mark in marks[:3]]


def test_held_out_episodes_go_by_the_rounds_of_their_generations(gamed):
    make_run(gamed / "round-002" / "samples", [episode("sampled", 0)])
    make_run(gamed / "round-002" / "held-out-weak", [episode("weak", 0)])
    rows = island(page := page_of(gamed), "rows")
    agents = [rows["names"][place] for place in rows["agent"]]
    assert [*dict.fromkeys(agents)] == ["base", "round 1", "round 2", "round 2, weak", "round 3"]
    assert len(agents) == 4 * EPISODES + 1
    assert f"rsi report {gamed}/round-002/samples shows the last of it" in words_of(page)


def test_a_loop_that_ran_is_reported_as_its_records_say(tmp_path):
    asked = {"loop": "rest_em", "env": ADDING, "env_args": {"max_turns": 1}, "base": GUESSER, "rounds": 1}
    with LoopFolder.create(tmp_path / "loop", checked_config(asked | {"updater": {"name": TEACHER}}, "here")) as folder:
        improve(folder)
    base, first = read_rounds(tmp_path / "loop")
    said = words_of(page_of(tmp_path / "loop"))
    assert f"0 {base.held_out.score:.4g} {base.held_out.interval.low:.3f} to {base.held_out.interval.high:.3f}" in said
    assert f"Of round 1 {first.held_out.score:.3f}" in said
    assert f"Rounds 1 of 1 Ended all rounds are done Time {first.wall_s + base.wall_s:.0f} s" in said


def test_with_the_base_alone_there_are_no_curves(tmp_path):
    page = page_of(make_loop(tmp_path / "loop", [made_round(0, 0.4)]))
    said = words_of(page)
    assert "Only the base so far. Held-out score of the base 0.400" in said
    assert f"Rounds 0 of 3 Not at its end rsi improve --resume {tmp_path}/loop goes on" in said
    assert '<svg class="curves"' not in page


def test_rounds_without_a_generation_leave_gaps(tmp_path):
    empty = [made_round(n, None, note="no sample passed", stopped=n == 2) for n in (1, 2)]
    said = words_of(page_of(make_loop(tmp_path / "loop", [made_round(0, 0.4), *empty])))
    assert "No generation was kept: what came of it is the base." in said
    assert "Ended stopped after round 2: nothing was kept in 2 rounds in a row" in said
    assert "1 no generation no sample passed – 1,234 61.5 none" in said
    assert "Score, round by round Round score 0 0.4 0.350 to 0.450 Rounds" not in said
    assert "Round score 0 0.4 0.350 to 0.450" in said


def test_a_loop_that_was_killed_in_a_round_is_reported_as_far_as_it_is(tmp_path):
    loop = make_loop(tmp_path / "loop", [made_round(0, 0.4), made_round(1, 0.5)], measured=[0, 1, 2])
    with (loop / "rounds.jsonl").open("ab") as file:
        file.write(b'{"number": 2, "agent": "')
    page = page_of(loop)
    assert "Rounds 1 of 3 Not at its end" in words_of(page)
    assert "round 2" in island(page, "rows")["names"]
    begun = make_loop(tmp_path / "begun", [], measured=[0])
    assert "The base is not measured to its end yet. Rounds 0 of 3" in words_of(page_of(begun))


def test_rounds_whose_episodes_are_gone_are_told_without_them(tmp_path, open_page):
    loop = make_loop(tmp_path / "loop", [made_round(0, 0.4), made_round(1, 0.5)], measured=[])
    assert write_report([loop]).episodes == 0
    page = open_page(loop / "report.html")
    assert page.locator("#count").inner_text() == "0 episodes"
    assert "0.500" in page.locator(".loop").inner_text()


def test_a_loop_without_an_episode_has_nothing_to_report(tmp_path):
    with pytest.raises(NothingToReport, match=r"no episode is recorded in .*loop yet; play some with `rsi improve"):
        write_report([make_loop(tmp_path / "loop", [])])


def test_rounds_that_cannot_be_read_are_named(tmp_path):
    loop = make_loop(tmp_path / "loop", [made_round(0, 0.4)])
    with (loop / "rounds.jsonl").open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(RunFolderBroken, match=r"rounds\.jsonl, line 2: no record of a round"):
        write_report([loop])


def test_loops_and_runs_share_a_page_on_which_generations_are_told_apart(tmp_path):
    loops = [make_loop(tmp_path / name, [made_round(0, 0.4), made_round(1, 0.5)]) for name in ("one", "other")]
    run = make_run(tmp_path / "run", [episode("plain", 0)])
    written = write_report([*loops, run], tmp_path / "all.html")
    page = Path(written.path).read_text("utf-8")
    assert page.count('<section class="loop"') == 2
    assert "<title>one, other, run · report</title>" in page
    names = island(page, "rows")["names"]
    assert {"one, base", "one, round 1", "other, base", "other, round 1", "plain"} <= set(names)


@pytest.mark.parametrize(
    ("p", "difference", "said"),
    [(0.01, -0.2, "is worse than the base"), (0.2, 0.1, "can't be told from the base"), (0.049, 0.1, "is better than")],
)
def test_the_conclusion_says_no_more_than_the_test_does(tmp_path, p, difference, said):
    found = Paired(difference, None, p, EPISODES)
    loop = make_loop(tmp_path / "loop", [made_round(0, 0.4), made_round(1, 0.5, against_base=found)])
    assert f"of round 1, {said}" in open_loop(loop).conclusion


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(open_page, gamed, width, scheme):
    write_report([gamed])
    page = open_page(gamed / "report.html", width=width, color_scheme=scheme)
    assert page.evaluate(NO_OVERFLOW)
    for summary in page.locator(".loop summary").all():
        summary.click()
    assert page.evaluate(NO_OVERFLOW)
    paper, ink = page.evaluate(
        "['html', '.curves path.line-0'].map((one) => getComputedStyle(document.querySelector(one)))"
        ".map((style, i) => i ? style.stroke : style.backgroundColor)"
    )
    assert paper != ink


@pytest.mark.parametrize("width", [360, 1280])
def test_whatever_agents_and_notes_say_nothing_runs(open_page, tmp_path, width):
    rounds = [made_round(0, 0.4, agent=HOSTILE[0])]
    for number, text in enumerate((text.replace("\ud800", "") for text in HOSTILE), start=1):
        measures, files = {text: 0.5, f"{text} ": 0.25}, {text: text}
        rounds.append(
            made_round(number, 0.5, agent=text * 20, note=text, brakes=(text,), files=files, measures=measures)
        )
    loop = make_loop(tmp_path / "loop", rounds, base="a" + HOSTILE[1], rounds=9)
    page = page_of(loop)
    assert "<img" not in page
    assert "&lt;img src=x onerror=" in page
    assert "turned [U+202E]gnp.exe" in page
    shown = open_page(loop / "report.html", width=width)
    assert shown.evaluate("document.querySelectorAll('.loop :is(script, img, iframe, a, style, meta)').length") == 0
    assert shown.evaluate(NO_OVERFLOW)


def test_a_screen_reader_finds_the_figures_of_every_curve(open_page, gamed):
    write_report([gamed])
    page = open_page(gamed / "report.html")
    tree = page.locator(".loop").aria_snapshot()
    for piece in ('heading "rest_em" [level=2]', 'img "Score, round by round; in figures below"', 'table "Rounds"'):
        assert piece in tree
    assert page.locator(".loop figure svg.curves[role=img]").count() == page.locator(".loop figure table").count()
