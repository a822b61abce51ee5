# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A small text environment in which length counts nothing, an agent that talks and judges there, and its teacher."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np

from rsi_agents.loops.lessons import read_rows
from rsi_envs.core.budget import Budget, Usage
from rsi_envs.core.judgements import written
from rsi_envs.core.judging import JudgingTask, Ranking
from rsi_envs.core.tasks import Split, TaskSet
from rsi_envs.core.text import Opening, TextEnv, Turn
from rsi_envs.core.verdict import Verdict

TALKING = "test/Talking-v0"
TALKER = "python:tests.agents.loops.talking:Talker"
TALK_TEACHER = "tests.agents.loops.talking:TalkTeacher"
FILLER = "well"
FILLERS = 8
"""Fillers that a talker says at most before it has learned."""


@dataclass(frozen=True, slots=True)
class Word:
    id: str
    split: Split
    word: str


def _words(leaked: bool) -> TaskSet[Word]:
    words = [Word(f"train/{word}", "train", word) for word in ("ash", "beech", "elm", "fir", "oak", "yew")]
    words += [Word(f"test/{word}", "test", word) for word in ("heron", "lark", "owl", "rook", "swift", "wren")]
    return TaskSet("words", [*words, Word("train/again", "train", "wren")] if leaked else words)


class TalkingEnv(TextEnv):
    """Say a word, among whatever others; `leaked` has a task of the test split in the train split too."""

    def __init__(self, *, render_mode: str | None = None, split: Split = "train", leaked: bool = False) -> None:
        super().__init__(render_mode=render_mode, split=split)
        self._words = _words(leaked)

    def task_ids(self, split: Split | None = None) -> tuple[str, ...]:
        return self._words.ids(split)

    def reference_action(self, level: str) -> str:
        return {"good": f"Here it is, {self._word.word}.", "best": self._word.word}[level]

    def reference_worth(self) -> dict[str, float]:
        return {"good": 0.5, "best": 1.0}

    def _open(self, task_id: str | None) -> Opening:
        self._word = self._words.get(task_id) if task_id else self._words.pick(self.np_random, self.split)
        return Opening(f"Say the word {self._word.word!r}.", self._word.id, self._word.split)

    def _respond(self, action: str) -> Turn:
        said = self._word.word in action
        return Turn("Done.", float(said), terminated=True, verdict=Verdict(float(said), said))

    def _refuse(self, reason: str) -> Turn:
        return Turn(reason, terminated=True, verdict=Verdict(0.0, False), malformed=reason)


gym.register(TALKING, entry_point=TalkingEnv)


class Talker:
    """Says fillers and a word, in half of its replies backwards, before it has learned; judges, writes, rates as told.

    Args:
        habits: What it has been taught: a file of what to say besides.
        judges: "fair" by whether the word is there, "moody" likewise in three judgements of four, "length", "place" by
            the order of candidates, "babble" without a ranking.
        writes: What assignments it writes: "words", "nothing", or the "text" itself.
        rates: Its rating of a pair: "fair" by whether the assignment's word is there, else what it always says.
        budget: Ten tokens an action are charged to it.
    """

    judged: ClassVar[Counter[str]] = Counter()
    """How often each question was asked, by itself and the seed."""
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self,
        *,
        habits: str = "",
        judges: str = "fair",
        writes: str = "words",
        rates: str = "fair",
        budget: Budget | None = None,
    ) -> None:
        untaught = [[said, fillers] for said in (False, True) for fillers in range(FILLERS + 1)]
        self._habits = json.loads(Path(habits).read_text()) if habits else untaught
        self._judges, self._writes, self._rates = judges, writes, rates
        self._budget = budget or Budget()
        self.usage = Usage()

    def reset(self, seed: int | None) -> None:
        self._seed = seed
        self._rng = np.random.default_rng([5, seed or 0])
        self.usage = Usage()

    def act(self, observation: str, info: Mapping[str, Any]) -> str:
        self._budget.check()
        spent = Usage(prompt_tokens=8, completion_tokens=2, calls=1)
        self._budget.charge(spent)
        self.usage += spent
        if "judging" in info:
            return self._judge(observation, JudgingTask.from_dict(info["judging"]))
        if "Write the assignment" in observation:
            return self._write(observation)
        if "rating from 1 to 5" in observation or "Rate the pair again" in observation:
            return self._rate(observation)
        said, fillers = self._habits[int(self._rng.integers(len(self._habits)))]
        word = observation.split("'")[1]
        return " ".join([FILLER] * fillers + [word if said else word[::-1]])

    def _judge(self, observation: str, task: JudgingTask) -> str:
        with self._lock:
            self.judged[f"{observation} {self._seed}"] += 1
        if self._judges == "babble":
            return "Both are so very nice."
        if self._judges == "length":
            return written(Ranking.of_scores(list(map(len, task.candidates)), rationale="The longer, the better."))
        if self._judges == "place":
            return written(Ranking(tuple((i,) for i in range(len(task.candidates)))))
        wanted = '"rationale": "It holds' if "judgement" in task.criteria else task.assignment.split("'")[1]
        order = Ranking.of_scores([wanted in text for text in task.candidates], rationale=f"It holds {wanted}.")
        if self._judges == "moody" and "judgement" not in task.criteria and self._rng.random() < 0.25:
            return written(Ranking(order.order[::-1], "Today I like it less."))
        return written(order)

    def _write(self, observation: str) -> str:
        text = observation.split("]]\n")[1].split("\n[[")[0] if "]]\n" in observation else ""
        assignment = f"Say in a sentence: {text.split(' ')[-1].strip('.')!r}"
        return {"words": assignment, "nothing": " ", "text": text}[self._writes]

    def _rate(self, observation: str) -> str:
        if self._rates != "fair":
            return self._rates
        return f"I looked at it.\nScore: {5 if 'Here i' in observation else 2}"


class TalkTeacher:
    """Teaches a `Talker` to do as what it is shown as good does."""

    def train(self, agent: str, rows: Path, out: Path, *, seed: int) -> None:
        habits = []
        for row in read_rows(rows):
            if row["role"] == "actor":
                text = (row.get("completion") or row["chosen"])[-1]["content"]
                fillers = text.split().count(FILLER)
                habits.append([row["prompt"][0]["content"].split("'")[1] in text, fillers])
        out.write_text(json.dumps(habits))

    def named(self, agent: str, learned: Path) -> str:
        head, _, query = agent.partition("?")
        kept = [setting for setting in query.split("&") if setting and not setting.startswith("habits=")]
        return f"{head}?{'&'.join([*kept, f'habits={learned}'])}"
