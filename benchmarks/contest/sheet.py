# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A table of what was measured, on the terminal, as Markdown for the documentation, and raw as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from contest.interleaved import Taken
from contest.report import machine, put_into_page

WIDTH = 180
"""Columns where there is no terminal."""


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say where the table goes."""
    parser.add_argument("--json", type=Path, help="write all raw figures to this file")
    parser.add_argument("--markdown", nargs="?", const="-", help="print Markdown, or put it between this page's marks")


def console_for(options: argparse.Namespace) -> Console:
    """Makes the console, which leaves the standard output to Markdown where that is printed."""
    console = Console(stderr=options.markdown == "-")
    if not console.is_terminal:
        console.width = WIDTH
    return console


@dataclass(frozen=True, slots=True)
class Sheet:
    """A finished measurement."""

    titles: Sequence[str]
    """The first column names who was measured; the others hold numbers."""
    rows: Sequence[Sequence[str]]
    taken: Taken
    where: str
    """The date, the machine, the load before, the versions, and how it was measured."""

    def deliver(self, options: argparse.Namespace, console: Console) -> None:
        """Shows the table and writes it where the command line says."""
        if options.markdown == "-":
            print(self.markdown())
        else:
            table = Table()
            for number, title in enumerate(self.titles):
                table.add_column(title, justify="right" if number else "left")
            for row in self.rows:
                table.add_row(*row)
            console.print(table)
            for line in [*self._remarks(), self.where]:
                console.print(line, markup=False, soft_wrap=True)
            if options.markdown:
                put_into_page(Path(options.markdown), self.markdown())
        if options.json:
            raw = {"where": self.where, "figures": self.taken.by_name, "left_out": self.taken.left_out}
            options.json.write_text(json.dumps(raw, indent=1), "utf-8")

    def markdown(self) -> str:
        """Writes what the documentation shows."""
        rule = ["---:" if number else "---" for number in range(len(self.titles))]
        lines = [f"| {' | '.join(row)} |" for row in (self.titles, rule, *self.rows)]
        return "\n".join([*lines, "", *(f"- {line}" for line in self._remarks()), "", f"Measured {self.where}.", ""])

    def _remarks(self) -> list[str]:
        return [f"left out {name}: {reason}" for name, reason in self.taken.left_out.items()]


def place(packages: Sequence[str], how: str, load: float) -> str:
    """Describes this machine, what is installed, and how it was measured.

    Args:
        packages: Distributions whose versions count; those that are not installed are left out.
        how: A few words.
        load: `os.getloadavg()[0]` before: what else the machine was doing.
    """
    versions = {"Python": platform.python_version()} | installed(packages)
    named = ", ".join(f"{name} {number}" for name, number in versions.items())
    return f"{datetime.now(UTC):%Y-%m-%d}; {machine()}; load {load:.1f} before; {named}; {how}"


def installed(packages: Sequence[str]) -> Mapping[str, str]:
    """Gives the versions of those packages that are there."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def load() -> float:
    """Processes that wanted a processor in the minute before."""
    return os.getloadavg()[0]
