# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a programming task is made of."""

from __future__ import annotations

import ast
import doctest
import keyword
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from rsi_envs.code.values import decode, parse_expression
from rsi_envs.core.tasks import Split


@dataclass(frozen=True, slots=True)
class Case:
    """A call and, where it is known, its result."""

    arguments: str
    """The arguments as the text of a tuple."""
    result: str | None
    """The right result as the text of plain data; None where a reference has yet to give it."""
    source: str = ""
    """The call as it is shown to people and agents; empty for generated cases."""


def _read_doctests(text: Any) -> Any:
    """Reads cases written as doctests: `>>> f(1, 2)` and the result on the next line."""
    if not isinstance(text, str):
        return text
    cases = []
    for example in doctest.DocTestParser().get_examples(text):
        source, want = example.source.strip(), example.want.strip()
        try:
            call = parse_expression(source)
        except SyntaxError as error:
            raise ValueError(f"expected a call, got {source!r}: {error}") from error
        if not isinstance(call, ast.Call) or call.keywords:
            raise ValueError(f"expected a call with positional arguments, got {source!r}")
        arguments = tuple(decode(ast.unparse(argument)) for argument in call.args)
        decode(want)
        cases.append(Case(repr(arguments), want, source))
    if text.strip() and not cases:
        raise ValueError("expected doctests (>>> call, result on the next line), found none")
    return tuple(cases)


Doctests = Annotated[tuple[Case, ...], BeforeValidator(_read_doctests)]


class Reference(BaseModel):
    """A known solution of a task and what it is worth."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: str = Field(min_length=1)
    """Its name on the ladder; the shipped tasks have wrong, partial, slow and fast."""
    program: str
    """Python source that defines the task's function."""
    correctness: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share of the task's hidden tests that it passes, as measured."""


class CodeTask(BaseModel):
    """A program to write and what decides how good it is; also the schema of the JSON Lines and TOML formats.

    Hidden tests are `edge_tests` and the calls that `generator` yields, whose right results are those of the last
    reference; or else `check`, test code that calls the function itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    """Stable for ever."""
    split: Split = "test"
    """A file that says nothing is for testing, so that nothing is trained on by accident."""
    topic: str = ""
    """What the task is about, for grouping; empty when untold."""
    difficulty: int | None = Field(default=None, ge=1, le=5)
    """1 (easy) to 5 (hard); None when untold."""
    entry_point: str
    """The function that tests call."""
    signature: str = ""
    """The function's `def` line with type hints; empty when the statement shows it."""
    statement: str = Field(min_length=1)
    """The task in words."""
    preamble: str = ""
    """Source that runs before the solution and before `check`, such as helpers that the statement gives."""
    examples: Doctests = ()
    """Visible tests, shown with the statement and used for feedback between turns."""
    edge_tests: Doctests = ()
    """Hidden tests with results written down by hand."""
    generator: str | None = None
    """Source of `tests(rng)` and, if run time is to count, `timed(rng)`: each yields tuples of arguments drawn with
    a `random.Random`. None when there are no generated tests."""
    check: str | None = None
    """Source of `check(candidate)`, which raises if the function is wrong. None when tests compare values."""
    references: tuple[Reference, ...] = ()
    """The ladder, from poor to best."""
    time_limit_s: float = Field(default=2.0, gt=0, le=60)
    """Wall seconds that one call may take (all calls together, for `check`)."""
    float_tolerance: float = Field(default=1e-9, ge=0, lt=1)
    """How far a float may be off, absolutely and relatively; 0 means not at all."""

    @field_validator("entry_point")
    @classmethod
    def _is_name(cls, name: str) -> str:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(f"{name!r} is no function name")
        return name

    @model_validator(mode="after")
    def _can_be_decided(self) -> Self:
        if self.check is not None and (self.edge_tests or self.generator is not None):
            raise ValueError("give either check, or edge_tests and generator")
        if self.check is None and not self.edge_tests and self.generator is None:
            raise ValueError("give hidden tests: edge_tests, generator or check")
        if self.generator is not None and not (self.references and self.references[-1].correctness == 1.0):
            raise ValueError("a generator needs a last reference whose correctness is 1, for the right results")
        levels = [reference.level for reference in self.references]
        if len(set(levels)) < len(levels):
            raise ValueError(f"two references share a level: {levels}")
        return self

    def reference(self, level: str) -> Reference | None:
        """Returns the reference of this level; None when there is none."""
        return next((reference for reference in self.references if reference.level == level), None)
