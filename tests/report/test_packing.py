# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import base64
import gzip
import json
import random
import string
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsi_agents.report.packing import pack_to_fit, packed_text
from rsi_agents.report.spool import SHORTEST_CUT, Spool


def unpacked(text: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(text)))


def details(*texts: str) -> dict[str, Any]:
    return {"row": {"id": "x"}, "sections": [{"kind": "Writing", "text": text} for text in texts], "traces": []}


def noise(characters: int, seed: int = 0) -> str:
    """Text that compresses badly."""
    return "".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=characters))


def episodes_of(packed) -> Iterator[dict[str, Any]]:
    for chunk in packed.chunks():
        yield from unpacked(chunk)


def filled(*episodes: dict[str, Any]) -> Spool:
    spool = Spool()
    for episode in episodes:
        spool.add(episode)
    return spool


def test_what_fits_is_kept_whole():
    told = [details("short"), details("a" * 50_000, "\ud800 lone, \x00 NUL"), details()]
    with filled(*told) as spool, closing(pack_to_fit(spool, 1_000_000)) as packed:
        found = list(episodes_of(packed))
        assert packed.cut == packed.left_out == 0
        assert found[0] == told[0]
        assert found[1]["sections"][0]["text"] == "a" * 50_000
        assert found[1]["sections"][1]["text"] == "\ufffd lone, [U+0000] NUL"


def test_episodes_say_which_chunk_they_are_in():
    told = [details(noise(100_000, seed)) for seed in range(10)]
    with filled(*told) as spool, closing(pack_to_fit(spool, 10_000_000)) as packed:
        assert len(packed.ends) > 1
        chunks = [unpacked(chunk) for chunk in packed.chunks()]
        for number, episode in enumerate(told):
            assert episode in chunks[packed.places[number]]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 6_000), min_size=1, max_size=12), st.integers(3_000, 60_000))
def test_whatever_the_budget_nothing_is_cut_silently(lengths, budget):
    texts = [noise(length, seed) for seed, length in enumerate(lengths)]
    with filled(*(details(text) for text in texts)) as spool:
        packed = pack_to_fit(spool, budget)
        assert packed is not None
        with closing(packed):
            assert packed.size <= budget
            cut = left_out = 0
            for text, episode in zip(texts, episodes_of(packed), strict=True):
                if not episode["sections"]:
                    assert episode["left_out"] > len(text)
                    left_out += 1
                    continue
                shown = episode["sections"][0]["text"]
                if isinstance(shown, str):
                    assert shown == text
                else:
                    cut += 1
                    assert text.startswith(shown["text"])
                    assert len(shown["text"]) + shown["cut"] == len(text)
                    assert len(shown["text"]) >= SHORTEST_CUT
            assert left_out == packed.left_out
            assert cut == packed.cut or left_out


def test_the_longest_texts_are_cut_first():
    texts = [noise(500), noise(2_000, 1), noise(200_000, 2)]
    with filled(details(*texts)) as spool, closing(pack_to_fit(spool, 60_000)) as packed:
        (episode,) = episodes_of(packed)
        assert [isinstance(section["text"], str) for section in episode["sections"]] == [True, True, False]
        assert packed.cut == 1
        assert 20_000 < packed.bounds.text < 200_000


def test_where_not_even_lists_of_episodes_fit_there_is_no_report():
    with filled(*(details("x") for _ in range(100))) as spool:
        assert pack_to_fit(spool, 100) is None


def test_numbers_that_json_lacks_never_reach_the_page():
    with pytest.raises(ValueError, match="not JSON compliant"):
        packed_text({"score": float("nan")})
