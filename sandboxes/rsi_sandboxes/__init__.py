# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
r"""Sandboxes: isolated places that run untrusted programs. Knows nothing of environments.

from rsi_sandboxes import Job, make_sandbox

result = make_sandbox().run(Job(("python3", "-c", "print(6 * 7)")))
result.stdout   # b"42\n"
"""

from rsi_sandboxes.asynchronous import AsyncSandbox, AsyncSession
from rsi_sandboxes.diagnosis import Finding, diagnose
from rsi_sandboxes.errors import (
    BackendNotFound,
    BackendUnavailable,
    CheckFailed,
    CommandNotFound,
    ImageBuildFailed,
    ImageNotFound,
    InvalidJob,
    LanguageNotFound,
    SandboxError,
    SandboxFileError,
    SessionClosed,
    WorldLost,
)
from rsi_sandboxes.job import ExecResult, Job
from rsi_sandboxes.languages import (
    COMPILE_LIMITS,
    LANGUAGES,
    Language,
    ProgramResult,
    languages_in,
    run_program,
)
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.protocol import Process, Sandbox, Session
from rsi_sandboxes.registry import backend_names, make_sandbox
from rsi_sandboxes.snapshot import Snapshot
from rsi_sandboxes.terminal import Terminal
from rsi_sandboxes.upkeep import build_image, reap

__all__ = [
    "COMPILE_LIMITS",
    "LANGUAGES",
    "AsyncSandbox",
    "AsyncSession",
    "BackendNotFound",
    "BackendUnavailable",
    "CheckFailed",
    "CommandNotFound",
    "ExecResult",
    "Finding",
    "ImageBuildFailed",
    "ImageNotFound",
    "InvalidJob",
    "Job",
    "Language",
    "LanguageNotFound",
    "Limits",
    "Process",
    "ProgramResult",
    "Sandbox",
    "SandboxError",
    "SandboxFileError",
    "Session",
    "SessionClosed",
    "Snapshot",
    "Terminal",
    "WorldLost",
    "backend_names",
    "build_image",
    "diagnose",
    "languages_in",
    "make_sandbox",
    "reap",
    "run_program",
]
