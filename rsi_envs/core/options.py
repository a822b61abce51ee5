# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Checks of constructor arguments that many environments share."""

from __future__ import annotations

from collections.abc import Iterable

from rsi_envs.core.errors import InvalidOption


def check_choice(name: str, value: object, choices: Iterable[object]) -> None:
    """Checks an argument that has a few permitted values.

    Raises:
        InvalidOption: The value is none of them; the message lists them.
    """
    choices = list(choices)
    if value not in choices:
        raise InvalidOption(f"{name} is {value!r}; it must be one of {', '.join(map(repr, choices))}")


def check_count(name: str, value: object, *, least: int = 1, optional: bool = False) -> None:
    """Checks an argument that counts something.

    Args:
        name: The argument's name.
        value: What was given.
        least: The smallest permitted number.
        optional: Whether None is permitted too.

    Raises:
        InvalidOption: The value is no such integer.
    """
    if optional and value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        or_none = " or None" if optional else ""
        raise InvalidOption(f"{name} is {value!r}; it must be an integer of at least {least}{or_none}")
