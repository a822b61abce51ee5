# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Large arrays in records: packed, because a list of numbers takes many times the room."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST_LIST = 256
"""Arrays of more numbers than this are packed."""
_KEY = "npy_zlib_base64"


def pack(array: NDArray[Any]) -> dict[str, str]:
    """Writes an array as NumPy's own file format, compressed, in base64."""
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(array), allow_pickle=False)
    return {_KEY: base64.b64encode(zlib.compress(file.getvalue())).decode("ascii")}


def unpack(packed: Mapping[str, str]) -> NDArray[Any]:
    """Reads what `pack` wrote.

    Raises:
        ValueError: It is not packed, or broken.
    """
    try:
        data = zlib.decompress(base64.b64decode(packed[_KEY], validate=True))
    except (KeyError, TypeError, zlib.error) as error:
        raise ValueError(f"this is no packed array: {error}") from error
    return np.load(io.BytesIO(data), allow_pickle=False)  # type: ignore[no-any-return]
