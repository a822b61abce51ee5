# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The page in a real browser."""

from __future__ import annotations

import random
import re

import pytest

from rsi_agents.report import page as page_module
from rsi_agents.report import write_report
from tests.report.made import HOSTILE, SECTIONS, episode, fault, make_run, unscored
from tests.report.story_env import TOLD_ANYWHERE

WIDTHS = (360, 768, 1280)
NO_OVERFLOW = """() => [document.documentElement, ...document.querySelectorAll('dialog[open]')].every(
    (element) => element.scrollWidth <= element.clientWidth)"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Three agents, every outcome, every kind of section."""
    folder = tmp_path_factory.mktemp("report")
    draw = random.Random(0)
    records = [
        episode(agent, i, score=round(min(1.0, max(0.0, draw.gauss(mean, 0.2))), 3), sections=SECTIONS)
        for i in range(40)
        for agent, mean in (("llm:a-model-with-a-long-name?temperature=0&seed=1", 0.7), ("weak", 0.4))
    ]
    records += [fault("weak", 41), unscored("weak", 42), episode("random", 0, score=0.0, sections=SECTIONS)]
    run = make_run(folder / "told", records, env_id=TOLD_ANYWHERE)
    other = make_run(folder / "adding", [episode("weak", 0), episode("random", 0, score=0.5)])
    write_report([run, other], folder / "report.html")
    return folder / "report.html"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Ten thousand episodes."""
    folder = tmp_path_factory.mktemp("large")
    draw = random.Random(0)
    records = (
        episode(f"agent-{i % 4}", i // 4, score=round(draw.random(), 6), text=f"answer {i}") for i in range(10_000)
    )
    run = folder / "run"
    lines = [record.to_line() for record in records]
    make_run(run, [], agents=[f"agent-{i}" for i in range(4)], episodes=2_500)
    (run / "episodes.jsonl").write_bytes(b"".join(lines))
    write_report([run])
    return run / "report.html"


def links(page) -> list[str]:
    return page.locator("#rows-shown a").all_inner_texts()


def open_first(page) -> None:
    page.locator("#rows-shown a").first.click()
    page.wait_for_selector("dialog[open] .section")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(open_page, report, width, scheme):
    page = open_page(report, width=width, color_scheme=scheme)
    assert page.evaluate(NO_OVERFLOW)
    open_first(page)
    assert page.evaluate(NO_OVERFLOW)


def test_dark_and_light_have_their_own_paper_and_readable_ink(open_page, report):
    colors = {}
    for scheme in ("light", "dark"):
        page = open_page(report, color_scheme=scheme)
        style = "(element) => [getComputedStyle(element).backgroundColor, getComputedStyle(element).color]"
        paper, ink = page.eval_on_selector("html", style)
        colors[scheme] = [sum(map(int, re.findall(r"\d+", color)[:3])) for color in (paper, ink)]
    assert colors["light"][0] - colors["light"][1] > 500
    assert colors["dark"][1] - colors["dark"][0] > 500


def test_every_kind_of_section_is_drawn(open_page, report):
    page = open_page(report)
    open_first(page)
    said = page.locator("dialog").inner_text()
    for piece in (
        "calls look",
        "Could not be read: no number",
        "return number * 2",
        "1 of 3 checks passed",
        "got 'aa'",
        "dark and stormy",
        "A > B",
        "abstained",
        "no ranking could be read",
        "Decided alike in both orders",
        "level\tworth",
        "First position, 0 of 3; White can expect 0.50",
    ):
        assert piece in said
    assert page.locator("dialog .square").count() == 64


def test_a_game_is_replayed_by_buttons_keys_moves_and_slider(open_page, report):
    page = open_page(report)
    open_first(page)
    position = page.locator(".position")
    current = page.locator(".moves [aria-current]")
    page.keyboard.press("ArrowRight")
    assert position.inner_text() == "After 1. e4, 1 of 3; White can expect 0.55"
    page.keyboard.press("End")
    assert (position.inner_text(), current.inner_text()) == ("After 2. Nf3, 3 of 3; White can expect 0.60", "Nf3")
    assert page.get_by_label("Next", exact=True).last.is_disabled()
    page.keyboard.press("ArrowLeft")
    assert position.inner_text() == "After 1… e5, 2 of 3"
    page.get_by_label("First position").click()
    assert page.locator(".squares").get_attribute("aria-label").endswith("White to move.")
    page.get_by_label("1… e5").click()
    assert "pawn e5" in page.locator(".squares").get_attribute("aria-label")
    page.get_by_label("Position", exact=True).focus()
    page.keyboard.press("End")
    assert position.inner_text().startswith("After 2. Nf3")
    assert page.locator(".squares .glyph").count() + page.locator(".squares svg.piece").count() == 32


def test_the_rooms_own_pieces_are_drawn_where_there_are_some(open_page, tmp_path, monkeypatch):
    page_module.piece_pictures.cache_clear()
    monkeypatch.setattr(page_module, "PIECES", "tests.report.test_page:fake_pieces")
    run = make_run(tmp_path / "run", [episode(sections=SECTIONS)], env_id=TOLD_ANYWHERE)
    write_report([run])
    page_module.piece_pictures.cache_clear()
    page = open_page(run / "report.html")
    open_first(page)
    assert page.locator(".squares svg.piece use").count() == 32
    assert page.locator("#piece-N circle").get_attribute("stroke") == "#000"


def test_pieces_are_letters_of_unicode_where_there_are_no_pictures(open_page, tmp_path, monkeypatch):
    page_module.piece_pictures.cache_clear()
    monkeypatch.setattr(page_module, "PIECES", "rsi_agents.nowhere:pieces")
    run = make_run(tmp_path / "run", [episode(sections=SECTIONS)], env_id=TOLD_ANYWHERE)
    write_report([run])
    page_module.piece_pictures.cache_clear()
    page = open_page(run / "report.html")
    open_first(page)
    assert page.locator(".squares .glyph.white").count() == page.locator(".squares .glyph.black").count() == 16


def fake_pieces() -> dict[str, str]:
    picture = '<g id="x"><circle cx="22" cy="22" r="15" style="fill: none; stroke:#000"/></g>'
    return dict.fromkeys("PNBRQKpnbrqk", picture)


def test_an_address_opens_its_episode_and_escape_closes_it(open_page, report):
    from playwright.sync_api import expect

    page = open_page(report)
    open_first(page)
    address = page.evaluate("location.hash")
    assert re.fullmatch("#episode=[0-9a-f]{12}", address)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog:not([open])", state="attached")
    assert page.evaluate("location.hash") == ""
    again = open_page(report, hash_=address)
    again.wait_for_selector("dialog[open] .section")
    assert again.locator("#episode-status").inner_text() == "Opened task-0"
    again.get_by_label("Next episode of the list").click()
    expect(again.locator("#episode-kicker")).to_contain_text("weak")
    assert again.evaluate("location.hash") != address


def test_an_address_of_no_episode_says_so(open_page, report):
    page = open_page(report, hash_="#episode=0123")
    page.wait_for_selector("dialog[open]")
    assert "There is no such episode" in page.locator("dialog").inner_text()


def test_an_episode_is_opened_and_closed_by_the_keyboard_alone(open_page, report):
    page = open_page(report)
    page.locator("#search").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#rows-shown a')"):
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] .section")
    assert page.evaluate("document.querySelector('dialog').contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('#rows-shown a')")


def test_ten_thousand_episodes_are_paged_sorted_and_searched(open_page, large):
    from playwright.sync_api import expect

    page = open_page(large)
    count, number = page.locator("#count"), page.locator("#page-number")
    assert (count.inner_text(), len(links(page))) == ("10,000 episodes", 50)
    page.get_by_role("button", name="Next", exact=True).click()
    assert number.inner_text() == "51 to 100, page 2 of 200"
    page.get_by_role("button", name="Last").click()
    assert number.inner_text() == "9,951 to 10,000, page 200 of 200"
    page.get_by_role("button", name="Score").click()
    heading = page.locator("th", has=page.get_by_role("button", name="Score"))
    assert heading.get_attribute("aria-sort") == "descending"
    scores = [float(cell) for cell in page.locator("#rows-shown td:nth-child(6)").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)
    assert number.inner_text() == "1 to 50, page 1 of 200"
    page.get_by_role("button", name="Score").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    page.get_by_label("Agent", exact=True).select_option("agent-2")
    assert count.inner_text() == "2,500 of 10,000 episodes"
    page.get_by_label("Outcome").select_option("passed")
    page.get_by_label("Search").fill("task-1234")
    shown = count.inner_text()
    assert shown in ("1 of 10,000 episodes", "0 of 10,000 episodes")
    page.get_by_role("button", name="Clear").click()
    expect(count).to_have_text("10,000 episodes")
    page.get_by_label("Search").fill("agent-3 task-2499")
    assert (count.inner_text(), links(page)) == ("1 of 10,000 episodes", ["task-2499"])
    page.locator("#rows-shown a").click()
    page.wait_for_selector("dialog[open] .section")
    assert "answer 9999" in page.locator("dialog").inner_text()


@pytest.mark.parametrize("width", [360, 1280])
def test_whatever_agents_say_nothing_runs_and_nothing_leaves(open_page, tmp_path, width):
    records = []
    for i, text in enumerate(HOSTILE):
        sections = hostile_sections(text)
        records.append(episode(text, 2 * i, task_id=text, text=text, observation=text, sections=sections))
        records.append(fault(text, 2 * i + 1, message=text))
    records.append(episode("long", 99, sections=hostile_sections("W" * 1_000_000)))
    run = make_run(tmp_path / "run", records, env_id=TOLD_ANYWHERE, agents=[*HOSTILE, "long"])
    write_report([run])
    page = open_page(run / "report.html", width=width)
    addresses = page.eval_on_selector_all("#rows-shown a", "links => links.map((link) => link.hash)")
    assert len(addresses) == len(records)
    for address in addresses:
        page.evaluate(f"location.hash = '{address}'")
        page.wait_for_selector("dialog[open] .verdict")
        assert page.evaluate("document.querySelectorAll('dialog :is(script, img, iframe, a, style, meta)').length") == 0
        assert page.evaluate(NO_OVERFLOW)
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog:not([open])", state="attached")


def hostile_sections(text):
    return [
        ("Conversation", {"title": text, "messages": [{"role": text, "text": text, "call": text, "malformed": text}]}),
        ("Program", {"title": text, "source": text, "checks": [{"name": text, "passed": False, "detail": text}]}),
        ("Writing", {"title": text, "text": text}),
        ("Votes", {"title": text, "votes": [{"judge": text, "ranking": text, "rationale": text}], "health": {}}),
        ("Table", {"title": text, "columns": [text], "rows": [[text]]}),
        ("Board", {"title": text, "positions": [text, text], "moves": [text], "evaluations": [None, 0.5]}),
    ]


def test_cut_texts_say_so_where_they_end(open_page, tmp_path):
    noise = "".join(map(chr, range(0x4E00, 0x9E00)))
    run = make_run(tmp_path / "run", [episode("a", i, text=noise + str(i)) for i in range(4)])
    write_report([run], max_bytes=90_000)
    page = open_page(run / "report.html")
    assert "4 texts are cut" in page.locator(".note").first.inner_text()
    open_first(page)
    assert re.search(r"… [\d,]+ characters are cut here; the records have them", page.locator("dialog").inner_text())


def test_the_rest_of_a_long_text_comes_by_a_button(open_page, tmp_path):
    text = "x" * 30_000 + "the end"
    run = make_run(tmp_path / "run", [episode(text=text)])
    write_report([run])
    page = open_page(run / "report.html")
    open_first(page)
    assert "the end" not in page.locator(".talk .agent").inner_text()
    page.get_by_role("button", name="Show 10,007 more characters").click()
    assert page.locator(".talk .agent .text").inner_text() == text


def test_a_screen_reader_finds_its_way(open_page, report):
    page = open_page(report)
    tree = page.locator("body").aria_snapshot()
    for piece in ("banner:", "main:", "search", "status", 'heading "Episodes" [level=2]', "contentinfo:", "rowheader"):
        assert piece in tree
    assert re.search(r'img "0\.\d+, 95% interval 0\.\d+ to 0\.\d+"', tree)
    assert page.evaluate("document.documentElement.lang") == "en"
    unnamed = """() => [...document.querySelectorAll('button, select, input, [role=region], table')].filter((element) =>
        !(element.textContent.trim() || element.ariaLabel || element.labels?.length || element.caption)).length"""
    assert page.evaluate(unnamed) == 0
    assert page.evaluate("[...document.querySelectorAll('th')].every((cell) => cell.scope)")
    open_first(page)
    assert page.evaluate(unnamed) == 0
    assert page.evaluate("[...document.querySelectorAll('th')].every((cell) => cell.scope)")
    dialog = page.locator("dialog").aria_snapshot()
    assert 'dialog "task-0"' in dialog
    assert "White: rook a1" in dialog.replace("'", "") or "White:" in dialog


def test_a_page_prints_what_is_open(open_page, report):
    page = open_page(report)
    page.emulate_media(media="print")
    assert not page.locator(".filters").is_visible()
    open_first_in_print(page)
    assert not page.locator("main").is_visible()
    assert page.locator("dialog .section").first.is_visible()


def open_first_in_print(page) -> None:
    address = page.eval_on_selector("#rows-shown a", "link => link.hash")
    page.evaluate(f"location.hash = '{address}'")
    page.wait_for_selector("dialog[open] .section")
