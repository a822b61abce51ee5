# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""rsi/ChessPuzzle-v0: right moves earn their share, wrong ones end the puzzle, unreadable ones are asked again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import chess
import gymnasium as gym
import pytest
from gymnasium.error import ResetNeeded

from rsi_agents import make_agent, rollout
from rsi_envs.chess.puzzle_env import ChessPuzzleEnv
from rsi_envs.chess.puzzle_rules import rule_on
from rsi_envs.chess.reading import read_move
from rsi_envs.core.errors import InvalidOption, TaskNotFound
from tests.components import need

ENV = "rsi/ChessPuzzle-v0"
TWO_KEYS = "7k/8/8/8/8/8/R7/1R4K1 w - - dm 2;"
LICHESS = """\
PuzzleId,FEN,Moves,Rating,RatingDeviation,Popularity,NbPlays,Themes,GameUrl,OpeningTags
one,6k1/5ppp/8/8/8/8/5PPP/3RR1K1 b - - 0 1,h7h6 e1e8 g8h7 d1d7,1500,80,90,1000,short line,https://lichess.org/x,
"""


def make(tmp_path: Path, text: str | None = None, suffix: str = ".epd", **options: Any) -> ChessPuzzleEnv:
    if text is not None:
        path = tmp_path / f"puzzles{suffix}"
        path.write_text(text)
        options = {"tasks": str(path), "split": "test", **options}
    env = gym.make(ENV, **options).unwrapped
    assert isinstance(env, ChessPuzzleEnv)
    return env


def play(env: ChessPuzzleEnv, *actions: str) -> list[tuple[float, bool, dict[str, Any]]]:
    steps = []
    for action in actions:
        _, reward, terminated, truncated, info = env.step(action)
        assert not truncated
        steps.append((reward, terminated, info))
    return steps


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("notation", ["uci", "san"])
def test_the_solution_solves_every_shipped_puzzle(split: str, notation: str) -> None:
    env, agent = gym.make(ENV, notation=notation), make_agent("reference:solution")
    assert isinstance(env.unwrapped, ChessPuzzleEnv)
    for task_id in env.unwrapped.task_ids(split):  # type: ignore[arg-type]
        trajectory = rollout(env, agent, seed=0, options={"task_id": task_id})
        verdict = trajectory.verdict
        assert verdict is not None
        assert (verdict.score, verdict.passed) == (1.0, True), task_id
        assert verdict.parts == {"moves_found": len(trajectory.steps), "moves": env.unwrapped.puzzle.moves}
        assert all(step.reward == pytest.approx(1 / len(trajectory.steps)) for step in trajectory.steps)


def test_random_play_through_the_listed_actions_solves_few() -> None:
    env, agent = gym.make(ENV), make_agent("random")
    verdicts = [rollout(env, agent, seed=seed).verdict for seed in range(60)]
    assert 0 < sum(verdict.passed or False for verdict in verdicts if verdict) < 20


def test_an_engine_can_play_through_board_and_action_of(tmp_path: Path) -> None:
    env = make(tmp_path, LICHESS, ".csv")
    env.reset(seed=0)
    assert env.board().move_stack == [chess.Move.from_uci("h7h6")]
    ((reward, over, _info),) = play(env, env.action_of(chess.Move.from_uci("e1e8")))
    assert (reward, over) == (0.5, False)
    assert [move.uci() for move in env.board().move_stack] == ["h7h6", "e1e8", "g8h7"]
    env.board().push_uci("d1d2")
    assert len(env.board().move_stack) == 3


def test_stockfish_by_name_solves_nearly_every_puzzle_of_the_test_split() -> None:
    need("stockfish")
    env, agent = gym.make(ENV), make_agent("uci:stockfish?nodes=20000")
    task_ids = ChessPuzzleEnv().task_ids("test")
    verdicts = [rollout(env, agent, seed=0, options={"task_id": task_id}).verdict for task_id in task_ids]
    assert sum(verdict.passed or False for verdict in verdicts if verdict) >= 90


def test_the_assignment_shows_position_side_goal_and_form(tmp_path: Path) -> None:
    observation, info = make(tmp_path, LICHESS, ".csv").reset(seed=0)
    assert "FEN: 6k1/5pp1/7p/8/8/8/5PPP/3RR1K1 w - - 0 2" in observation
    assert "1 . . . R R . K ." in observation
    assert "Black has just played h7h6. You play White. Find the best move, and go on" in observation
    assert "Legal moves" not in observation
    assert observation.endswith("\n<move>YOUR MOVE</move>")
    assert "<move>e1e8</move>" in info["legal_actions"]


def test_options_choose_what_is_shown_and_how_moves_are_written(tmp_path: Path) -> None:
    env = make(tmp_path, LICHESS, ".csv", notation="san", diagram=False, legal_moves=True)
    observation, info = env.reset(seed=0)
    assert "1 . . . R R . K ." not in observation
    assert "Black has just played h6." in observation
    assert "Re8+" in observation.partition("Legal moves: ")[2]
    assert "<move>Re8+</move>" in info["legal_actions"]
    assert "Black replies Kh7." in env.step("Re8")[0]


