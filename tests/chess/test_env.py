# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""rsi/Chess-v0 is played, scored and ended as its card says."""

from __future__ import annotations

import os
from typing import Any

import chess
import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded

from rsi_envs.chess.env import ChessEnv
from rsi_envs.chess.errors import EngineNotFound, InvalidPosition
from rsi_envs.chess.evaluation import Evaluator, TablebaseEvaluator
from rsi_envs.chess.tablebases import Tablebases
from rsi_envs.core.errors import EnvironmentFault, InvalidAction, InvalidOption
from tests.components import need

MATE_IN_ONE = "7k/8/6K1/8/8/8/Q7/8 w - - 0 1"


def play(env: ChessEnv, *uci: str) -> tuple[float, bool, bool, dict[str, Any]]:
    """Plays these moves; returns what the last led to."""
    for move in uci:
        _, reward, terminated, truncated, info = env.step(env.action_of(chess.Move.from_uci(move)))
    return reward, terminated, truncated, info


def play_out(env: ChessEnv, seed: int) -> tuple[str, float, dict[str, Any]]:
    """Plays a whole game at random; returns its moves, reward and last info."""
    _, info = env.reset(seed=seed)
    rng = np.random.default_rng(seed)
    over = False
    while not over:
        _, reward, terminated, truncated, info = env.step(rng.choice(np.flatnonzero(info["action_mask"])))
        over = terminated or truncated
    return " ".join(move.uci() for move in env.board().move_stack), reward, info


def test_mate_wins() -> None:
    env = ChessEnv(opponent="self", start=MATE_IN_ONE)
    env.reset(seed=0)
    reward, terminated, truncated, info = play(env, "a2a8")
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert info["verdict"] == {
        "score": 1.0,
        "passed": True,
        "parts": {"plies": 1.0},
        "votes": [],
        "judged_by": [],
        "health": {},
        "reason": "white wins by checkmate",
    }
    assert not info["action_mask"].any()
    assert not env.action_masks().any()


def test_stalemate_is_worth_half() -> None:
    env = ChessEnv(opponent="self", start="7k/8/6K1/8/8/8/8/5Q2 w - - 0 1")
    env.reset(seed=0)
    reward, terminated, _, info = play(env, "f1f7")
    assert (reward, terminated, info["verdict"]["score"]) == (0.0, True, 0.5)
    assert info["verdict"]["reason"] == "draw by stalemate"


def test_being_mated_by_the_opponent_loses() -> None:
    env = ChessEnv(opponent="python:tests.chess.test_env:Scholar", color="black")
    env.reset(seed=0)
    reward, terminated, _, info = play(env, "e7e5", "b8c6", "g8f6")
    assert (reward, terminated, info["verdict"]["score"]) == (-1.0, True, 0.0)
    assert info["verdict"]["reason"] == "white wins by checkmate"


class Scholar:
    """Plays for the scholar's mate with White, reading the board through the environment that it is attached to."""

    def attach(self, env: Any) -> None:
        self._env = env.unwrapped

    def reset(self, seed: int | None) -> None:
        self._moves = iter(["e2e4", "d1h5", "f1c4", "h5f7"])

    def act(self, observation: Any, info: Any) -> int:
        assert observation.shape == (8, 8, 119)
        assert info["action_mask"].any()
        action: int = self._env.action_of(chess.Move.from_uci(next(self._moves)))
        return action


class Cheat:
    """Plays what is not legal."""

    def reset(self, seed: int | None) -> None:
        """Nothing to forget."""

    def act(self, observation: Any, info: Any) -> Any:
        return 0


class Broken(Cheat):
    """Breaks instead of playing."""

    def act(self, observation: Any, info: Any) -> Any:
        raise KeyError("no move")


@pytest.mark.parametrize(("opponent", "why"), [("Cheat", "gave 0"), ("Broken", "KeyError: 'no move'")])
def test_an_opponent_that_fails_is_the_environments_fault(opponent: str, why: str) -> None:
    env = ChessEnv(opponent=f"python:tests.chess.test_env:{opponent}", color="white")
    env.reset(seed=0)
    with pytest.raises(EnvironmentFault, match=why):
        play(env, "e2e4")


def test_an_unknown_opponent_is_named() -> None:
    with pytest.raises(LookupError, match="nobody"):
        ChessEnv(opponent="nobody")


def test_an_illegal_action_loses() -> None:
    env = ChessEnv(color="white")
    env.reset(seed=0)
    _, reward, terminated, _, info = env.step(0)
    assert (reward, terminated, info["verdict"]["score"]) == (-1.0, True, 0.0)
    assert "not legal" in info["malformed"]
    assert info["verdict"]["reason"] == "white loses by an illegal action"


