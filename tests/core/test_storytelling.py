# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Stories are put together of what a record can tell."""

import pytest

from rsi_envs.core.story import Check, Table
from rsi_envs.core.storytelling import demands_on, put_together, ranked, talk
from tests.core.test_story import Moment, Tale

TALE = Tale("Guess.", [Moment("five", info={"checks": [1]})])
TABLE = Table("Numbers", ("n",), (("1",),))


def half(episode):
    yield TABLE
    raise KeyError("the rest")


def test_a_part_that_the_record_cannot_tell_is_left_out_whole():
    (conversation,) = talk(TALE)
    assert put_together(TALE, half, lambda episode: [TABLE], talk) == (TABLE, conversation)


def test_what_no_part_tells_is_told_plainly():
    assert put_together(TALE, half) == talk(TALE)
    numbers = Tale([0.0], [Moment(12)])
    assert talk(numbers) == ()
    assert put_together(numbers, half)[0].title == "Actions"


def test_an_episode_that_broke_asks_no_part():
    assert put_together(Tale(None, [], None), lambda episode: [TABLE]) == ()


def test_a_mistake_of_another_kind_is_not_hidden():
    def unfinished(episode):
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        put_together(TALE, unfinished)


def test_demands_are_checked_and_counted():
    constraints = [{"kind": "words", "most": 2}, {"kind": "begins", "text": "Dear", "least": 1}]
    assert demands_on("Dear me oh", constraints) == (
        Check("It has at most 2 words.", False, "Here it is 3."),
        Check("It begins with “Dear”.", True, ""),
    )


def test_a_ranking_names_candidates_and_the_letters_they_were_shown_by():
    assert ranked([[2], [0, 1]], (0, 1, 2), {0: "A", 1: "B", 2: "C"}) == "C > A = B"
    assert ranked([[1], [0]], (1, 0), {0: "A", 1: "B"}) == "B (shown as A) > A (shown as B)"
    assert ranked([[0], [3]], (3, 0), {0: "mine", 3: "good"}) == "mine (shown as B) > good (shown as A)"
