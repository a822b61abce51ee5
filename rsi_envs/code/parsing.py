# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Finding the program in a model's reply."""

from __future__ import annotations

import ast

from markdown_it import MarkdownIt

from rsi_envs.code.values import parse_module

_PYTHON = {"", "python", "py", "python3"}


def extract_program(reply: str, entry_point: str) -> str | None:
    """Returns the Python program in a reply, or None when there is none.

    Taken is the last fenced Markdown block, marked as Python or not marked, that defines `entry_point`; else the last
    such block that has any code; else, when there is no block, the whole reply if it is Python that defines
    `entry_point`. A last fence that is never closed counts, as CommonMark has it.

    Source: CommonMark 0.31.2, section 4.5, as markdown-it-py reads it.
    """
    blocks = [
        token.content
        for token in MarkdownIt().disable("inline").parse(reply)
        if token.type == "fence" and token.info.strip().lower() in _PYTHON and token.content.strip()
    ]
    for block in reversed(blocks):
        if _defines(block, entry_point):
            return block
    if blocks:
        return blocks[-1]
    return reply if _defines(reply, entry_point) else None


def _defines(source: str, name: str) -> bool:
    try:
        body = parse_module(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(
        (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name)
        or (isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets))
        for node in body
    )