def test_an_illegal_action_is_an_error_on_request() -> None:
    env = ChessEnv(color="white", illegal="error")
    _, info = env.reset(seed=0)
    with pytest.raises(InvalidAction, match="action 0 is not legal"):
        env.step(0)
    env.step(int(np.flatnonzero(info["action_mask"])[0]))


@pytest.mark.parametrize("action", [3.0, "e2e4", None, np.array([1, 2])])
def test_an_action_of_the_wrong_type_is_an_error(action: Any) -> None:
    env = ChessEnv()
    env.reset(seed=0)
    with pytest.raises(InvalidAction, match="integer"):
        env.step(action)


def test_a_step_out_of_order_is_an_error() -> None:
    env = ChessEnv(opponent="self", start=MATE_IN_ONE)
    with pytest.raises(ResetNeeded):
        env.step(0)
    env.reset(seed=0)
    play(env, "a2a8")
    with pytest.raises(ResetNeeded):
        env.step(0)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("color", "green"),
        ("observation", "pixels"),
        ("draws", "never"),
        ("max_plies", 0),
        ("max_plies", 1.5),
        ("illegal", "ignore"),
        ("render_mode", "human"),
        ("start", "nowhere"),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused(argument: str, value: object) -> None:
    with pytest.raises(InvalidOption, match=str(value)):
        ChessEnv(**{argument: value})  # type: ignore[arg-type]


def test_the_longest_game_is_truncated_as_a_draw() -> None:
    env = ChessEnv(opponent="self", max_plies=2)
    env.reset(seed=0)
    reward, terminated, truncated, info = play(env, "e2e4", "e7e5")
    assert (reward, terminated, truncated, info["verdict"]["score"]) == (0.0, False, True, 0.5)


def test_colours_alternate_by_seed_and_from_game_to_game() -> None:
    env = ChessEnv()
    colors = []
    for seed in (0, 1, 2, None, None):
        env.reset(seed=seed)
        colors.append(env.match.agent_color)
        assert len(env.board().move_stack) == (0 if env.match.agent_color else 1)
    assert colors == [True, False, True, False, True]


@pytest.mark.parametrize("color", ["white", "black"])
def test_a_colour_may_be_fixed(color: str) -> None:
    env = ChessEnv(color=color)  # type: ignore[arg-type]
    for seed in range(3):
        env.reset(seed=seed)
        assert chess.COLOR_NAMES[env.match.agent_color] == color


def test_a_random_colour_is_both() -> None:
    env = ChessEnv(color="random")
    colors = set()
    for seed in range(20):
        env.reset(seed=seed)
        colors.add(env.match.agent_color)
    assert colors == {True, False}


@pytest.mark.parametrize("arguments", [{}, {"opponent": "self"}, {"start": "KRvK"}, {"color": "random"}])
def test_the_same_seed_gives_the_same_game(arguments: dict[str, Any]) -> None:
    games = {play_out(ChessEnv(**arguments), 7)[0] for _ in range(2)}
    assert len(games) == 1
    assert play_out(ChessEnv(**arguments), 8)[0] not in games


def test_reset_may_set_up_a_position_for_one_game() -> None:
    env = ChessEnv(color="white")
    env.reset(seed=0, options={"start": MATE_IN_ONE})
    assert env.board().fen() == MATE_IN_ONE
    env.reset(seed=0)
    assert env.board().fen() == chess.STARTING_FEN
    with pytest.raises(InvalidPosition):
        env.reset(options={"start": "8/8/8/8/8/8/8/8 w - - 0 1"})


def test_an_opponent_who_mates_at_once_every_time_is_refused() -> None:
    env = ChessEnv(opponent="python:tests.chess.test_env:Mater", color="black", start=MATE_IN_ONE)
    with pytest.raises(InvalidPosition, match="other color"):
        env.reset(seed=0)


class Mater(Scholar):
    """Mates in `MATE_IN_ONE`."""

    def reset(self, seed: int | None) -> None:
        self._moves = iter(["a2a8"])


@pytest.mark.parametrize("mode", ["ansi", "svg", "rgb_array"])
def test_the_board_is_drawn_from_the_agents_side(mode: str) -> None:
    drawn = {}
    for color in ("white", "black"):
        env = ChessEnv(opponent="self", start="4k3/8/8/8/8/8/4P3/4K3 w - - 0 1", render_mode=mode)
        env.reset(seed=0)
        play(env, "e2e4")
        env.match.agent_color = color == "white"
        drawn[color] = env.render()
    if mode == "ansi":
        assert drawn["white"].splitlines()[4:6] == ["4 . . . . P . . .", "3 . . . . . . . ."]
        assert drawn["black"].splitlines()[0] == "1 . . . K . . . ."
    elif mode == "svg":
        assert drawn["white"].startswith("<svg")
        assert 'class="square light e4 lastmove"' in drawn["white"] or "lastmove" in drawn["white"]
    else:
        assert drawn["white"].shape == (400, 400, 3)
        assert drawn["white"].dtype == np.uint8
        assert not np.array_equal(drawn["white"], drawn["black"])
        assert len(np.unique(drawn["white"].reshape(-1, 3), axis=0)) > 4


