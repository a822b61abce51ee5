# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a program can check about a text: its length, its form, what it holds and what it lacks.

A constraint bounds a number that is measured, so that task files carry it as data:

    {"kind": "words", "least": 80, "most": 120}
    {"kind": "occurrences", "text": "lighthouse", "least": 2}
    {"kind": "acrostic", "text": "SPRING", "least": 1}

Words are runs without white space that hold a letter or a digit. Lines that are blank do not count; paragraphs are
parted by blank lines. Letters' case and the kind of quotation mark do not matter where a text is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from rsi_envs.core.errors import InvalidOption
from rsi_envs.core.options import check_choice, check_count

# Possessive, so that a long run of marks is walked through once and not once from each of them.
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'\u2019\u201d)\]]*+(?=\s|$)")
_LIST_ITEM = re.compile(r"\s*(?:[-*•]|\d+[.)])\s+\S")
_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")


def words(text: str) -> int:
    """Counts the words."""
    return sum(any(map(str.isalnum, word)) for word in text.split())


def lines(text: str) -> list[str]:
    """Gives the lines that are not blank, without the white space around them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _paragraphs(text: str) -> int:
    blank = [not line.strip() for line in ("", *text.splitlines())]
    return sum(before and not here for before, here in pairwise(blank))


def _sentences(text: str) -> int:
    return len(_SENTENCE_END.findall(text))


def _questions(text: str) -> int:
    return sum("?" in end for end in _SENTENCE_END.findall(text))


def _list_items(text: str) -> int:
    return sum(bool(_LIST_ITEM.match(line)) for line in text.splitlines())


def _longest_line(text: str) -> int:
    return max(map(words, lines(text)), default=0)


def _shortest_line(text: str) -> int:
    return min(map(words, lines(text)), default=0)


def _occurrences(text: str, sought: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(_plain(sought))}(?!\w)", _plain(text)))


def _letters(text: str, sought: str) -> int:
    return _plain(text).count(_plain(sought))


def _begins(text: str, sought: str) -> int:
    return int(_plain(text).lstrip().startswith(_plain(sought)))


def _ends(text: str, sought: str) -> int:
    return int(_plain(text).rstrip().endswith(_plain(sought)))


def _lines_begin(text: str, sought: str) -> int:
    return sum(_plain(line).startswith(_plain(sought)) for line in lines(text))


def _acrostic(text: str, sought: str) -> int:
    return int("".join(line[0] for line in lines(_plain(text))) == _plain(sought))


def _plain(text: str) -> str:
    return text.translate(_QUOTES).casefold()


class Kind(NamedTuple):
    """One kind of constraint."""

    measure: Callable[..., int]
    """Of the text, and of the constraint's own text where it has one."""
    units: str
    """What is counted, after a number, or else a sentence's predicate; {text} is the constraint's own text."""
    unit: str = ""
    """The same after the number 1; empty where nothing is counted."""
    takes_text: bool = False

    @property
    def is_yes_or_no(self) -> bool:
        """Whether the measure is 1 for yes or 0 for no."""
        return not self.unit


