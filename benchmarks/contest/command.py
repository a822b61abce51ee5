# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What the command lines of the benchmarks share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress


def count(word: str) -> int:
    """Reads an integer of at least 1 from the command line."""
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{word} is not at least 1")
    return number


def is_quick(words: list[str] | None = None) -> bool:
    """Whether the command line asks for the quick defaults; None looks at this process's own."""
    return "--quick" in (sys.argv[1:] if words is None else words)


def read(parser: argparse.ArgumentParser, words: list[str] | None = None, **quick: Any) -> argparse.Namespace:
    """Reads the command line, on which `--quick` stands for other defaults.

    Args:
        parser: Has every option but `--quick`.
        words: None for this process's own.
        **quick: Defaults that make the whole a matter of seconds.
    """
    defaults = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in quick.items())
    parser.add_argument("--quick", action="store_true", help=f"as `make bench` runs it: {defaults or 'as ever'}")
    if is_quick(words):
        parser.set_defaults(**quick)
    return parser.parse_args(words)


@contextmanager
def progress(console: Console, title: str, total: int) -> Iterator[Callable[[], None]]:
    """Shows a bar on a terminal; what it yields is called for each step."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
