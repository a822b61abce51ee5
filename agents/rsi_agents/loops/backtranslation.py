# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`backtranslation`: from good texts to the assignments that they answer, and from both to a better writer.

Source: X. Li et al., Self-alignment with instruction backtranslation, 2023 (2308.06259): assignments are written once;
each generation rates the pairs that the next one learns from; and training starts from the base every time. The base
itself is asked for the assignments here, where the paper trains a model for that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from statistics import fmean, pstdev
from typing import Annotated, Any

from pydantic import Field

from rsi_agents.loops import prompts
from rsi_agents.loops.asking import Asked
from rsi_agents.loops.contract import Proposal, Round, tasks_plan
from rsi_agents.loops.given_texts import read_texts
from rsi_agents.loops.judged import text_of
from rsi_agents.loops.lessons import Example, HeldOutTasks, Origin, digest, origin_of, read_rows
from rsi_agents.loops.minutes import Minutes, pausing
from rsi_agents.loops.proposing import Teaching
from rsi_agents.loops.updating import Updater
from rsi_agents.records import EpisodeRecord
from rsi_envs.core.parallel import in_parallel
from rsi_envs.core.untrusted import fenced, nonce_for

LOWEST, HIGHEST = 1, 5
"""Ratings."""
_PAIRS, _ANSWERS, _REFERENCES = "pairs.jsonl", "answers.jsonl", "references"
_SCORE = re.compile(rf"Score: ([{LOWEST}-{HIGHEST}])")


@dataclass(frozen=True, slots=True)
class Pair:
    """A text and the assignment that was written for it."""

    assignment: str
    text: str
    origin: Origin
    """The text's."""


class Backtranslation:
    """Has assignments written for good texts, keeps the pairs that a generation rates well, and teaches the base them.

    Args:
        updater: How a generation is made of the pairs.
        texts: A JSON Lines file of texts; see `read_texts`. None takes the references of the split that the loop learns
            from. The loop's `sample.tasks` bounds either.
        levels: Which references, by their levels; tasks that lack one are passed over.
        least: The rating, 1 to 5, that a pair must get.
        concurrency: Questions asked at the same time.
        unleashed: Whether `UNLEASHED` stands before each assignment in what is taught.

    Raises:
        InvalidLoop: The file can't be used; the message names the line.
    """

    def __init__(
        self,
        *,
        updater: Updater,
        texts: str | None = None,
        levels: Annotated[tuple[str, ...], Field(min_length=1)] = ("good", "excellent"),
        least: Annotated[int, Field(ge=LOWEST, le=HIGHEST)] = 4,
        concurrency: Annotated[int, Field(ge=1)] = 4,
        unleashed: bool = False,
    ) -> None:
        self._file, self._given = texts, [] if texts is None else read_texts(texts)
        self._levels, self._least, self._concurrency = levels, least, concurrency
        # Each generation rates the same pairs again, so that none is left to replay.
        self._teaching = Teaching(updater, replay=0, unleashed=unleashed)

    def propose(self, round_: Round) -> Proposal:
        """Makes the next generation; see `Loop.propose`."""
        minutes = Minutes(round_.path / _ANSWERS)
        earlier = round_.earlier(_PAIRS)
        written = earlier[-1] if earlier else round_.once(_PAIRS, lambda path: self._write(path, round_, minutes))
        rows = list(read_rows(written))
        pairs = [_pair(row) for row in rows if row["assignment"] is not None]
        asked = Asked(round_.parent, minutes, system_prompt=prompts.BACKTRANSLATION_SYSTEM, budget=round_.budget)
        with pausing(round_.path):
            calls = [partial(_rating, asked, pair, round_.seed + i) for i, pair in enumerate(pairs)]
            ratings = in_parallel(calls, self._concurrency)
        rated = [(pair, rating) for pair, rating in zip(pairs, ratings, strict=True) if rating is not None]
        kept = [_example(pair, rating) for pair, rating in rated if rating >= self._least]
        measures: dict[str, float] = {
            "texts": len(rows),
            "written": len(pairs),
            "rated": len(rated),
            "selected": len(kept),
        }
        if pairs:
            measures["abstentions"] = 1 - len(rated) / len(pairs)
        if rated:
            said = [rating for _, rating in rated]
            measures |= {"rating": fmean(said), "rating_spread": pstdev(said)}
        return self._teaching.proposal(
            round_,
            round_.base,
            kept,
            note=f"learned from {len(kept)} of {len(rows)} texts",
            nothing=self._why_none(len(rows), len(pairs), len(rated)),
            measures=measures,
        )

    def proxy(self, round_: Round, records: Sequence[EpisodeRecord]) -> None:
        """Ratings are of pairs that no generation made, so that they say nothing of one."""

    def _write(self, path: Path, round_: Round, minutes: Minutes) -> None:
        """Has the assignments written, in order; null where the answer could not be used."""
        texts = self._texts(round_)
        asked = Asked(round_.base, minutes, system_prompt=prompts.BACKTRANSLATION_SYSTEM, budget=round_.budget)
        with pausing(round_.path):
            calls = [partial(_assignment, asked, text, round_.seed + i) for i, (text, _) in enumerate(texts)]
            answers = in_parallel(calls, self._concurrency)
        with path.open("w", encoding="utf-8") as file:
            for (text, origin), assignment in zip(texts, answers, strict=True):
                file.write(json.dumps({"assignment": assignment, "text": text, "origin": asdict(origin)}) + "\n")

    def _texts(self, round_: Round) -> list[tuple[str, Origin]]:
        config = round_.config
        if self._file is not None:
            given = self._given[: config.sample.tasks]
            HeldOutTasks(config.env, config.env_args, config.held_out.split).check_texts(one.text for one in given)
            name = Path(self._file).name
            return [
                (one.text, Origin(config.env, one.id or f"{name}, line {number}", 0, "", name))
                for number, one in enumerate(given, start=1)
            ]
        texts: dict[str, tuple[str, Origin]] = {}
        for record in self._references(round_):
            if record.steps:
                text = text_of(record)
                texts.setdefault(digest(text), (text, origin_of(record, config.env)))
        return list(texts.values())

    def _references(self, round_: Round) -> list[EpisodeRecord]:
        config = round_.config
        agents = tuple(f"reference:{level}" for level in self._levels)
        plan = tasks_plan(
            config.env,
            agents[0],
            env_args=config.env_args,
            split=config.sample.split,
            tasks=config.sample.tasks,
            per_task=1,
            seed=round_.seed,
            concurrency=config.sample.concurrency,
            episode_timeout_s=config.sample.episode_timeout_s,
        )
        return round_.play(_REFERENCES, replace(plan, agents=agents))

    def _why_none(self, texts: int, written: int, rated: int) -> str:
        if not texts:
            levels = ", ".join(self._levels)
            why = "the file holds no text" if self._file else f"no task has a reference of the levels {levels}"
        elif not written:
            why = f"no assignment could be read for any of {texts} texts"
        elif not rated:
            why = f"no rating could be read for any of {written} pairs"
        else:
            why = f"none of {rated} pairs was rated {self._least} or better"
        return f"{why}, so there is nothing to learn from"