def test_nothing_is_drawn_without_a_render_mode() -> None:
    env = ChessEnv()
    env.reset(seed=0)
    assert env.render() is None


def test_the_mask_goes_with_sampling() -> None:
    env = gym.make("rsi/Chess-v0", opponent="self")
    _, info = env.reset(seed=0)
    env.action_space.seed(0)
    for _ in range(20):
        _, _, terminated, _, info = env.step(env.action_space.sample(info["action_mask"]))
        assert not terminated
    env.close()


def test_shaping_adds_up_to_the_result_less_the_first_potential() -> None:
    need("stockfish")
    arguments: dict[str, Any] = {"start": "KQvK", "color": "white", "max_plies": 30}
    plain, shaped = ChessEnv(**arguments), ChessEnv(**arguments, shaping="stockfish", shaping_nodes=50)
    evaluator = Evaluator("stockfish", nodes=50)
    for seed in range(3):
        totals = []
        for env in (plain, shaped):
            _, info = env.reset(seed=seed)
            start = 2 * evaluator.white_win_probability(env.board()) - 1
            rng, total, over = np.random.default_rng(seed), 0.0, False
            while not over:
                _, reward, terminated, truncated, info = env.step(rng.choice(np.flatnonzero(info["action_mask"])))
                total += reward
                over = terminated or truncated
            totals.append(total)
        assert totals[1] == pytest.approx(totals[0] - start)


def test_a_blunder_is_paid_for_at_once_by_the_side_that_makes_it() -> None:
    need("stockfish")
    env = ChessEnv(opponent="self", shaping="stockfish", shaping_nodes=5_000)
    env.reset(seed=0)
    for uci in ("e2e4", "e7e5"):
        assert abs(play(env, uci)[0]) < 0.3
    assert play(env, "d1h5")[0] < 0.1
    assert play(env, "e8e7")[0] < -0.5


def test_a_missing_engine_says_how_to_get_one() -> None:
    with pytest.raises(EngineNotFound, match="nofish"):
        ChessEnv(shaping="nofish")
    with pytest.raises(EngineNotFound, match="nofish"):
        ChessEnv(opponent="uci:nofish")


def test_an_engine_plays_and_mates() -> None:
    need("stockfish")
    env = ChessEnv(opponent="uci:stockfish?nodes=1000", color="black", start="6k1/5ppp/8/8/8/8/5PPP/R5K1 w - - 0 1")
    with pytest.raises(InvalidPosition, match="other color"):
        env.reset(seed=0)
    env = ChessEnv(opponent="uci:stockfish?nodes=1000", color="white", start="r5k1/5ppp/8/8/8/8/5PPP/6K1 w - - 0 1")
    env.reset(seed=0)
    reward, terminated, _, info = play(env, "h2h4")
    assert not terminated
    env.reset(seed=0)
    reward, terminated, _, info = play(env, "g1h1")
    assert (reward, terminated) == (-1.0, True)
    assert info["verdict"]["reason"] == "black wins by checkmate"


def tables() -> str:
    need("tablebases")
    return f"tablebase:{os.environ['RSI_TABLEBASES']}"


def test_tablebases_shape_rewards_by_the_truth() -> None:
    env = ChessEnv(opponent=tables(), shaping=tables(), color="white", start="8/8/8/8/8/2k5/7R/K7 w - - 0 1")
    evaluator = TablebaseEvaluator(os.environ["RSI_TABLEBASES"])
    best = Tablebases(os.environ["RSI_TABLEBASES"])
    env.reset(seed=0)
    start, total, over = 2 * evaluator.white_win_probability(env.board()) - 1, 0.0, False
    while not over:
        _, reward, terminated, truncated, _ = env.step(env.action_of(best.best_moves(env.board())[0]))
        assert reward > 0
        total += reward
        over = terminated or truncated
    assert total == pytest.approx(1.0 - start)
    env.reset(seed=0)
    assert play(env, "h2c2")[0] == pytest.approx(-start)


def test_a_perfect_opponent_never_lets_a_random_player_win_and_mates_when_it_can() -> None:
    env = ChessEnv(opponent=tables(), color="black", start="KQvK")
    for seed in range(5):
        moves, reward, info = play_out(env, seed)
        assert reward == -1.0
        assert info["verdict"]["reason"] == "white wins by checkmate"
        assert len(moves.split()) <= 19
