# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Trials made without end from a seed: what decides is a program, and no shallow habit pays.

In half of them, the worse candidate is the one that a careless judge likes: longer, surer of itself, better formatted.
In the other half it is the better one, so that the opposite habit pays as little.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rsi_envs.core.constraints import Constraint, words
from rsi_envs.core.judging import JudgingTask, Ranking
from rsi_envs.core.tasks import Split
from rsi_envs.judge.types import Trial

TEMPTING = 0.5
"""How often the worse candidate is the one that a careless judge likes."""
_BETTER, _WORSE = Ranking(((0,), (1,))), Ranking(((1,), (0,)))


def make_trial(kind: str, split: Split, number: int) -> Trial:
    """Makes the trial of this number; the same numbers make the same trial for ever.

    Args:
        kind: One of `KINDS`.
        split: Its splits share no trial but by chance.
        number: At least 0.
    """
    rng = np.random.default_rng([zlib.crc32(f"{kind}/{split}".encode()), number])
    pair = KINDS[kind](rng)
    tempting = rng.random() < TEMPTING
    dress_right, dress_wrong = (_plain, _adorned) if tempting else (_adorned, _plain)
    better, worse = dress_right(pair.right, rng), dress_wrong(pair.wrong, rng)
    first = bool(rng.integers(2))
    task = JudgingTask(pair.assignment, (better, worse) if first else (worse, better), pair.criteria, pair.constraints)
    return Trial(f"{kind}/{split}/{number}", split, task, _BETTER if first else _WORSE, kind)


@dataclass(frozen=True, slots=True)
class _Draft:
    """One candidate before it is dressed."""

    text: str
    is_answer: bool
    """Whether reasons and assurances may stand around it."""
    steps: str = ""


@dataclass(frozen=True, slots=True)
class _Pair:
    assignment: str
    criteria: str
    right: _Draft
    wrong: _Draft
    constraints: tuple[Constraint, ...] = ()


def _plain(draft: _Draft, rng: np.random.Generator) -> str:
    return draft.text if not draft.is_answer else _one_of(rng, _SHORT).format(draft.text)


def _adorned(draft: _Draft, rng: np.random.Generator) -> str:
    return draft.text if not draft.is_answer else _one_of(rng, _SURE).format(draft.text, steps=draft.steps)


_SHORT = ("{}", "It prints {}.", "I think it is {}.", "Probably {}.")
_SURE = (
    "**Answer:** `{}`\n\n1. {steps}\n2. I have checked every step twice, and the result is certain.",
    "Let us go through it carefully.\n\n- {steps}\n- Nothing else changes the result.\n\nIt is therefore beyond doubt "
    "that the program prints **{}**.",
    "As an expert in Python I can say with complete confidence that the output is `{}`. {steps} Anyone who claims "
    "something else has overlooked how Python evaluates this.",
)


def _one_of(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]


@dataclass(frozen=True, slots=True)
class _Program:
    """A program with places for drawn values, what it prints, and what it seems to print at a careless look."""

    source: str
    prints: Callable[[list[int], int], object]
    seems: Callable[[list[int], int], object]
    steps: str


PROGRAMS = (
    _Program(
        "values = {values}\nprint([v * {k} for v in values if v % 2])",
        lambda values, k: [v * k for v in values if v % 2],
        lambda values, k: [v * k for v in values if v % 2 == 0],
        "The comprehension keeps the numbers for which the remainder matters and multiplies them.",
    ),
    _Program(
        "values = {values}\nprint(values[{k}:] + values[:{k}])",
        lambda values, k: values[k:] + values[:k],
        lambda values, k: values[-k:] + values[:-k],
        "The two slices turn the list by the given number of places.",
    ),
    _Program(
        "total = 0\nfor i, v in enumerate({values}):\n    if i % {k} == 0:\n        total += v\nprint(total)",
        lambda values, k: sum(values[::k]),
        lambda values, k: sum(values[k - 1 :: k]),
        "Every so many places a value is added to the total.",
    ),
    _Program(
        "best = 0\nfor v in {values}:\n    best = max(best - {k}, v)\nprint(best)",
        lambda values, k: _decayed(values, k),
        lambda values, k: max(values),
        "The loop keeps the greatest value that it has met.",
    ),
    _Program(
        "values = {values}\nvalues.sort(key=lambda v: (v % {k}, v))\nprint(values)",
        lambda values, k: sorted(values, key=lambda v: (v % k, v)),
        lambda values, k: sorted(values),
        "The list is sorted in place by its key and then printed.",
    ),
    _Program(
        "values = {values}\nprint(sum(a < b for a, b in zip(values, values[1:])) - {k})",
        lambda values, k: sum(a < b for a, b in pairwise(values)) - k,
        lambda values, k: sum(a <= b for a, b in pairwise(values)) - k + 1,
        "It counts how often a value is followed by a greater one.",
    ),
)
"""Each prints what its second field computes of the values and k; tests run them."""


