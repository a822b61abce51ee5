# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A program that packs a world's writable folders into a stream, or unpacks such a stream into a fresh world.

It runs as any program of the world does, with no more rights. So a stream that lies, or folders that do, gain nothing:
whatever they make it do, a program of theirs could have done itself.

A stream moves in pieces, each when the reading end asks for it by a newline, so that neither end holds more than one:
the length (four bytes, big-endian), then as many bytes; an empty piece is the end. It begins with a line that says what
it is. Then come entries, each a line of JSON [kind, path, mode, mtime_ns, more]:

    d  folder; null                           l  symbolic link; its target
    f  file; its size, and then its bytes     h  one more name of a file; the first one
    p  fifo; null
"""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

FOLDERS = ("/work", "/tmp")  # noqa: S108 - paths in the world
LENGTH = struct.Struct("!I")
PIECE = 1 << 20
FIRST_LINE = b"rsi-snapshot 1\n"


def packed() -> Iterator[bytes]:
    """The stream, in parts of any size."""
    yield FIRST_LINE
    names: dict[tuple[int, int], str] = {}
    for folder in FOLDERS:
        yield from packed_folder(folder, os.lstat(folder), names)


def packed_folder(path: str, facts: os.stat_result, names: dict[tuple[int, int], str]) -> Iterator[bytes]:
    yield entry("d", path, facts, None)
    with permitted(path, facts, stat.S_IRWXU):
        for name in sorted(os.listdir(path)):
            try:
                yield from packed_item(path + "/" + name, names)
            except FileNotFoundError:  # it was there a moment ago
                continue


def packed_item(path: str, names: dict[tuple[int, int], str]) -> Iterator[bytes]:
    facts = os.lstat(path)
    kind = stat.S_IFMT(facts.st_mode)
    if kind == stat.S_IFDIR:
        yield from packed_folder(path, facts, names)
    elif kind == stat.S_IFLNK:
        yield entry("l", path, facts, os.readlink(path))
    elif kind == stat.S_IFIFO:
        yield entry("p", path, facts, None)
    elif kind == stat.S_IFREG:
        first = names.setdefault((facts.st_dev, facts.st_ino), path) if facts.st_nlink > 1 else path
        if first == path:
            yield from packed_file(path, facts)
        else:
            yield entry("h", path, facts, first)
    # A socket is nothing without the process that listens at it.


def packed_file(path: str, facts: os.stat_result) -> Iterator[bytes]:
    with permitted(path, facts, stat.S_IRUSR):
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(fd, "rb", buffering=0) as file:
        left = os.fstat(fd).st_size
        yield entry("f", path, facts, left)
        while left:
            # A file that shrinks meanwhile is filled up to the size that was told.
            data = file.read(min(left, PIECE)) or bytes(min(left, PIECE))
            left -= len(data)
            yield data


def entry(kind: str, path: str, facts: os.stat_result, more: Any) -> bytes:
    return json.dumps([kind, path, stat.S_IMODE(facts.st_mode), facts.st_mtime_ns, more]).encode() + b"\n"


@contextmanager
def permitted(path: str, facts: os.stat_result, need: int) -> Iterator[None]:
    """Grants the owner of a file or folder what it has denied itself, for a while."""
    if facts.st_mode & need == need:
        yield
        return
    os.chmod(path, stat.S_IMODE(facts.st_mode) | need)
    try:
        yield
    finally:
        os.chmod(path, stat.S_IMODE(facts.st_mode))


def unpack(stream: BinaryIO) -> None:
    """Makes what the stream tells of."""
    if stream.readline() != FIRST_LINE:
        raise OSError(0, "this is no snapshot")
    folders = []
    for line in stream:
        kind, path, mode, mtime_ns, more = json.loads(line)
        if kind == "d":
            if path not in FOLDERS:
                os.mkdir(path, stat.S_IRWXU)
            folders.append((path, mode, mtime_ns))
        elif kind == "f":
            unpack_file(stream, path, mode, mtime_ns, more)
        elif kind == "h":
            os.link(more, path, follow_symlinks=False)
        elif kind == "l":
            os.symlink(more, path)
            os.utime(path, ns=(mtime_ns, mtime_ns), follow_symlinks=False)
        elif kind == "p":
            os.mkfifo(path)
            os.chmod(path, mode)
            os.utime(path, ns=(mtime_ns, mtime_ns))
    # Last and from within, for what is put into a folder changes its time, and some may not be written.
    for path, mode, mtime_ns in reversed(folders):
        os.utime(path, ns=(mtime_ns, mtime_ns))
        os.chmod(path, mode)


def unpack_file(stream: BinaryIO, path: str, mode: int, mtime_ns: int, size: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR), "wb", 0) as file:
        while size:
            data = stream.read(min(size, PIECE))
            if not data:
                raise OSError(0, "this snapshot is cut short")
            size -= len(data)
            while data:
                data = data[file.write(data) :]
        os.fchmod(file.fileno(), mode)
        os.utime(file.fileno(), ns=(mtime_ns, mtime_ns))


class Pieces(io.RawIOBase):
    """What the owner sends, asked for piece by piece."""

    def __init__(self) -> None:
        self.rest = memoryview(b"")
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.rest and not self.ended:
            os.write(1, b"\n")
            (length,) = LENGTH.unpack(sys.stdin.buffer.read(LENGTH.size))
            self.rest = memoryview(sys.stdin.buffer.read(length))
            self.ended = length == 0
        count = min(len(buffer), len(self.rest))
        buffer[:count] = self.rest[:count]
        self.rest = self.rest[count:]
        return count


def send(parts: Iterator[bytes]) -> None:
    """Writes parts in pieces as they are asked for, and the empty one."""
    held = bytearray()
    for part in parts:
        held += part
        while len(held) >= PIECE:
            send_piece(held[:PIECE])
            del held[:PIECE]
    if held:
        send_piece(held)
    send_piece(b"")


def send_piece(piece: bytes | bytearray) -> None:
    sys.stdin.buffer.read(1)
    sys.stdout.buffer.write(LENGTH.pack(len(piece)) + piece)
    sys.stdout.buffer.flush()


def main(what: str) -> None:
    """Does one or the other; a failure is told on stderr, as errno and message."""
    try:
        if what == "pack":
            send(packed())
        else:
            unpack(io.BufferedReader(Pieces(), PIECE))
    except OSError as error:
        sys.exit(f"{error.errno} {error.strerror}" + (f": {error.filename}" if error.filename else ""))


if __name__ == "__main__":
    main(sys.argv[1])
