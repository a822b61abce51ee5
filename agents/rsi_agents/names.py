# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Changing what an agent's name says."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

_OF = " of "


def with_setting(name: str, key: str, value: str) -> str:
    """Gives an agent's name another setting; of a wrapped agent, the innermost one's.

    Args:
        name: An agent's name.
        key: The setting; the value that it had is replaced.
        value: As text.
    """
    wrappers, of, inner = name.rpartition(_OF)
    head, _, query = inner.partition("?")
    settings = dict(parse_qsl(query, keep_blank_values=True)) | {key: value}
    return f"{wrappers}{of}{head}?{urlencode(settings, safe='/:')}"