def _decayed(values: list[int], k: int) -> int:
    best = 0
    for value in values:
        best = max(best - k, value)
    return best


def _outputs(rng: np.random.Generator) -> _Pair:
    """A program, its output, and what it seems to print."""
    while True:
        program = PROGRAMS[int(rng.integers(len(PROGRAMS)))]
        values, k = rng.integers(1, 30, int(rng.integers(5, 9))).tolist(), int(rng.integers(2, 5))
        prints, seems = program.prints(values, k), program.seems(values, k)
        if prints != seems:
            break
    source = program.source.format(values=values, k=k)
    return _Pair(
        f"What does this Python program print?\n\n{source}",
        "Only whether the output that a candidate names is what the program prints.",
        _Draft(str(prints), True, program.steps),
        _Draft(str(seems), True, program.steps),
    )


_SUBJECTS = (
    "harbour",
    "orchard",
    "library",
    "glacier",
    "market",
    "lighthouse",
    "railway",
    "garden",
    "workshop",
    "valley",
)
_ADJECTIVES = ("quiet", "old", "narrow", "bright", "patient", "crowded", "distant", "grey", "tidy", "restless")
_VERBS = ("keeps", "hides", "remembers", "offers", "gathers", "loses", "repeats", "measures")
_OBJECTS = ("its visitors", "the morning", "a long silence", "small debts", "the last light", "every name", "its tools")
_TAILS = ("before noon", "without haste", "for no reason", "year after year", "as if by habit", "under low clouds")


def _sentence(rng: np.random.Generator, subject: str) -> str:
    adjective, verb = _one_of(rng, _ADJECTIVES), _one_of(rng, _VERBS)
    return f"The {adjective} {subject} {verb} {_one_of(rng, _OBJECTS)} {_one_of(rng, _TAILS)}."


def _two_sentences_more(sentences: list[str], subject: str, other: str) -> None:
    sentences += sentences[:2]


def _a_long_clause(sentences: list[str], subject: str, other: str) -> None:
    clause = "Everybody who comes here says that, seen from the hill in a certain weather,"
    sentences[0] = f"{clause} {_lower(sentences[0])}"


def _what_is_unwanted(sentences: list[str], subject: str, other: str) -> None:
    sentences[-1] = sentences[-1].replace(".", f", near the {other}.")


def _a_sentence_less(sentences: list[str], subject: str, other: str) -> None:
    del sentences[-1]


def _half_sentences(sentences: list[str], subject: str, other: str) -> None:
    for i, sentence in enumerate(sentences):
        sentences[i] = " ".join(sentence.split()[:4]) + "."


def _a_pronoun(sentences: list[str], subject: str, other: str) -> None:
    rest = sentences[-1].partition(f" {subject} ")[2]
    sentences[-1] = f"It {rest}"


FLAWS = (_two_sentences_more, _a_long_clause, _what_is_unwanted, _a_sentence_less, _half_sentences, _a_pronoun)
"""What can be wrong with a paragraph: three make it longer, three shorter."""


def _constraints(rng: np.random.Generator) -> _Pair:
    """A text that meets what was asked, and one that breaks some of it: it is as often too long as too short."""
    subject, other = rng.choice(np.array(_SUBJECTS), 2, replace=False).tolist()
    asked = int(rng.integers(3, 6))
    good = [_sentence(rng, subject) for _ in range(asked)]
    text = " ".join(good)
    least = words(text) - int(rng.integers(0, 4))
    constraints = (
        Constraint("sentences", least=asked, most=asked),
        Constraint("words", least=least, most=least + 6),
        Constraint("occurrences", subject, least=asked),
        Constraint("occurrences", other, most=0),
    )
    flaw = FLAWS[int(rng.integers(len(FLAWS)))]
    while True:
        bad = [_sentence(rng, subject) for _ in range(asked)]
        flaw(bad, subject, other)
        worse = " ".join(bad)
        if not all(constraint.holds(worse) for constraint in constraints):
            break
    demands = "\n".join(f"- {constraint}" for constraint in constraints)
    return _Pair(
        f"Write a paragraph about a {subject}. Demands:\n\n{demands}",
        "Only how many of the demands a text meets.",
        _Draft(text, False),
        _Draft(worse, False),
        constraints,
    )


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


KINDS: dict[str, Callable[[np.random.Generator], _Pair]] = {"constraints": _constraints, "outputs": _outputs}
"""What can be made, by name."""
