# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A trial told as the candidates in their true order, what the judge said of them, and how right it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rsi_envs.core.judgements import read
from rsi_envs.core.judging import LABELS, JudgingTask, Ranking
from rsi_envs.core.story import CastVote, Played, PlayedStep, Section, Table, Votes, Writing
from rsi_envs.core.storytelling import demands_on, last_info, put_together, ranked, talk

JUDGE = "the agent"


def judge_story(episode: Played) -> tuple[Section, ...]:
    """Tells a trial: what was judged, how, how rightly, and all that was said."""
    return put_together(episode, _judged, _votes, _rightness, talk)


def _judged(episode: Played) -> Iterator[Section]:
    task = _task(episode)
    yield Writing("Assignment", str(task.assignment))
    places = _places(last_info(episode).get("truth"), len(task.candidates))
    constraints = [constraint.as_dict() for constraint in task.constraints]
    for i, text in enumerate(task.candidates):
        place = f", in truth {places[i]} of {len(places)}" if i in places else ""
        yield Writing(f"Candidate {LABELS[i]}{place}", str(text), demands_on(str(text), constraints))


def _task(episode: Played) -> JudgingTask:
    """Reads what the first question was about."""
    return JudgingTask.from_dict((episode.info or {})["judging"])


def _places(truth: Any, count: int) -> dict[int, int]:
    """Reads each candidate's place from the right ranking, tied ones the same; empty where it is not recorded."""
    ranking = read(json.dumps({"ranking": truth}), count).ranking
    order = ranking.order if ranking else ()
    return {i: 1 + sum(map(len, order[:above])) for above, group in enumerate(order) for i in group}


def _votes(episode: Played) -> Iterator[Section]:
    count = len(_task(episode).candidates)
    # A second question shows the same candidates in reverse.
    shown = tuple(range(count))
    votes = []
    for step in episode.steps:
        ranking, problem = _heard(step, count)
        if ranking is None:
            votes.append(CastVote(JUDGE, "", "", abstained=problem))
        else:
            order = ranked(ranking.seen_from(shown).order, shown, dict(enumerate(LABELS)))
            votes.append(CastVote(JUDGE, order, ranking.rationale))
            shown = shown[::-1]
    yield Votes("The judgement", tuple(votes), {})


def _heard(step: PlayedStep, count: int) -> tuple[Ranking | None, str]:
    """Reads a ranking as the environment did, or why there is none."""
    reading = read(step.action, count)
    problem = step.info.get("malformed") or reading.problem
    return (None, str(problem)) if problem else (reading.ranking, "")


def _rightness(episode: Played) -> Iterator[Section]:
    last = last_info(episode)
    rows = [("the right ranking", str(last["truth"]))] if "truth" in last else []
    verdict = last["verdict"]
    rows += [("ranked rightly", "yes" if verdict["passed"] else "no")] if "passed" in verdict else []
    rows += [(name, f"{float(value):.3g}") for name, value in verdict["parts"].items()]
    yield Table("How right it is", ("measure", "value"), tuple(rows))
