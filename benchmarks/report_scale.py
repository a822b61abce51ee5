# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How a report bears many episodes: seconds and memory to write it, its bytes, and how soon a browser shows it.

The episodes are made up: each is a conversation of several turns whose text is as varied as prose, and hence as hard
to compress. The browser is Chromium through Playwright; without one, that part is left out.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from contest.command import read
from rsi_agents.faults import Fault
from rsi_agents.plan import Plan
from rsi_agents.records import EpisodeRecord, RunFolder
from rsi_agents.records.reading import EPISODES_FILE
from rsi_agents.rollout import Step
from rsi_envs.core.budget import Usage
from rsi_envs.core.verdict import Verdict

AGENTS = ("llm:openai/large", "llm:openai/small?temperature=0", "reference:slow", "random")
STARTED = "2026-01-02T03:04:05+00:00"
FAULTY = 0.02
MEASURE = """
import resource, sys, time
from rsi_agents.report import write_report
started = time.monotonic()
written = write_report([sys.argv[1]])
print(time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, written.cut_texts)
"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def main() -> None:
    """Makes the episodes, writes the report, opens it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=4, help="turns of an episode")
    parser.add_argument("--words", type=int, default=120, help="words of a turn")
    parser.add_argument("--keep", type=Path, help="keep the run in this folder")
    options = read(parser, episodes=400)
    folder = options.keep or Path(tempfile.mkdtemp())
    try:
        per_agent = max(1, options.episodes // len(AGENTS))
        with RunFolder.create(folder, Plan("rsi/Code-v0", AGENTS, per_agent)):
            pass
        # Written at once: what is measured is the report, and not the records' care for each line.
        with (folder / EPISODES_FILE).open("wb") as file:
            file.writelines(record.to_line() for record in made(per_agent, options.turns, options.words))
        print(f"{per_agent * len(AGENTS):,} episodes, records of {size_of(folder / EPISODES_FILE)}")
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(folder)], capture_output=True, text=True, check=True, timeout=1800
        )
        seconds, memory, cut = done.stdout.split()
        print(f"written in {float(seconds):.1f} s with {float(memory) / 1e6:.0f} MB of memory at most")
        print(f"report of {size_of(folder / 'report.html')}; {int(cut):,} texts cut")
        print(shown(folder / "report.html"))
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def made(per_agent: int, turns: int, words: int) -> Iterator[EpisodeRecord]:
    """Makes episodes up."""
    draw = random.Random(0)
    dictionary = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 10))) for _ in range(5_000)]

    def text() -> str:
        return " ".join(draw.choices(dictionary, k=words))

    for index in range(per_agent):
        for place, agent in enumerate(AGENTS):
            usage = Usage(words * turns, words * turns // 2, 0.0001 * turns, turns)
            if draw.random() < FAULTY:
                fault = Fault("SandboxGone", f"no sandbox, says {draw.choice(dictionary)}", "environment", text())
                yield EpisodeRecord(agent, f"task-{index}", index, index, STARTED, 1.0, usage, fault=fault)
                continue
            score = min(1.0, max(0.0, draw.gauss(0.7 - 0.15 * place, 0.2)))
            verdict = Verdict(score=score, passed=score > 0.5, parts={"correctness": score}, reason="As it was drawn.")
            steps = tuple(
                Step(text(), score * (turn == turns - 1), turn == turns - 1, False, text(), {}) for turn in range(turns)
            )
            yield EpisodeRecord(
                agent, f"task-{index}", index, index, STARTED, draw.random() * 10, usage,
                observation=text(), info={"task_id": f"task-{index}"}, steps=steps, verdict=verdict,
            )  # fmt: skip


def shown(page_file: Path) -> str:
    """Opens the report: when something was painted, when the list stood, and how long an episode took to open."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return "not opened: no playwright; pip install playwright"
    chromium = shutil.which("chromium")
    if chromium is None:
        return "not opened: no chromium; apt-get install chromium"
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        except Error as error:
            return f"not opened: {error}"
        page = browser.new_page()
        page.goto(page_file.as_uri(), wait_until="commit")
        page.wait_for_selector("#rows-shown tr")
        listed_ms = page.evaluate("performance.now()")
        page.wait_for_load_state("load")
        loaded_ms, paint_ms = page.evaluate("performance.now()"), page.evaluate(PAINT)
        started = time.monotonic()
        page.locator("#rows-shown a").last.click()
        page.wait_for_selector("dialog[open] .section, dialog[open] .verdict")
        opened_s = time.monotonic() - started
        browser.close()
    return (
        f"first paint after {paint_ms / 1e3:.2f} s, list after {listed_ms / 1e3:.2f} s, whole file after "
        f"{loaded_ms / 1e3:.2f} s, an episode opened in {opened_s:.2f} s"
    )


def size_of(path: Path) -> str:
    """Its size in words."""
    return f"{path.stat().st_size / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
