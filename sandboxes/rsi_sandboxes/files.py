# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Requests about files in a world."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Protocol, runtime_checkable

from rsi_sandboxes.errors import SandboxFileError
from rsi_sandboxes.frames import MAX_PAYLOAD
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.world import World

CHUNK = 65536
PART = 4 * CHUNK
"""Bytes of a file that a stream moves at once."""


@runtime_checkable
class SupportsRead(Protocol):
    """An open binary file, or what behaves like one."""

    def read(self, size: int, /) -> bytes:
        """Returns at most so many bytes; none at the end."""
        ...


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
    """What a frame W holds; raises as `check_file` does."""
    return check_file(path, data, limits) + b"\0" + data


def read_whole(world: World, path: str, limits: Limits) -> bytes:
    """See `Session.read_file`."""
    encode_path(path)
    request = {"path": path, "most": min(limits.file_bytes, MAX_PAYLOAD)}
    return _ask(world, b"R", json.dumps(request).encode(), path)


def read_parts(world: World, path: str) -> Iterator[bytes]:
    """See `Session.read_stream`; what can't be read is told at once, not when the first part is asked for."""
    encode_path(path)
    first = _read_part(world, path, 0)

    def parts() -> Iterator[bytes]:
        part, at = first, 0
        while part:
            yield part
            at += len(part)
            part = _read_part(world, path, at)

    return parts()


def write_whole(world: World, path: str, data: bytes, limits: Limits) -> None:
    """See `Session.write_file`."""
    _ask(world, b"W", write_request(path, data, limits), path)


def write_parts(world: World, path: str, chunks: Iterable[bytes] | SupportsRead, limits: Limits) -> None:
    """See `Session.write_stream`."""
    write_whole(world, path, b"", limits)
    written = 0
    for part in _parts(chunks):
        written += len(part)
        if written > limits.file_bytes:
            raise SandboxFileError(errno.EFBIG, f"{path!r} goes beyond the {limits.file_bytes} of file_bytes")
        _ask(world, b"X", encode_path(path) + b"\0" + part, path)


def _parts(chunks: Iterable[bytes] | SupportsRead) -> Iterator[bytes]:
    """Cuts chunks of any size into parts, and joins small ones."""
    if isinstance(chunks, SupportsRead):  # an open file, which would give lines
        chunks = iter(partial(chunks.read, PART), b"")
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)


def _read_part(world: World, path: str, at: int) -> bytes:
    return _ask(world, b"T", json.dumps({"path": path, "at": at, "most": PART}).encode(), path)


def _ask(world: World, kind: bytes, request: bytes, path: str) -> bytes:
    call = world.call()
    call.send((kind, request))
    try:
        return call.answer()
    except SandboxFileError as error:
        raise SandboxFileError(error.errno, f"{error.strerror}: {path!r}") from error
