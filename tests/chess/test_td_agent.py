# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`td:FILE` plays what its search finds, the same for the same seed; the search is held to a plain one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import chess
import gymnasium as gym
import numpy as np
import pytest

from rsi_agents import AgentNameError, make_agent, open_environment, rollout
from rsi_envs.chess.actions import action_of
from rsi_envs.chess.afterstates import stacked, view_of
from rsi_envs.chess.errors import InvalidNetwork
from rsi_envs.chess.game import Game
from rsi_envs.chess.mating import after
from rsi_envs.chess.network import Network
from rsi_envs.chess.position import Position
from rsi_envs.chess.search import MATE, Search
from rsi_envs.chess.td_agent import TdAgent
from rsi_envs.core.errors import InvalidOption
from tests.agents.adding_env import ADDING
from tests.chess.counting import counting_material
from tests.chess.fake_engines import BoardOnlyEnv
from tests.chess.oracle import ODD_POSITIONS


@pytest.fixture
def material(tmp_path: Path) -> str:
    counting_material().write(tmp_path / "material")
    return f"td:{tmp_path / 'material'}"


def plain_value(network: Network, position: Position, depth: int, ply: int) -> float:
    """What a position is worth to the side to move by minimax without any cut."""
    if not position.legal:
        return ply - MATE if position.check else 0.0
    if position.halfmove_clock >= 99 or position.lacks_material():
        return 0.0
    if depth == 0:
        return -float(network.odds(stacked([view_of(position, 1 - position.turn)]))[0])
    return max(
        -plain_value(network, after(position, action), depth - 1, ply + 1) for action in position.legal_actions()
    )


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("position", ODD_POSITIONS)
def test_the_search_finds_what_minimax_finds(position: str, depth: int) -> None:
    game = Game(chess.Board(ODD_POSITIONS[position]))
    network = Network.untrained(3, 0)
    network.threats[...] = np.random.default_rng(0).normal(0.0, 0.3, network.threats.shape)
    if not game.legal or game.outcome() or (depth == 2 and len(game.legal_actions()) > 40):
        return
    expected = {a: -plain_value(network, after(game, a), depth - 1, 1) for a in game.legal_actions()}
    best = max(expected.values())
    search = Search(network, depth=depth, captures=False)
    actions, values = search.values(game, exact=True)
    assert dict(zip(actions.tolist(), values.tolist(), strict=True)) == pytest.approx(expected, abs=1e-4)
    actions, values = search.values(game)
    assert expected[int(actions[values.argmax()])] == pytest.approx(best, abs=1e-4)
    assert float(values.max()) == pytest.approx(best, abs=1e-4)


@pytest.mark.parametrize(
    ("fen", "depth", "wanted"),
    [
        ("6k1/5ppp/8/8/8/8/5PPP/R5K1 w - - 0 1", 1, {"a1a8"}),
        ("6k1/5ppp/8/8/8/8/r4PPP/1R4K1 b - - 0 1", 2, None),
        ("7k/8/8/8/8/8/R7/1R5K w - - 0 1", 3, {"a2a7", "b1b7", "a2g2", "b1g1"}),
    ],
)
def test_mates_are_given_and_avoided(material: str, fen: str, depth: int, wanted: set[str] | None) -> None:
    env = BoardOnlyEnv(fen)
    (played,) = env.play(make_agent(f"{material}?depth={depth}&captures=true"), most_plies=1)
    if wanted:
        assert played in wanted
    else:
        assert not any(_mate_in_one(chess.Board(fen), played))


def _mate_in_one(board: chess.Board, move: str) -> list[bool]:
    board.push_uci(move)
    found = []
    for reply in list(board.legal_moves):
        board.push(reply)
        found.append(board.is_checkmate())
        board.pop()
    return found


def test_playing_captures_out_sees_what_a_guarded_piece_costs(material: str) -> None:
    # The queen may take a pawn that another pawn guards.
    fen = "4k3/2p5/3p4/8/8/8/8/3QK3 w - - 0 1"
    (greedy,) = BoardOnlyEnv(fen).play(make_agent(material), most_plies=1)
    (wary,) = BoardOnlyEnv(fen).play(make_agent(f"{material}?captures=true"), most_plies=1)
    assert greedy == "d1d6"
    assert wary != "d1d6"


def test_a_position_that_has_been_is_a_draw() -> None:
    game = Game(chess.Board("7k/8/8/8/8/8/8/KQ6 w - - 0 1"))
    for uci in ("b1b2", "h8g8", "b2b1"):
        game.push(action_of(chess.Move.from_uci(uci), bool(game.turn)))
    actions, values = Search(counting_material(), depth=1, captures=False).values(game)
    back = action_of(chess.Move.from_uci("g8h8"), chess.BLACK)
    assert values[actions == back] == 0.0
    assert (values[actions != back] == -9.0).all()


