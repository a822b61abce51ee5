# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Files of a session as Inspect wants them: links are followed, and each failure has the builtin class for it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import TypeVar

from rsi_sandboxes.errors import SandboxFileError
from rsi_sandboxes.job import OWN_INTERPRETER
from rsi_sandboxes.protocol import Session

T = TypeVar("T")

NO_SUCH_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EINVAL, errno.ENAMETOOLONG, errno.ELOOP)
"""A FileNotFoundError is shown to the model; an OSError without a class of its own would end the sample."""
_REAL_PATH = "import os, sys; sys.stdout.buffer.write(os.fsencode(os.path.realpath(sys.argv[1])))"


def read_bounded(session: Session, path: str, most: int) -> bytes | None:
    """Returns a file's content, or None when it has more than `most` bytes.

    Raises:
        FileNotFoundError: There is none, or it is no regular file.
        PermissionError: It may not be read.
        IsADirectoryError: It is a directory.
        OSError: Anything else that the world's kernel said.
    """

    def read(real_path: str) -> bytes | None:
        content = bytearray()
        for part in session.read_stream(real_path):
            content += part
            if len(content) > most:
                return None
        return bytes(content)

    return _follow(session, path, read)


def write(session: Session, path: str, data: bytes) -> None:
    """Writes a file, making folders as needed; raises as `read_bounded` does."""
    _follow(session, path, lambda real_path: session.write_stream(real_path, [data]))


def _follow(session: Session, path: str, use: Callable[[str], T]) -> T:
    """Uses a file, or what it is a link to."""
    try:
        try:
            return use(path)
        except SandboxFileError as error:
            if error.errno != errno.ELOOP:
                raise
        # The world's keeper follows no links; a program finds where this one leads, with a program's rights.
        found = session.exec((*OWN_INTERPRETER, _REAL_PATH, path))
        return use(os.fsdecode(found.stdout) or path)
    except SandboxFileError as error:
        raise _builtin(error, path) from error


def _builtin(error: SandboxFileError, path: str) -> OSError:
    kind = FileNotFoundError if error.errno in NO_SUCH_FILE else OSError  # which picks the class by the number
    return kind(error.errno, error.strerror, path)
