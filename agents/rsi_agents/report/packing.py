# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Details as compressed chunks that fit into so many bytes."""

from __future__ import annotations

import base64
import json
import tempfile
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from rsi_agents.report.spool import SHORTEST_CUT, Spool
from rsi_agents.report.visible import walked

_CHUNK_BYTES = 256 * 1024
"""A chunk is closed when it holds this much: small enough to open at once, large enough to compress well."""
_ELEMENT_BYTES = 80
"""What the page puts around a chunk, at most."""
_AIM = 0.93
"""Aims a little below the budget, because texts differ in how well they compress."""
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of what episodes show is kept."""

    text: int | None = None
    """Characters of a text; None keeps all."""
    episode_bytes: int | None = None
    """Bytes of an episode, beyond which its sections are left out whole; None for no bound."""


@dataclass(slots=True)
class Packed:
    """Chunks in a temporary file, which `close` removes."""

    bounds: Bounds
    file: IO[bytes]
    ends: list[int]
    """Where each chunk ends in the file."""
    places: array[int]
    """By episode, the number of its chunk."""
    raw_bytes: array[int]
    """By episode, its bytes before compression."""
    cut: int = 0
    """How many texts were cut."""
    left_out: int = 0
    """How many episodes lost their sections."""

    @property
    def size(self) -> int:
        """Bytes that the chunks take in the page."""
        return (self.ends[-1] if self.ends else 0) + _ELEMENT_BYTES * len(self.ends)

    def chunks(self) -> Iterator[str]:
        """Reads every chunk: a gzip-compressed JSON list of episodes, in base64."""
        start = 0
        for end in self.ends:
            self.file.seek(start)
            yield self.file.read(end - start).decode("ascii")
            start = end

    def close(self) -> None:
        """Removes the temporary file."""
        self.file.close()


def pack_to_fit(spool: Spool, budget_bytes: int) -> Packed | None:
    """Packs what episodes show; what does not fit is cut: the longest texts first, then the largest episodes.

    Returns:
        The chunks, of at most so many bytes; None where even episodes without sections take more.
    """
    bounds, characters, largest = Bounds(), float(spool.characters), 0.0
    while True:
        packed = _pack(spool, bounds)
        if packed.size <= budget_bytes:
            return packed
        packed.close()
        share = _AIM * budget_bytes / packed.size
        if bounds.text is None or bounds.text > SHORTEST_CUT:
            characters *= share
            bounds = Bounds(spool.longest_that_leaves(characters))
        elif bounds.episode_bytes == 0:
            return None
        else:
            largest = (largest or max(packed.raw_bytes)) * min(share, 0.5)
            bounds = Bounds(SHORTEST_CUT, int(largest) if largest > SHORTEST_CUT else 0)


def packed_text(value: Any) -> str:
    """Packs one JSON value as chunks are."""
    return base64.b64encode(_gzip(json.dumps(value, allow_nan=False).encode("ascii"))).decode("ascii")


def _pack(spool: Spool, bounds: Bounds) -> Packed:
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by `Packed.close`
    packed = Packed(bounds, file, [], array("L"), array("Q"))
    try:
        waiting: list[bytes] = []
        size = 0
        for line in spool.lines():
            kept = _kept(line, bounds, packed)
            packed.places.append(len(packed.ends))
            packed.raw_bytes.append(len(kept))
            waiting.append(kept)
            size += len(kept)
            if size >= _CHUNK_BYTES:
                _write(packed, waiting)
                waiting, size = [], 0
        if waiting:
            _write(packed, waiting)
    except BaseException:
        packed.close()
        raise
    return packed


def _kept(line: bytes, bounds: Bounds, packed: Packed) -> bytes:
    longest = bounds.text
    if longest is None:
        return line

    def cut(text: str) -> Any:
        if len(text) <= longest:
            return text
        packed.cut += 1
        return {"text": text[:longest], "cut": len(text) - longest}

    details = walked(json.loads(line), cut)
    kept = json.dumps(details).encode("ascii")
    if bounds.episode_bytes is None or len(kept) <= bounds.episode_bytes:
        return kept
    packed.left_out += 1
    return json.dumps({**details, "sections": [], "traces": [], "left_out": len(line)}).encode("ascii")


def _write(packed: Packed, lines: list[bytes]) -> None:
    packed.file.write(base64.b64encode(_gzip(b"[" + b",".join(lines) + b"]")))
    packed.ends.append(packed.file.tell())


def _gzip(data: bytes) -> bytes:
    squeezer = zlib.compressobj(level=6, wbits=_GZIP)
    return squeezer.compress(data) + squeezer.flush()
