# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Text that nobody vouches for, shown so that it stays data: between marks that it can't write, nothing hidden."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

_OPEN, _CLOSE = "[[{title} · {nonce}]]", "[[end of {title} · {nonce}]]"
_NONCE_BYTES = 8
_LOOK_ALIKE = re.compile(r"\[\[(?=\s*(?:end of\b|[^\[\]\n]*·))", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){4,}")
_WIDE_GAP = re.compile(r"[^\S\n]{60,}")
_HIDING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_WANTED = {"\n", "\t", "\u200c", "\u200d"}
"""Besides line breaks, the joiners that Persian, Hindi and emoji are written with."""


def nonce_for(texts: Iterable[str]) -> str:
    """Makes the nonce of the marks around these texts: a digest of them all, so that none of them can hold it.

    The same texts get the same nonce, and so the same prompt.

    Returns:
        16 hexadecimal digits.

    Source: BLAKE2b (RFC 7693). A text that held its own digest would be found by chance once in 2^64 attempts.
    """
    digest = hashlib.blake2b(digest_size=_NONCE_BYTES)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def fenced(title: str, text: str, nonce: str) -> str:
    """Puts a text, made `visible`, between marks that bear a title and a nonce."""
    marks = {"title": title, "nonce": nonce}
    return f"{_OPEN.format(**marks)}\n{visible(text)}\n{_CLOSE.format(**marks)}"


def visible(text: str) -> str:
    """Shows what hides in a text, or hides by its amount.

    Control, format and private characters, those that turn the direction of writing among them, become ⟨U+202E⟩; five
    or more blank lines, and sixty or more spaces, become their number; and what looks like a mark is pulled apart.
    """
    text = spelled_out(text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _BLANK_LINES.sub(lambda run: f"\n⟨{run[0].count(chr(10)) - 1} blank lines⟩\n", text)
    text = _WIDE_GAP.sub(lambda run: f" ⟨{len(run[0])} spaces⟩ ", text)
    return _LOOK_ALIKE.sub("[ [", text)


def spelled_out(text: str) -> str:
    """Writes control, format and private characters as ⟨U+202E⟩; line breaks and tabs stay."""
    return "".join(
        character
        if character in _WANTED or unicodedata.category(character) not in _HIDING
        else f"⟨U+{ord(character):04X}⟩"
        for character in text
    )
