# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi doctor`: what works on this machine, and the command that mends what doesn't."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import typer

from rsi_agents.cli.failure import FAILED
from rsi_agents.cli.output import Json, print_json
from rsi_agents.cli.runs import RUNS_FOLDER
from rsi_sandboxes import Finding, diagnose

_KEY_NAMES = (
    "ANTHROPIC_API_KEY",
    "AZURE_API_KEY",
    "GEMINI_API_KEY",
    "MISTRAL_API_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
)
_ENOUGH_DISK_BYTES = 1 << 30


def doctor(json: Json = False) -> None:
    """Say what works on this machine and how to mend what doesn't. Exit code 1 when no sandbox works."""
    sandboxes = diagnose()
    findings = [*sandboxes, *_own_findings()]
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            _print(finding)
    if not any(finding.ok for finding in sandboxes):
        typer.echo("error: no sandbox works here, so no program can be run; see the remedies above", err=True)
        raise typer.Exit(FAILED)


def _own_findings() -> Iterator[Finding]:
    yield Finding("python", True, platform.python_version(), "")
    litellm = importlib.util.find_spec("litellm") is not None
    yield Finding(
        "litellm", litellm, "installed" if litellm else "not installed", "" if litellm else "pip install litellm"
    )
    keys = [name for name in _KEY_NAMES if os.environ.get(name)]
    yield Finding("API keys", True, ", ".join(keys) or "none set; models behind llm:…?api_base=… need none", "")
    stockfish = shutil.which("stockfish", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/games"]))
    remedy = "" if stockfish else "sudo apt-get install stockfish"
    yield Finding("stockfish", stockfish is not None, stockfish or "not found; only chess wants it", remedy)
    folder = RUNS_FOLDER if RUNS_FOLDER.exists() else Path()
    free = shutil.disk_usage(folder).free
    enough = free >= _ENOUGH_DISK_BYTES
    yield Finding(
        "disk for records",
        enough,
        f"{free / 1e9:.1f} GB free in {folder.resolve()}",
        "" if enough else "rsi eval --out DIR",
    )


def _print(finding: Finding) -> None:
    typer.echo(f"{'ok' if finding.ok else 'NO':<3} {finding.name:<18} {finding.detail}")
    if finding.remedy:
        typer.echo(f"{'':<22} mend it with: {finding.remedy}")