def test_what_lets_the_other_side_claim_a_repetition_is_a_draw() -> None:
    game = Game(chess.Board("7k/8/8/8/8/8/8/R3K3 w - - 0 1"))
    # The first position has been twice; from g7 the king may go back into it once the rook is on a1.
    for uci in ("a1a2", "h8g8", "a2a1", "g8h8", "a1b1", "h8g7"):
        game.push(action_of(chess.Move.from_uci(uci), bool(game.turn)))
    actions, values = Search(counting_material(), depth=1, captures=False).values(game)
    back = action_of(chess.Move.from_uci("b1a1"), chess.WHITE)
    assert values[actions == back] == 0.0
    assert (values[actions != back] == 5.0).all()


@pytest.mark.parametrize("env_id", ["rsi/Chess-v0", "rsi/ChessText-v0"])
def test_it_plays_whole_games_alike_for_the_same_seed(env_id: str, material: str) -> None:
    env = open_environment(env_id, {"opponent": "random", "max_plies": 60})
    games = [_game(env, make_agent(f"{material}?captures=true"), seed) for seed in (4, 4, 5)]
    env.close()
    assert games[0] == games[1] != games[2]


def _game(env: gym.Env[Any, Any], agent: Any, seed: int) -> list[str]:
    trajectory = rollout(env, agent, seed=seed)
    assert not trajectory.steps[-1].info.get("malformed")
    board: chess.Board = env.unwrapped.board()  # type: ignore[attr-defined]
    return [move.uci() for move in board.move_stack]


def test_it_sits_across_the_board_too(material: str) -> None:
    env = open_environment("rsi/Chess-v0", {"opponent": f"{material}?depth=1", "max_plies": 30})
    trajectory = rollout(env, make_agent("random"), seed=1)
    env.close()
    assert trajectory.steps[-1].info["verdict"]["parts"]["plies"] <= 30


def test_temperature_and_epsilon_let_it_stray(material: str) -> None:
    def first_moves(settings: str) -> set[str]:
        agent = make_agent(f"{material}{settings}")
        env = BoardOnlyEnv("4k3/8/8/3q4/4P3/8/8/4K3 w - - 0 1")
        found = set()
        for seed in range(60):
            agent.attach(env)  # type: ignore[attr-defined]
            agent.reset(seed)
            found.add(agent.act("", {}))
        return found

    assert first_moves("") == {"e4d5"}
    assert len(first_moves("?epsilon=1")) == 5
    assert first_moves("?temperature=0.5") == {"e4d5"}
    assert len(first_moves("?temperature=50")) == 5


def test_untrained_weights_come_from_the_seed() -> None:
    plays = [make_agent(f"td:untrained?seed={seed}&hidden=8")._search._network for seed in (1, 1, 2)]  # type: ignore[attr-defined]
    assert (plays[0].rows == plays[1].rows).all()
    assert (plays[0].rows != plays[2].rows).any()
    assert np.array_equal(plays[0].rows, Network.untrained(8, 1).rows)
    wide = make_agent("td:untrained?seed=1&hidden=8&spread=0.6")._search._network  # type: ignore[attr-defined]
    assert np.array_equal(wide.rows, Network.untrained(8, 1, spread=0.6).rows)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("depth=0", "depth is 0"),
        ("epsilon=2", "epsilon is 2.0; it is a probability"),
        ("temperature=-1", "temperature is -1.0; it must be a number of at least 0"),
        ("temperature=nan", "temperature is nan"),
        ("hidden=0", "hidden is 0"),
        ("spread=0", "spread is 0.0; it must be above 0"),
    ],
)
def test_settings_out_of_range_are_refused(settings: str, problem: str) -> None:
    with pytest.raises(InvalidOption, match=problem):
        make_agent(f"td:untrained?{settings}")


def test_no_file_no_network_and_no_board_have_their_errors(tmp_path: Path) -> None:
    with pytest.raises(InvalidNetwork, match="nowhere holds no network"):
        make_agent(f"td:{tmp_path / 'nowhere'}")
    (tmp_path / "text").write_text("no network")
    with pytest.raises(InvalidNetwork, match="text holds no network"):
        make_agent(f"td:{tmp_path / 'text'}")
    with pytest.raises(AgentNameError, match="needs a file after the colon"):
        make_agent("td")
    agent = TdAgent("untrained")
    with pytest.raises(InvalidOption, match="has no chess board"):
        agent.attach(open_environment(ADDING, {}))
