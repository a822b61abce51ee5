# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Reading and writing files for the owner, in folders that a hostile program has prepared."""

from __future__ import annotations

import errno
import os
import stat

CHUNK = 65536


def read_file(path: str, most: int) -> bytes:
    """The content of a regular file; never follows a link in its last part, never blocks."""
    fd, size = open_regular(path)
    try:
        if size > most:
            raise OSError(errno.EFBIG, "larger than file_bytes")
        content = bytearray()
        while len(content) <= most:
            data = os.read(fd, CHUNK)
            if not data:
                return bytes(content)
            content += data
        raise OSError(errno.EFBIG, "larger than file_bytes")
    finally:
        os.close(fd)


def read_part(path: str, at: int, most: int) -> bytes:
    """A part of a regular file, opened as by `read_file`; empty beyond the file's end."""
    fd, _ = open_regular(path)
    try:
        return os.pread(fd, most, at)
    finally:
        os.close(fd)


def open_regular(path: str) -> tuple[int, int]:
    """A descriptor of a regular file, and its size."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    facts = os.fstat(fd)
    if not stat.S_ISREG(facts.st_mode):
        os.close(fd)
        if stat.S_ISDIR(facts.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        raise OSError(errno.EINVAL, "not a regular file")
    return fd, facts.st_size


def write_file(path: str, data: bytes) -> None:
    """Makes or replaces a regular file and the folders above it."""
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, exist_ok=True)
    write(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644), data)


def extend_file(path: str, data: bytes) -> None:
    """Writes on at the end of a regular file."""
    write(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK), data)


def write(fd: int, data: bytes) -> None:
    """Writes all of it and closes the descriptor."""
    with open(fd, "wb") as file:
        file.write(data)
