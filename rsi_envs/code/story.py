# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An attempt at a programming task told as programs with what came of their tests, and a race with the references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rsi_envs.code.grading import Outcome
from rsi_envs.code.parsing import extract_program
from rsi_envs.code.reward import NOISE_MARGIN
from rsi_envs.code.types import Case
from rsi_envs.core.story import Check, Played, Program, Section, Table
from rsi_envs.core.storytelling import last_info, put_together, talk

_SECONDS = "seconds_"


def example_results(examples: Sequence[Case], outcomes: Sequence[Outcome]) -> list[dict[str, str]]:
    """Records what came of the visible examples: each one's `call`, and its `problem`, empty where it passed."""
    return [
        {"call": case.source, "problem": "" if outcome.passed else f"expected {case.result}, but it {outcome.why}"}
        for case, outcome in zip(examples, outcomes, strict=True)
    ]


def hidden_results(outcomes: Sequence[Outcome]) -> list[str]:
    """Records what came of the hidden tests: empty for each that passed, and no more than in what way one failed."""
    return [str(outcome.failure or "") for outcome in outcomes]


def code_story(episode: Played) -> tuple[Section, ...]:
    """Tells every program with its tests, how fast the last was, and what was said."""
    return put_together(episode, _programs, _race, talk)


def _programs(episode: Played) -> Iterator[Section]:
    entry_point = str((episode.info or {}).get("entry_point", ""))
    found = [(extract_program(step.action, entry_point), step.info) for step in episode.steps]
    programs = [(source, info) for source, info in found if source is not None]
    for number, (source, info) in enumerate(programs, start=1):
        title = f"Program {number} of {len(programs)}" if len(programs) > 1 else "Program"
        yield Program(title, source, (*_examples(info), *_hidden(info)))


def _examples(info: Mapping[str, Any]) -> Iterator[Check]:
    for example in info.get("examples", ()):
        yield Check(str(example["call"]), not example["problem"], str(example["problem"]))


def _hidden(info: Mapping[str, Any]) -> Iterator[Check]:
    problems = info.get("hidden_tests", ())
    for number, problem in enumerate(problems, start=1):
        yield Check(f"hidden test {number} of {len(problems)}", not problem, str(problem))


def _race(episode: Played) -> Iterator[Section]:
    verdict = last_info(episode)["verdict"]
    parts = verdict["parts"]
    own = float(parts["seconds"])
    rows = [("this program", f"{own:.4f}", "1.00", "")]
    for level, seconds in parts.items():
        if level.startswith(_SECONDS):
            beaten = "yes" if seconds > own * NOISE_MARGIN else "no"
            rows.append((level.removeprefix(_SECONDS), f"{seconds:.4f}", f"{seconds / own:.2f}", beaten))
    title = f"Run time: {verdict['references_beaten']} of {verdict['references']} references beaten"
    yield Table(title, ("program", "seconds", "times this program's", "beaten"), tuple(rows))
