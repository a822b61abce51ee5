# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Programs in replies: out of their Markdown code block, and back into one."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

_PYTHON = frozenset({"", "python", "py", "python3"})


def fenced_program(reply: str) -> str | None:
    """Returns what the last Python code block of a reply holds; None where there is none.

    Source: CommonMark 0.31.2, section 4.5, as markdown-it-py reads it.
    """
    blocks = [
        token.content
        for token in MarkdownIt().disable("inline").parse(reply)
        if token.type == "fence" and token.info.strip().lower() in _PYTHON and token.content.strip()
    ]
    return blocks[-1] if blocks else None


def in_fence(program: str) -> str:
    """Writes a program as a code block, with a fence that nothing in it closes."""
    longest = max(map(len, re.findall(r"`+", program)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{program.strip()}\n{fence}"
