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
_LOOK_ALIKE = re.compile(r"(?:[\[\uff3b]{2}|[⟦〚])(?=\s*(?:end of\b|[^\[\uff3b⟦〚\]\n]*[·•・‧∙⋅]))", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n){4,}")
_WIDE_GAP = re.compile(r"[^\S\n]{60,}")
_REPEATED = re.compile(r"⟨(U\+[0-9A-F]{4,6})⟩(?:⟨\1⟩){4,}")
_HIDING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_INVISIBLE = {
    *map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)),
    *map(chr, range(0x180B, 0x1810)),
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
}
"""Letters, marks and symbols that show nothing: Unicode's default ignorable code points, and the blank of Braille."""
_JOINERS = {"\u200c", "\u200d"}
_EMOJI_FORMS, _KEYCAP = {"\ufe0e", "\ufe0f"}, "\u20e3"


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

    What `spelled_out` spells out becomes ⟨U+202E⟩, and a run of it ⟨U+202E, 500 times⟩; five or more blank lines, and
    sixty or more spaces, become their number; and what looks like a mark is pulled apart.
    """
    text = spelled_out(text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _REPEATED.sub(lambda run: f"⟨{run[1]}, {run[0].count('⟨')} times⟩", text)
    text = _BLANK_LINES.sub(lambda run: f"\n⟨{run[0].count(chr(10)) - 1} blank lines⟩\n", text)
    text = _WIDE_GAP.sub(lambda run: f" ⟨{len(run[0])} spaces⟩ ", text)
    return _LOOK_ALIKE.sub(lambda mark: f"{mark[0][0]} {mark[0][1:]}", text)


def spelled_out(text: str) -> str:
    """Writes characters that show nothing, or that steer what shows them, as ⟨U+202E⟩.

    Those are control, format and private characters, and invisible letters and marks. Line breaks and tabs stay; so do
    the joiners of Persian, Hindi and emoji, and the forms of emoji, where they belong.

    Source: Unicode Standard Annex 44, Default_Ignorable_Code_Point; Unicode Technical Report 36, section 2.
    """
    neighbours = zip("\n" + text, text, text[1:] + "\n", strict=False)
    return "".join(
        here if _is_seen(before, here, after) else f"⟨U+{ord(here):04X}⟩" for before, here, after in neighbours
    )


def _is_seen(before: str, here: str, after: str) -> bool:
    if here.isascii():
        return here.isprintable() or here in "\n\t"
    if here in _JOINERS:
        return _joins(before) and _joins(after)
    if here in _EMOJI_FORMS:
        return unicodedata.category(before)[0] == "S" or after == _KEYCAP
    return here not in _INVISIBLE and unicodedata.category(here) not in _HIDING


def _joins(character: str) -> bool:
    """Whether it is of a kind that joiners stand between: letters, marks and symbols beyond ASCII."""
    return not character.isascii() and unicodedata.category(character)[0] in "LMS"