def test_a_wrong_move_ends_the_puzzle_with_the_share_found(tmp_path: Path) -> None:
    env = make(tmp_path, LICHESS, ".csv")
    env.reset(seed=0)
    (first, over, _), (second, over_then, info) = play(env, "e1e8", "e8e7")
    assert (first, over, second, over_then) == (0.5, False, 0.0, True)
    verdict = info["verdict"]
    assert (verdict["score"], verdict["passed"]) == (0.5, False)
    assert verdict["parts"] == {"moves_found": 1.0, "moves": 2.0, "rating": 1500.0, "rating_deviation": 80.0}
    assert verdict["reason"] == "Wrong: e8e7. The puzzle is lost; a right move was d1d7."
    assert info["legal_actions"] == []


def test_any_mate_solves_a_puzzle_even_beside_its_line(tmp_path: Path) -> None:
    text = LICHESS.replace("h7h6 e1e8 g8h7 d1d7", "g8h8 e1e7 h8g8 e7e1")
    env = make(tmp_path, text, ".csv")
    env.reset(seed=0)
    ((reward, over, info),) = play(env, "d1d8")
    assert (reward, over, info["verdict"]["passed"]) == (1.0, True, True)
    assert info["verdict"]["parts"]["moves_found"] == 2.0


def test_every_move_that_keeps_the_mate_in_time_is_right(tmp_path: Path) -> None:
    env = make(tmp_path, TWO_KEYS)
    outcomes = {}
    env.reset(seed=0)
    for move in env.board().legal_moves:
        env.reset(seed=0)
        ((reward, over, _),) = play(env, move.uci())
        outcomes[move.uci()] = (reward, over)
        if not over:
            ((_, over, info),) = play(env, env.reference_action("solution"))
            assert (over, info["verdict"]["score"]) == (True, 1.0)
    assert {move for move, outcome in outcomes.items() if outcome == (0.5, False)} == {"a2a7", "b1b7"}
    assert {outcome for move, outcome in outcomes.items() if move not in ("a2a7", "b1b7")} == {(0.0, True)}


def test_any_of_the_best_moves_solves_and_no_other(tmp_path: Path) -> None:
    for move, score in (("e1e8", 0.0), ("d1d7", 1.0), ("d1d2", 1.0)):
        env = make(tmp_path, "6k1/5pp1/7p/8/8/8/5PPP/3RR1K1 w - - bm Rd7 Rd2;")
        env.reset(seed=0)
        ((reward, over, info),) = play(env, move)
        assert (reward, over, info["verdict"]["score"]) == (score, True, score)


def test_unreadable_and_illegal_replies_are_asked_again_at_each_move(tmp_path: Path) -> None:
    env = make(tmp_path, LICHESS, ".csv", retries=1)
    env.reset(seed=0)
    first, second, third, fourth = play(env, "no idea", "e1e8", "e8e9 e8a7", "d1d7")
    assert (first[:2], first[2]["malformed"]) == ((0.0, False), "there is no move in the reply")
    assert (second[0], second[2]["malformed"]) == (0.5, None)
    assert third[2]["malformed"] == "e8a7 is not legal: the rook on e8 can't go to a7"
    assert "<move>d1d7</move>" in third[2]["legal_actions"]
    assert (fourth[1], fourth[2]["verdict"]["score"]) == (True, 1.0)


@pytest.mark.parametrize("retries", [0, 2])
def test_too_many_such_replies_lose_the_puzzle(tmp_path: Path, retries: int) -> None:
    env = make(tmp_path, LICHESS, ".csv", retries=retries)
    env.reset(seed=0)
    steps = play(env, *["e1e2e3"] * (retries + 1))
    assert [over for _, over, _ in steps] == [False] * retries + [True]
    assert steps[-1][2]["verdict"]["score"] == 0.0
    assert steps[-1][2]["malformed"] == "there is no move in the reply"
    with pytest.raises(ResetNeeded):
        env.step("e1e8")


def test_the_reply_to_a_refusal_says_what_is_left(tmp_path: Path) -> None:
    env = make(tmp_path)
    env.reset(seed=0)
    assert "Replies left at this turn: 2" in env.step("?")[0]
    assert "Replies left at this turn: 1" in env.step("?")[0]


def test_references_and_puzzle_need_an_episode() -> None:
    env = ChessPuzzleEnv()
    with pytest.raises(ResetNeeded):
        env.reference_action("solution")
    env.reset(seed=0)
    with pytest.raises(TaskNotFound, match="its levels: solution, mistake"):
        env.reference_action("best")
    play(env, *["?"] * 3)
    with pytest.raises(TaskNotFound, match="is over"):
        env.reference_action("solution")
    assert env.reference_worth() == {}


@pytest.mark.parametrize(
    ("options", "problem"),
    [({"retries": -1}, "retries is -1"), ({"notation": "lan"}, "notation is 'lan'"), ({"split": "dev"}, "split 'dev'")],
)
def test_arguments_that_make_no_sense_are_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidOption, match=problem):
        ChessPuzzleEnv(**options)


def test_a_mistake_is_a_wrong_move_and_a_check_or_capture_where_one_is_wrong() -> None:
    env = ChessPuzzleEnv()
    tempting = 0
    for task_id in env.task_ids():
        env.reset(seed=0, options={"task_id": task_id})
        board, puzzle = env.board(), env.puzzle
        found = read_move(env.reference_action("mistake"), board).move
        wrong = [move for move in board.legal_moves if not rule_on(puzzle, board, move).right]
        forcing = [move for move in wrong if board.gives_check(move)] or list(filter(board.is_capture, wrong))
        assert found in (forcing or wrong)
        tempting += bool(forcing)
    assert tempting > 100
