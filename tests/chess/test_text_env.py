# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""rsi/ChessText-v0 is played, scored and ended as its card says."""

from __future__ import annotations

from typing import Any

import chess
import pytest

from rsi_agents import make_agent, rollout
from rsi_envs.chess.errors import InvalidPosition
from rsi_envs.chess.text_env import ChessTextEnv
from rsi_envs.core.errors import EnvironmentFault, InvalidOption, TaskNotFound
from tests.components import need

MATE_IN_ONE = "7k/8/6K1/8/8/8/Q7/8 w - - 0 1"


def say(env: ChessTextEnv, *replies: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
    """Gives these replies; returns what the last led to."""
    for reply in replies:
        result = env.step(reply)
    return result


class Repeater:
    """Gives the replies that its subclasses list, one a game after the other."""

    replies: tuple[Any, ...] = ()

    def reset(self, seed: int | None) -> None:
        self._replies = iter(self.replies)

    def act(self, observation: Any, info: Any) -> Any:
        return next(self._replies)


class Fool(Repeater):
    """Gets mated at once, after a slip that is forgiven."""

    replies = ("<move>f2f5</move>", "I play f3.", "g4")


class Mute(Repeater):
    replies = ("…",) * 9


class Broken(Repeater):
    replies = ()


class Mater(Repeater):
    replies = ("Qa8",)


def test_the_first_observation_is_the_whole_assignment_and_later_ones_only_what_is_new() -> None:
    env = ChessTextEnv(color="black", opponent="python:tests.chess.test_text_env:Fool")
    first, info = env.reset(seed=0)
    assert first.startswith("You play a game of chess with the black pieces. Win it.\n\nWhite has played f2f3.\n")
    assert "FEN: rnbqkbnr/pppppppp/8/8/8/5P2/PPPPP1PP/RNBQKBNR b KQkq - 0 1" in first
    assert "8 r n b q k b n r" in first
    assert first.endswith("<move>YOUR MOVE</move>")
    assert len(info["legal_actions"]) == 20
    later, reward, terminated, _, info = say(env, "e5")
    assert later.startswith("White has played g2g4.\n\nFEN:")
    assert "You play" not in later
    assert later.endswith("<move>YOUR MOVE</move>")
    assert (reward, terminated) == (0.0, False)
    text, reward, terminated, _, info = say(env, "I see it: Qh4# wins.")
    assert (text, reward, terminated) == ("The game is over: black wins by checkmate.", 1.0, True)
    assert info["verdict"]["score"] == 1.0
    assert info["verdict"]["parts"] == {"plies": 4.0}
    assert info["legal_actions"] == []


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"history": True}, "The game so far: e2e4 e7e5"),
        ({"history": True, "notation": "san"}, "The game so far: 1. e4 e5"),
        ({"legal_moves": True}, "Legal moves: g1h3 "),
        ({"legal_moves": True, "notation": "san"}, "Legal moves: Nh3 "),
    ],
)
def test_what_is_shown_can_be_chosen(options: dict[str, Any], shown: str) -> None:
    env = ChessTextEnv(opponent="self", **options)
    env.reset(seed=0)
    say(env, "e4")
    assert shown in say(env, "e5")[0]
    bare = ChessTextEnv(opponent="self", diagram=False)
    assert "capitals" not in bare.reset(seed=0)[0]


def test_an_illegal_reply_may_be_corrected_so_often_and_then_loses() -> None:
    env = ChessTextEnv(color="white", retries=1)
    env.reset(seed=0)
    text, reward, terminated, _, info = say(env, "e2e5")
    assert "the pawn on e2 can't go to e5" in text
    assert "Replies left at this turn: 1" in text
    assert text.endswith("<move>YOUR MOVE</move>")
    assert (reward, terminated) == (0.0, False)
    assert "e2e5 is not legal" in info["malformed"]
    say(env, "e2e4")
    say(env, "hello")
    text, reward, terminated, _, info = say(env, "hello again")
    assert (reward, terminated, info["verdict"]["score"]) == (0.0, True, 0.0)
    assert text == "The game is over: white loses by illegal replies, the last because there is no move in the reply."


