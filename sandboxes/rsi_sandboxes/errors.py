# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every error `rsi_sandboxes` raises on purpose.

    SandboxError
    ├── InvalidJob (ValueError)              a job, limit or path that can't be carried out as written
    ├── BackendNotFound (LookupError)        no backend has this name
    ├── BackendUnavailable (RuntimeError)    the backend can't work on this machine; says how to mend it
    │   └── ImageNotFound                    the engine works but lacks the image
    ├── LanguageNotFound (LookupError)       no language has this name
    ├── CommandNotFound (FileNotFoundError)  the world has no such program
    ├── WorldLost (ConnectionError)          the world went away or stopped answering
    ├── SessionClosed (ValueError)           a session or process was used after its end
    ├── SandboxFileError (OSError)           a file in the world can't be read or written
    ├── ImageBuildFailed (RuntimeError)      an image could not be built
    └── CheckFailed (AssertionError)         a backend broke the contract of `rsi_sandboxes.checks`

A program's own failure is none of these: a non-zero exit, a signal or a reached limit is an `ExecResult`.
"""

from __future__ import annotations


class SandboxError(Exception):
    """The root: `except SandboxError` catches everything `rsi_sandboxes` raises on purpose."""


class InvalidJob(SandboxError, ValueError):
    """A job, a limit or a path that can't be carried out as written."""


class BackendNotFound(SandboxError, LookupError):
    """No backend has this name; the message lists the names there are."""


class BackendUnavailable(SandboxError, RuntimeError):
    """The backend can't work on this machine; the message says why and how to mend it."""


class ImageNotFound(BackendUnavailable):
    """The container engine answers but lacks the image; the message holds the command that builds it."""


class LanguageNotFound(SandboxError, LookupError):
    """The table of languages has no such name; the message lists the names there are."""


class CommandNotFound(SandboxError, FileNotFoundError):
    """The world has no such program, or it may not be executed."""


class WorldLost(SandboxError, ConnectionError):
    """The world went away or stopped answering, so its job has no result; it may be run again."""


class SessionClosed(SandboxError, ValueError):
    """A session or process was used after its end."""


class SandboxFileError(SandboxError, OSError):
    """A file in the world can't be read or written."""


class ImageBuildFailed(SandboxError, RuntimeError):
    """An image could not be built; the message ends with the builder's last words."""


class CheckFailed(SandboxError, AssertionError):
    """A backend broke the contract that `rsi_sandboxes.checks` states."""
