# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a block of the documentation means to the tests.

    ```python            is run in this process; the blocks of a page share their names
    ```console           `$ …` lines are run by bash (`> …` goes on with the line above); each must exit with 0, and
                         what is shown below one is compared with what it prints, `...` standing for anything
    ```LANGUAGE FILE     is written to FILE, for the blocks after it

Each page has a working directory of its own, from which Python imports too. A console block that starts with
`# needs …` names a component of `tests/components.py`, an environment variable in capitals, or what no test can have.
"""

from __future__ import annotations

import doctest
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

from tests.components import COMPONENTS, problem_with

NOT_RUN = {
    "git clone": "the project has no public address that a test could reach",
    "make ": ".ci/run calls make; a test within `make test` would call itself",
    "pip install": "tests install nothing",
    "python3 -m venv": "tests install nothing",
}
"""Commands by their beginning, and why no test runs them."""
TIMEOUT_S = 300
_NEEDS = "# needs "
_COMPARE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def parse(path: Path) -> Document:
    """Reads a page; each of its examples is a block."""
    parsers = [PythonCodeBlockParser(), CodeBlockParser("console", _run_console), _files]
    return Sybil(parsers=parsers).parse(path)


def make_shims(folder: Path) -> None:
    """Puts `rsi`, `python` and `python3` of this interpreter into the folder."""
    for name, arguments in {"rsi": "-m rsi_agents.cli", "python": "", "python3": ""}.items():
        shim = folder / name
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        shim.chmod(shim.stat().st_mode | stat.S_IXUSR)


def _files(document: Document) -> Iterable[Region]:
    lexer = RawFencedCodeBlockLexer(info_pattern=re.compile(r"(?P<language>\w+) (?P<name>[\w.-]+\.\w+)\n"))
    for region in lexer(document):
        region.parsed = region.lexemes["name"], region.lexemes["source"]
        region.evaluator = _write_file
        yield region


def _write_file(example: Example) -> None:
    name, text = example.parsed
    Path(name).write_text(text, "utf-8")


def _run_console(example: Example) -> None:
    lines = example.parsed.splitlines()
    for line in lines:
        if line.startswith(_NEEDS):
            _need(line.removeprefix(_NEEDS).strip())
    for command, shown in commands(lines):
        for beginning, reason in NOT_RUN.items():
            if command.startswith(beginning):
                pytest.skip(f"`{command}`: {reason}")
        _run(command, shown)


def commands(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Splits a console block into commands and what is shown below each."""
    found: list[tuple[list[str], list[str]]] = []
    for line in lines:
        if line.startswith("$ "):
            found.append(([line[2:]], []))
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1][0].append(line[2:])
        elif found:
            found[-1][1].append(line)
    return [("\n".join(command), "\n".join(shown).strip()) for command, shown in found]


def _need(what: str) -> None:
    if what in COMPONENTS:
        problem = problem_with(what)
    elif what.isupper():
        problem = None if os.environ.get(what) else "it is not set"
    else:
        problem = "no test has that"
    if problem:
        pytest.skip(f"needs {what}: {problem}")


def _run(command: str, shown: str) -> None:
    path = os.pathsep.join([str(Path(".shims").resolve()), os.environ["PATH"]])
    imports = os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        env={**os.environ, "PATH": path, "PYTHONPATH": imports},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, f"`{command}` exited with {done.returncode}:\n{done.stdout}"
    if shown:
        expected, got = doctest.Example(command, shown + "\n"), done.stdout
        checker = doctest.OutputChecker()
        assert checker.check_output(expected.want, got, _COMPARE), checker.output_difference(expected, got, _COMPARE)
