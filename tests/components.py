# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Which real components this machine has."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from rsi_sandboxes import BackendUnavailable, make_sandbox
from rsi_sandboxes.languages import LANGUAGES_IMAGE

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


def _chromium_problem() -> str | None:
    if not _is_installed("playwright"):
        return "no playwright; pip install playwright"
    return None if Path(CHROMIUM).exists() else f"no {CHROMIUM}; apt-get install chromium"


def _stockfish_problem() -> str | None:
    found = shutil.which("stockfish", path=os.environ.get("PATH", "") + ":/usr/games")
    return None if found else "no stockfish; apt-get install stockfish"


def _backend_problem(name: str, **options: str) -> str | None:
    try:
        make_sandbox(name, **options).close()
    except BackendUnavailable as error:
        return str(error)
    return None


def _tablebases_problem() -> str | None:
    folder = os.environ.get("RSI_TABLEBASES")
    if folder is None:
        return "RSI_TABLEBASES names no folder of Syzygy and Gaviota tables"
    lacking = [pattern for pattern in ("KRvK.rtbw", "krk.gtb.cp4") if not any(Path(folder).rglob(pattern))]
    return f"{folder} lacks {', '.join(lacking)}" if lacking else None


def _rl_problem() -> str | None:
    missing = [name for name in ("torch", "sb3_contrib", "ray.rllib") if not _is_installed(name)]
    return f"no {', '.join(missing)}; pip install torch sb3-contrib 'ray[rllib]'" if missing else None


def _train_problem() -> str | None:
    missing = [name for name in ("torch", "transformers", "trl", "peft", "datasets") if not _is_installed(name)]
    return f"no {', '.join(missing)}; pip install 'rsi-envs[train]'" if missing else None


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


COMPONENTS: dict[str, Callable[[], str | None]] = {
    "chromium": _chromium_problem,
    "docker": lambda: _backend_problem("docker"),
    "bubblewrap": lambda: _backend_problem("bubblewrap"),
    "languages-image": lambda: _backend_problem("docker", image=LANGUAGES_IMAGE),
    "rl": _rl_problem,
    "stockfish": _stockfish_problem,
    "tablebases": _tablebases_problem,
    "train": _train_problem,
}


@lru_cache
def problem_with(component: str) -> str | None:
    return COMPONENTS[component]()


def need(component: str) -> None:
    """Skips the test where this component is missing, saying why."""
    problem = problem_with(component)
    if problem:
        pytest.skip(f"{component}: {problem}")
