# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A Gymnasium text space that holds any Unicode string, in vectors and in shared memory too."""

from __future__ import annotations

import ctypes
import multiprocessing
from collections.abc import Sequence
from typing import Any, overload

import numpy as np
from gymnasium.spaces import Text
from gymnasium.vector.utils import (
    create_shared_memory,
    read_from_shared_memory,
    write_to_shared_memory,
)

_SAMPLE_LENGTH = 64
_BYTES_PER_CHARACTER = 4
_LENGTH_BYTES = 8
_SURROGATES = range(0xD800, 0xE000)


class UnicodeText(Text):
    """Any string of `min_length` to `max_length` code points, whatever the script.

    Gymnasium's own `Text` lists its characters one by one, which a natural language can't do. A sample is up
    to 64 code points drawn from all of Unicode, without surrogates.

    Args:
        max_length: Most code points a member may have, at least 1.
        min_length: Fewest code points a member may have, at least 0.
        seed: Seeds `sample`, as in every Gymnasium space.
    """

    def __init__(self, max_length: int, *, min_length: int = 0, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(max_length, min_length=min_length, seed=seed)

    def contains(self, x: Any) -> bool:
        """Whether `x` is a string of a permitted length."""
        return isinstance(x, str) and self.min_length <= len(x) <= self.max_length

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> str:
        """Draws a string; masks make no sense for an alphabet this large and raise ValueError."""
        if mask is not None or probability is not None:
            raise ValueError("UnicodeText samples without mask or probability")
        longest = min(self.max_length, max(_SAMPLE_LENGTH, self.min_length))
        length = int(self.np_random.integers(self.min_length, longest + 1))
        points = self.np_random.integers(0, 0x110000 - len(_SURROGATES), size=length)
        return "".join(
            chr(point if point < _SURROGATES.start else point + len(_SURROGATES)) for point in points.tolist()
        )

    @property
    def is_np_flattenable(self) -> bool:
        """False: there is no fixed-size array that tells these strings apart."""
        return False

    def __repr__(self) -> str:
        return f"UnicodeText({self.min_length}, {self.max_length})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, UnicodeText)
            and self.min_length == other.min_length
            and self.max_length == other.max_length
        )

    __hash__ = None  # type: ignore[assignment]


# Gymnasium keeps Text in shared memory as indices into its character list, and reads it once, before anything is
# written. These keep UTF-8 behind a length instead, and read it when it is looked at.


def _slot_bytes(space: UnicodeText) -> int:
    return _LENGTH_BYTES + space.max_length * _BYTES_PER_CHARACTER


class SharedTexts(Sequence[str]):
    """The texts that the workers of a vector have written last; a deep copy is a plain tuple of them now."""

    def __init__(self, space: UnicodeText, shared_memory: Any, n: int) -> None:
        self._slot_bytes = _slot_bytes(space)
        self._buffer = memoryview(shared_memory.get_obj()).cast("B")
        self._n = n

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...

    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(self._n)))
        start = range(0, self._n * self._slot_bytes, self._slot_bytes)[index]
        text = start + _LENGTH_BYTES
        length = int.from_bytes(self._buffer[start:text], "little")
        return bytes(self._buffer[text : text + length]).decode("utf-8", "surrogatepass")

    def __deepcopy__(self, memo: dict[int, Any]) -> tuple[str, ...]:
        return tuple(self)


@create_shared_memory.register(UnicodeText)
def _create_shared_memory(space: UnicodeText, n: int = 1, ctx: Any = multiprocessing) -> Any:
    return ctx.Array(ctypes.c_char, n * _slot_bytes(space))


@write_to_shared_memory.register(UnicodeText)
def _write_to_shared_memory(space: UnicodeText, index: int, value: str, shared_memory: Any) -> None:
    data = value.encode("utf-8", "surrogatepass")
    if _LENGTH_BYTES + len(data) > _slot_bytes(space):
        raise ValueError(f"a text of {len(value)} characters is no member of {space}")
    record = len(data).to_bytes(_LENGTH_BYTES, "little") + data
    start = index * _slot_bytes(space)
    memoryview(shared_memory.get_obj()).cast("B")[start : start + len(record)] = record


@read_from_shared_memory.register(UnicodeText)
def _read_from_shared_memory(space: UnicodeText, shared_memory: Any, n: int = 1) -> SharedTexts:
    return SharedTexts(space, shared_memory, n)
