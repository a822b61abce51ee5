# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Results that somebody else has written down."""

from __future__ import annotations

import pytest

from rsi_agents.arena import Game, games_of, play_arena, read_results, standings
from rsi_agents.errors import InvalidGames
from tests.agents.arena import nim


def written(tmp_path, *lines: str):
    file = tmp_path / "results.jsonl"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def test_pairs_with_scores_are_read(tmp_path) -> None:
    file = written(
        tmp_path,
        '{"first": "a", "second": "ü", "score": 1, "group": "x", "more": []}',
        "",
        '{"first": "ü", "second": "a", "score": 0.25}',
    )
    assert read_results(file) == [Game("a", "ü", 1.0, "x"), Game("ü", "a", 0.25)]


def test_the_votes_of_chatbot_arenas_are_read(tmp_path) -> None:
    line = '{{"model_a": "a", "model_b": "b", "winner": "{}", "judge": "u"}}'
    winners = ("model_a", "model_b", "tie", "tie (bothbad)", "both_bad")
    file = written(tmp_path, *(line.format(winner) for winner in winners))
    assert [game.score for game in read_results(file)] == [1.0, 0.0, 0.5, 0.5, 0.5]
    assert {(game.first, game.second) for game in read_results(file)} == {("a", "b")}


def test_an_arenas_own_games_are_read_without_those_that_broke(new_arena) -> None:
    folder = new_arena(("random", nim.PERFECT, nim.BROKEN))
    play_arena(folder)
    read = read_results(folder.path / "games.jsonl")
    assert len(read) == 8
    assert standings(read).rows[0].elo == pytest.approx(standings(games_of(folder.records())).rows[0].elo)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "Expecting property name"),
        ("[1]", "no JSON object"),
        ("{}", "first is None; it must be a text"),
        ('{"first": "a", "second": "", "score": 1}', "second is ''"),
        ('{"first": "a", "second": "b"}', "score is None; it must be a number"),
        ('{"first": "a", "second": "b", "score": "1"}', "score is '1'"),
        ('{"first": "a", "second": "b", "score": true}', "score is True"),
        ('{"first": "a", "second": "b", "score": 2}', "must lie in"),
        ('{"first": "a", "second": "b", "score": NaN}', "must lie in"),
        ('{"first": "a", "second": "b", "score": 1' + 400 * "0" + "}", "too large"),
        (100_000 * "[", "recursion"),
        ('{"first": "a", "second": "a", "score": 1}', "plays against itself"),
        ('{"first": "a", "second": "b", "score": 1, "group": 3}', "group is 3"),
        ('{"model_a": "a", "model_b": "b", "winner": "nobody"}', "winner is 'nobody'; it must be one of 'model_a'"),
        ('{"model_a": "a", "model_b": "b"}', "winner is None"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line: str, problem: str) -> None:
    file = written(tmp_path, '{"first": "a", "second": "b", "score": 1}', line)
    with pytest.raises(InvalidGames, match=problem) as caught:
        read_results(file)
    assert "results.jsonl, line 2: " in str(caught.value)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(InvalidGames, match=r"can't read .*nothing.jsonl"):
        read_results(tmp_path / "nothing.jsonl")