def test_an_opponent_without_a_legal_reply_loses() -> None:
    class_name = "python:tests.chess.test_text_env:"
    env = ChessTextEnv(color="white", opponent=class_name + "Mute")
    env.reset(seed=0)
    text, reward, terminated, _, _ = say(env, "e4")
    assert (reward, terminated) == (1.0, True)
    assert "black loses by illegal replies" in text


def test_an_opponent_that_fails_is_the_environments_fault() -> None:
    env = ChessTextEnv(color="white", opponent="python:tests.chess.test_text_env:Broken")
    env.reset(seed=0)
    with pytest.raises(EnvironmentFault, match="StopIteration"):
        say(env, "e4")
    with pytest.raises(EnvironmentFault, match="no legal first move"):
        ChessTextEnv(color="black", opponent="python:tests.chess.test_text_env:Mute").reset(seed=0)
    mated = ChessTextEnv(color="black", opponent="python:tests.chess.test_text_env:Mater", start=MATE_IN_ONE)
    with pytest.raises(InvalidPosition, match="other color"):
        mated.reset(seed=0)


def test_a_draw_is_worth_half_and_the_longest_game_is_truncated() -> None:
    env = ChessTextEnv(opponent="self", start="7k/8/6K1/8/8/8/8/5Q2 w - - 0 1")
    env.reset(seed=0)
    assert say(env, "Qf7")[1] == 0.5
    short = ChessTextEnv(opponent="self", max_plies=2)
    short.reset(seed=0)
    _, reward, terminated, truncated, info = say(short, "e4", "e5")
    assert (reward, terminated, truncated) == (0.5, False, True)
    assert info["verdict"]["reason"] == "draw after 2 plies"


def test_random_plays_legally_in_both_seats() -> None:
    env = ChessTextEnv(opponent="random", max_plies=40)
    trajectory = rollout(env, make_agent("random"), seed=3)
    assert not any(step.info["malformed"] for step in trajectory.steps)
    again = rollout(ChessTextEnv(opponent="random", max_plies=40), make_agent("random"), seed=3)
    assert [step.action for step in again.steps] == [step.action for step in trajectory.steps]
    other = rollout(env, make_agent("random"), seed=5)
    assert [step.action for step in other.steps] != [step.action for step in trajectory.steps]


@pytest.mark.parametrize("notation", ["uci", "san"])
def test_actions_of_moves_are_read_back(notation: Any) -> None:
    env = ChessTextEnv(opponent="self", notation=notation, start="1n6/P4k2/8/8/8/8/8/R3K2R w KQ - 0 1")
    env.reset(seed=0)
    for uci in ("a7a8n", "a7b8q", "e1g1", "e1c1", "a1a6"):
        env.reset(seed=0)
        env.step(env.action_of(chess.Move.from_uci(uci)))
        assert env.board().peek().uci() == uci


@pytest.mark.parametrize(
    ("argument", "value"),
    [("color", "red"), ("draws", "never"), ("notation", "iccf"), ("retries", -1), ("max_plies", 0), ("start", "x")],
)
def test_an_argument_that_makes_no_sense_is_refused(argument: str, value: object) -> None:
    with pytest.raises(InvalidOption, match=str(value)):
        ChessTextEnv(**{argument: value})  # type: ignore[arg-type]


def test_there_are_no_tasks() -> None:
    with pytest.raises(TaskNotFound, match="argument of this name"):
        ChessTextEnv().reset(options={"task_id": "KRvK"})


def test_an_engine_measures_what_each_move_loses() -> None:
    need("stockfish")
    env = ChessTextEnv(opponent="self", analysis_engine="stockfish", analysis_nodes=5_000)
    _, info = env.reset(seed=0)
    assert info["metrics"] == {}
    losses = [say(env, san)[4]["metrics"]["centipawn_loss"] for san in ("e4", "e5", "Qh5", "Ke7")]
    assert losses[0] < 60
    assert losses[1] < 60
    assert losses[3] > 800
    assert say(env, "nonsense")[4]["metrics"] == {}
    assert say(env, "Qxe5")[4]["metrics"]["centipawn_loss"] < 60


def test_an_engine_plays_in_words() -> None:
    need("stockfish")
    env = ChessTextEnv(opponent="uci:stockfish?nodes=500", color="black")
    trajectory = rollout(env, make_agent("random"), seed=0)
    assert trajectory.reward == 0.0
    assert trajectory.steps[-1].info["verdict"]["reason"] == "white wins by checkmate"