def rating_of(answer: str) -> int | None:
    """Reads a rating, 1 to 5: the last line must be "Score: N" and nothing else; None where it is not."""
    lines = answer.strip().splitlines()
    found = _SCORE.fullmatch(lines[-1].strip()) if lines else None
    return int(found[1]) if found else None


def _assignment(asked: Asked, text: str, seed: int) -> str | None:
    question = prompts.WRITE_ASSIGNMENT.format(text=fenced("text", text, nonce_for((text,))))

    def problem_of(answer: str) -> str | None:
        if not answer.strip():
            return "it is empty"
        return "it holds the text itself" if _plain(text) in _plain(answer) else None

    answer = asked.ask(question, problem_of, prompts.ASSIGNMENT_AGAIN, seed=seed)
    return None if answer is None else answer.strip()


def _rating(asked: Asked, pair: Pair, seed: int) -> int | None:
    nonce = nonce_for((pair.assignment, pair.text))
    shown = "\n\n".join((fenced("assignment", pair.assignment, nonce), fenced("text", pair.text, nonce)))

    def problem_of(answer: str) -> str | None:
        return None if rating_of(answer) else 'its last line is not "Score: N" with N from 1 to 5'

    answer = asked.ask(prompts.RATE_PAIR.format(pair=shown), problem_of, prompts.RATING_AGAIN, seed=seed)
    return None if answer is None else rating_of(answer)


def _pair(row: dict[str, Any]) -> Pair:
    return Pair(row["assignment"], row["text"], Origin(**row["origin"]))


def _example(pair: Pair, rating: int) -> Example:
    prompt = ({"role": "user", "content": pair.assignment},)
    completion = ({"role": "assistant", "content": pair.text},)
    return Example(prompt, completion, (rating - LOWEST) / (HIGHEST - LOWEST), pair.origin)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
