# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Jobs and limits that make no sense are refused before anything runs."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest

import rsi_sandboxes
from rsi_sandboxes import InvalidJob, Job, Limits
from rsi_sandboxes.errors import SandboxError


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan, 2**63, 10**400, True, "5"])
def test_a_bound_that_bounds_nothing_is_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidJob, match=name):
        Limits(**{name: value})


@pytest.mark.parametrize("name", [field.name for field in fields(Limits) if field.type == "int"])
def test_a_fraction_where_a_whole_number_is_meant_is_refused(name: str) -> None:
    with pytest.raises(InvalidJob, match=f"{name}.*whole number"):
        Limits(**{name: 10.5})


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", "a\0b", "a\ud800"])
def test_a_file_outside_the_working_directory_is_refused(path: str) -> None:
    with pytest.raises(InvalidJob, match="relative"):
        Job(("true",), files={path: b""})


@pytest.mark.parametrize("command", [(), "ls -l"])
def test_a_command_that_is_no_sequence_of_words_is_refused(command: object) -> None:
    with pytest.raises(InvalidJob, match="sequence of strings"):
        Job(command)  # type: ignore[arg-type]


def test_every_public_name_is_there_and_every_error_has_the_root() -> None:
    for name in rsi_sandboxes.__all__:
        public = getattr(rsi_sandboxes, name)
        if isinstance(public, type) and issubclass(public, Exception):
            assert issubclass(public, SandboxError)


def test_the_public_names_are_pinned() -> None:
    assert set(rsi_sandboxes.__all__) == {
        "AsyncSandbox", "AsyncSession", "backend_names", "BackendNotFound", "BackendUnavailable", "build_image",
        "CheckFailed", "CommandNotFound", "COMPILE_LIMITS", "diagnose", "ExecResult", "Finding", "ImageBuildFailed",
        "ImageNotFound", "InvalidJob", "Job", "Language", "LanguageNotFound", "LANGUAGES", "languages_in", "Limits",
        "make_sandbox", "Process", "ProgramResult", "reap", "run_program", "Sandbox", "SandboxError",
        "SandboxFileError", "Session", "SessionClosed", "Snapshot", "Terminal", "WorldLost",
    }  # fmt: skip