KINDS: dict[str, Kind] = {
    "words": Kind(words, "words", "word"),
    "sentences": Kind(_sentences, "sentences", "sentence"),
    "lines": Kind(lambda text: len(lines(text)), "lines", "line"),
    "paragraphs": Kind(_paragraphs, "paragraphs", "paragraph"),
    "questions": Kind(_questions, "questions", "question"),
    "list_items": Kind(_list_items, "list items", "list item"),
    "longest_line": Kind(_longest_line, "words in its longest line", "word in its longest line"),
    "shortest_line": Kind(_shortest_line, "words in its shortest line", "word in its shortest line"),
    "occurrences": Kind(_occurrences, "occurrences of “{text}”", "occurrence of “{text}”", takes_text=True),
    "letters": Kind(
        _letters, "occurrences of “{text}”, also within words", "occurrence of “{text}”, also within words", True
    ),
    "lines_begin": Kind(
        _lines_begin, "lines that begin with “{text}”", "line that begins with “{text}”", takes_text=True
    ),
    "begins": Kind(_begins, "begins with “{text}”", takes_text=True),
    "ends": Kind(_ends, "ends with “{text}”", takes_text=True),
    "acrostic": Kind(_acrostic, "spells “{text}” with the first letters of its lines", takes_text=True),
}
"""By name."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A bound on something that can be measured in a text.

    Raises:
        InvalidOption: An unknown kind, a text that is missing or not wanted, or bounds that make no sense.
    """

    kind: str
    """One of `KINDS`."""
    text: str = ""
    """What is looked for; empty for kinds that look for nothing."""
    least: int = 0
    """The smallest measure that meets the constraint; 0 for no bound."""
    most: int | None = None
    """The largest; None for no bound."""

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, KINDS)
        if not isinstance(self.text, str) or bool(self.text) != KINDS[self.kind].takes_text:
            wanted = "must be a text" if KINDS[self.kind].takes_text else "must be left out"
            raise InvalidOption(f"text is {self.text!r}; for the kind {self.kind!r} it {wanted}")
        check_count("least", self.least, least=0)
        check_count("most", self.most, least=0, optional=True)
        if self.most is None and self.least == 0:
            raise InvalidOption(f"a constraint of the kind {self.kind!r} needs least or most; it has neither")
        if self.most is not None and self.most < self.least:
            raise InvalidOption(f"least is {self.least} and most {self.most}; nothing lies between")
        if KINDS[self.kind].is_yes_or_no and (self.least, self.most) not in ((1, None), (1, 1), (0, 0)):
            raise InvalidOption(f"for the kind {self.kind!r} give least=1 for yes, or most=0 for no")

    def measure(self, text: str) -> int:
        """Measures what the constraint bounds."""
        kind = KINDS[self.kind]
        return kind.measure(text, self.text) if kind.takes_text else kind.measure(text)

    def holds(self, text: str) -> bool:
        """Whether a text meets the constraint."""
        measure = self.measure(text)
        return self.least <= measure and (self.most is None or measure <= self.most)

    def measured(self, text: str) -> str:
        """Says what was counted in a text, such as "Here it is 5."; empty where the answer is yes or no."""
        return "" if KINDS[self.kind].is_yes_or_no else f"Here it is {self.measure(text)}."

    def __str__(self) -> str:
        """States the constraint as a sentence about "it"."""
        kind = KINDS[self.kind]
        what = kind.units.format(text=self.text)
        if kind.is_yes_or_no:
            return f"It {what}." if self.least else f"It is not so that it {what}."
        if self.most is None:
            return f"It has at least {self._amount(self.least)}."
        if self.most == 0:
            return f"It has no {what}."
        if self.least == self.most:
            return f"It has exactly {self._amount(self.most)}."
        return f"It has {f'{self.least} to' if self.least else 'at most'} {self._amount(self.most)}."

    def _amount(self, number: int) -> str:
        kind = KINDS[self.kind]
        return f"{number} {(kind.unit if number == 1 else kind.units).format(text=self.text)}"

    def as_dict(self) -> dict[str, Any]:
        """Returns a JSON-serialisable dict of what was given."""
        return {key: value for key, value in asdict(self).items() if value not in ("", None)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Constraint:
        """Rebuilds what `as_dict` gave, or reads what a task file holds.

        Raises:
            InvalidOption: Unknown keys, or values that make no constraint.
        """
        unknown = set(data) - {"kind", "text", "least", "most"}
        if unknown or "kind" not in data:
            raise InvalidOption(f"a constraint has a kind, and text, least, most; this one has {sorted(data)}")
        return cls(**data)


def findings(constraints: Sequence[Constraint], text: str) -> str:
    """Tells how many of the constraints a text meets, and which it does not, as a sentence's predicate."""
    unmet = [one for one in constraints if not one.holds(text)]
    count = len(constraints)
    if not count:
        return "has nothing to meet that a program checks."
    demands = "one demand that a program checks" if count == 1 else f"{count} demands that a program checks"
    if not unmet:
        return f"meets {'the' if count == 1 else 'all'} {demands}."
    told = "does not meet the" if count == 1 else f"meets {count - len(unmet)} of the"
    said = " ".join(f"{one} {one.measured(text)}".rstrip() for one in unmet)
    return f"{told} {demands}. Not met: {said}"


def share_met(constraints: Sequence[Constraint], text: str) -> float:
    """Returns the share of the constraints that a text meets; 1 where there are none."""
    return sum(constraint.holds(text) for constraint in constraints) / len(constraints) if constraints else 1.0
