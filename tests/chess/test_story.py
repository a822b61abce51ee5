# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Games and puzzles are told as they were played, from their records alone."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import chess
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsi_agents import rollout
from rsi_envs.chess import ChessEnv, ChessPuzzleEnv, ChessTextEnv, aec_env
from rsi_envs.chess.pictures import pieces
from rsi_envs.core.story import Conversation, told
from tests.components import need
from tests.recorded import Reciting, recorded, story_of

FOOLS_MATE = ("f3", "e5", "g4", "Qh4#")


@settings(max_examples=15)
@given(st.integers(0, 1000), st.sampled_from([None, "KPPvKPP", "8/P6k/8/8/8/8/8/K7 b - - 5 40"]))
def test_a_game_of_actions_is_the_game_that_was_played(seed: int, start: str | None) -> None:
    env = ChessEnv(start=start, max_plies=60)
    (board,) = story_of(env, "random", seed=seed)
    played = env.board()
    assert board.positions[0] == played.root().fen()
    assert board.positions[-1] == played.fen()
    assert len(board.positions) == len(board.moves) + 1 == len(played.move_stack) + 1
    again = chess.Board(board.positions[0])
    for san, position in zip(board.moves, board.positions[1:], strict=True):
        again.push_san(san)
        assert again.fen() == position
    assert board.evaluations == ()
    assert board.flipped is (seed % 2 == 1)


def test_a_game_in_words_is_told_with_what_was_said() -> None:
    board, conversation = story_of(ChessTextEnv(opponent="self"), Reciting("f3", "Rook to h9!", "e5", "g4", "Qh4#"))
    assert board.moves == FOOLS_MATE
    assert not board.flipped
    assert [message.malformed for message in conversation.messages if message.role == "agent"][1]


def test_both_sides_moves_are_told_where_an_opponent_plays_one() -> None:
    board, _ = story_of(ChessTextEnv(color="black", max_plies=5), "random", seed=3)
    assert len(board.moves) == 5
    assert board.flipped


class FirstLegal:
    """Plays the first legal action so often, and then one that is not legal."""

    def __init__(self, often: int = 100) -> None:
        self._often = often

    def reset(self, seed: int | None) -> None:
        self._left = self._often

    def act(self, observation: Any, info: dict[str, Any]) -> int:
        self._left -= 1
        return int(info["action_mask"].argmax() if self._left >= 0 else info["action_mask"].argmin())


def test_a_game_that_an_illegal_action_lost_is_told_up_to_there() -> None:
    (board,) = story_of(ChessEnv(opponent="self"), FirstLegal(often=3))
    assert len(board.moves) == 3


def test_what_white_could_expect_is_told_where_an_engine_measured() -> None:
    need("stockfish")
    env = ChessTextEnv(opponent="self", analysis_engine="stockfish", analysis_nodes=100)
    board, _ = story_of(env, Reciting(*FOOLS_MATE))
    assert len(board.evaluations) == 5
    assert all(0.0 <= chance <= 1.0 for chance in board.evaluations)
    assert board.evaluations[-2:] == (0.0, 0.0)


def test_shaped_rewards_tell_what_white_could_expect() -> None:
    need("stockfish")
    (board,) = story_of(ChessEnv(color="black", max_plies=5, shaping="stockfish", shaping_nodes=100), "random")
    # Evaluated when the agent is to move; the board has not decided the game.
    assert [chance is None for chance in board.evaluations] == [True, False, True, False, True, True]


def test_a_wrong_move_of_a_puzzle_is_told_beside_a_right_one() -> None:
    env = ChessPuzzleEnv()
    tried, right, conversation = story_of(env, "reference:mistake", seed=4)
    assert tried.positions[:-1] == right.positions[:-1]
    assert tried.moves != right.moves
    assert isinstance(conversation, Conversation)
    solved, *rest = story_of(env, "reference:solution", seed=4)
    assert [type(section) for section in rest] == [Conversation]
    assert solved.moves[0] == right.moves[0]
    assert solved.flipped is (" b " in solved.positions[0])


def test_a_puzzle_is_told_from_before_the_opponents_move_that_leads_to_it(tmp_path: Path) -> None:
    path = tmp_path / "puzzles.csv"
    path.write_text(
        "PuzzleId,FEN,Moves,Rating,RatingDeviation,Popularity,NbPlays,Themes,GameUrl,OpeningTags\n"
        "00008,6k1/5p1p/8/8/8/8/5PPP/3R2K1 b - - 0 1,h7h6 d1d8,1000,80,90,10,mate,,\n"
    )
    env = ChessPuzzleEnv(tasks=str(path), split="test")
    solved, _ = story_of(env, "reference:solution")
    assert solved.moves == ("h6", "Rd8+")
    assert not solved.flipped


@pytest.mark.parametrize(
    "game",
    [
        None,
        {},
        {"start": "no position", "moves": []},
        {"start": chess.STARTING_FEN, "moves": ["e2e5"]},
        {"start": chess.STARTING_FEN, "moves": [4671]},
        {"start": chess.STARTING_FEN, "moves": [-1]},
        {"start": chess.STARTING_FEN, "moves": [None]},
        {"start": chess.STARTING_FEN},
    ],
)
def test_a_game_that_cannot_be_played_again_is_no_board(game: Any) -> None:
    record = recorded(ChessTextEnv(max_plies=2), "random")
    last = replace(record.steps[-1], info={**record.steps[-1].info, "game": game})
    (only,) = told(ChessTextEnv, replace(record, steps=(*record.steps[:-1], last)))
    assert isinstance(only, Conversation)


@pytest.mark.parametrize("evaluations", [[0.5], "x", None, [2.0, -1.0, "x"], [None, None, None]])
def test_evaluations_that_are_none_are_left_out(evaluations: Any) -> None:
    record = recorded(ChessTextEnv(max_plies=2), "random")
    last = record.steps[-1]
    game = {**last.info["game"], "evaluations": evaluations}
    board, _ = told(ChessTextEnv, replace(record, steps=(replace(last, info={**last.info, "game": game}),)))
    assert not any(board.evaluations)


def test_the_numeric_infos_say_nothing_of_the_game_before_its_end() -> None:
    played = rollout(ChessEnv(opponent="self", max_plies=4), FirstLegal(), seed=0)
    assert ["game" in step.info for step in played.steps] == [False, False, False, True]
    moves = [step.action for step in played.steps]
    assert played.steps[-1].info["game"] == {"start": chess.STARTING_FEN, "moves": moves}


def test_both_agents_of_a_game_get_its_record() -> None:
    env = aec_env(max_plies=2)
    env.reset(seed=0)
    for agent in env.agent_iter(2):
        env.step(int(env.observe(agent)["action_mask"].argmax()))
    games = [info["game"] for info in env.unwrapped.infos.values()]
    assert games[0] == games[1]
    assert len(games[0]["moves"]) == 2


def test_there_is_a_picture_of_each_piece() -> None:
    assert set(pieces()) == set("PNBRQKpnbrqk")
    for picture in pieces().values():
        assert ET.fromstring(picture).tag == "g"
