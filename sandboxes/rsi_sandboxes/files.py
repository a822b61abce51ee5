# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Requests about files in a world."""

from __future__ import annotations

import errno

from rsi_sandboxes.errors import SandboxFileError
from rsi_sandboxes.frames import MAX_PAYLOAD, frame
from rsi_sandboxes.limits import Limits


def encode_path(path: str) -> bytes:
    """Returns a path as the world's kernel takes it; raises SandboxFileError when it can't be one."""
    try:
        encoded = path.encode()
    except UnicodeEncodeError:
        encoded = b""
    if not encoded or b"\0" in encoded:
        raise SandboxFileError(errno.EINVAL, f"not a path: {path!r}")
    return encoded


def check_file(path: str, data: bytes, limits: Limits) -> bytes:
    """Returns a path as the world's kernel takes it; raises SandboxFileError when path or size are beyond bounds."""
    most = min(limits.file_bytes, MAX_PAYLOAD)
    if len(data) > most:
        raise SandboxFileError(errno.EFBIG, f"{path!r} has {len(data)} bytes; file_bytes allows {most}")
    return encode_path(path)


def write_request(path: str, data: bytes, limits: Limits) -> bytes:
    """Writes the frame that writes a file; raises as `check_file` does."""
    return frame(b"W", check_file(path, data, limits) + b"\0" + data)
