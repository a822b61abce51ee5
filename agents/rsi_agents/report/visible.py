# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Text as it can be shown: nothing in it is hidden, turned around or unwritable."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """Shows control characters, and what turns text around, by their code points, such as "[U+001B]".

    Line feeds and tabs stay; a carriage return before a line feed goes; lone surrogates become U+FFFD.
    """
    return _CONTROLS.sub(lambda found: _shown(found[0]), text.replace("\r\n", "\n"))


def walked(value: Any, text: Callable[[str], Any]) -> Any:
    """Copies a JSON value with every string but keys put through `text`; what JSON lacks becomes text."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list | tuple):
        return [walked(item, text) for item in value]
    if isinstance(value, dict | Mapping):
        return {visible(str(key)): walked(item, text) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, int | float):
        return value
    return text(repr(value))


def _shown(character: str) -> str:
    return "\ufffd" if "\ud800" <= character <= "\udfff" else f"[U+{ord(character):04X}]"
