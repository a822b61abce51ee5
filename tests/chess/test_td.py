# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network's sums, its learning, and what it is taught, each held to a plainer way to the same."""

from __future__ import annotations

from pathlib import Path

import chess
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsi_envs.chess.actions import action_of
from rsi_envs.chess.afterstates import Changes, capturing, legal_actions, pieces_of, stacked, view_of
from rsi_envs.chess.errors import InvalidNetwork, InvalidPosition
from rsi_envs.chess.game import Game
from rsi_envs.chess.lockstep import Lockstep, Terms
from rsi_envs.chess.mating import mates
from rsi_envs.chess.network import Network
from rsi_envs.chess.starts import read_start
from rsi_envs.chess.td import TDLearner, returns
from rsi_envs.core.errors import InvalidOption
from tests.chess.counting import counting_material
from tests.chess.random_games import changes_and_views, random_games

TINY = Network.untrained(5, seed=3)
THREATENED = Network(TINY.rows, np.random.default_rng(0).normal(0, 0.3, TINY.threats.shape), TINY.bias, TINY.output)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_what_is_kept_up_to_date_is_what_is_made_anew(seed: int) -> None:
    changes, led_to = changes_and_views(random_games(seed))
    assert np.abs(THREATENED.odds_after(changes) - THREATENED.odds(led_to)).max() < 1e-5


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_mirrored_game_looks_the_same_to_the_other_side(seed: int) -> None:
    for game in random_games(seed, count=2):
        board = chess.Board(game.board().fen())
        mirrored = Game(board.mirror())
        assert view_of(Game(board), game.turn) == view_of(mirrored, 1 - game.turn)
        assert sorted(Game(board).legal_actions()) == sorted(mirrored.legal_actions())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_pieces_captures_and_mates_are_those_of_the_rules(seed: int) -> None:
    games = random_games(seed)
    views = stacked([view_of(game, game.turn) for game in games])
    actions, counts = legal_actions(games)
    changes = Changes.of(views, actions, counts)
    found, takes_or_queens = mates(games, changes), capturing(changes)
    begins = np.cumsum(counts) - counts
    for number, game in enumerate(games):
        board = game.board()
        of_game = slice(begins[number], begins[number] + counts[number])
        own = actions[of_game]
        takes = {action_of(m, board.turn) for m in board.legal_moves if board.piece_at(m.to_square)}
        queens = {action_of(m, board.turn) for m in board.legal_moves if m.promotion == chess.QUEEN}
        assert set(own[takes_or_queens[of_game]].tolist()) == takes | queens
        seen = pieces_of(views[number : number + 1])[0]
        for square, piece in enumerate(game.squares):
            own_piece = piece if piece == 12 or game.turn else (piece + 6) % 12
            assert seen[square if game.turn else square ^ 56] == own_piece
        direct = {action_of(m, board.turn) for m in board.legal_moves if _mates_directly(board, m)}
        if number in found:
            assert actions[found[number]] in direct
        else:
            assert not direct


def _mates_directly(board: chess.Board, move: chess.Move) -> bool:
    if board.is_castling(move):
        return False
    board.push(move)
    mate = board.is_checkmate() and bool(board.checkers() & chess.BB_SQUARES[move.to_square])
    board.pop()
    return mate


def test_the_gradient_is_that_of_finite_differences() -> None:
    network = Network(*(array.astype(np.float64) for array in THREATENED.arrays()))  # type: ignore[arg-type]
    views = stacked([view_of(game, game.turn) for game in random_games(1, count=8)])
    targets = np.linspace(-1, 1, 8)

    def loss() -> float:
        values = np.tanh(network.odds(views))
        return 0.5 * float(np.mean((values - targets) ** 2))

    rng = np.random.default_rng(0)
    gradients = network.gradient(views, targets)  # type: ignore[arg-type]
    for weights, slope in zip(network.arrays(), gradients, strict=True):
        active = np.argwhere(np.abs(slope) > 1e-6)
        for place in map(tuple, active[rng.permutation(len(active))[:12]]):
            kept, step = weights[place], 1e-5
            weights[place] = kept + step
            higher = loss()
            weights[place] = kept - step
            lower = loss()
            weights[place] = kept
            assert slope[place] == pytest.approx((higher - lower) / (2 * step), rel=1e-3, abs=1e-8)
    assert not gradients[0][768:].any()


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.booleans()), min_size=1, max_size=30),
    st.sampled_from([-1.0, 0.0, 1.0]),
    st.floats(0, 1),
    st.floats(0.5, 1),
)
def test_the_worth_of_a_position_is_the_weighted_sum_of_what_came_after(
    plies: list[tuple[float, bool]], result: float, trace: float, discount: float
) -> None:
    best, cut = (list(column) for column in zip(*plies, strict=True))
    worth = returns(best, cut, result, trace, discount)  # type: ignore[arg-type]
    for ply in range(len(plies)):
        expected, weight, sign = 0.0, 1.0, 1.0
        for later in range(ply + 1, len(plies)):
            sign *= -discount
            share = 1.0 if cut[later] else 1 - trace
            expected += sign * weight * share * best[later]
            weight *= 1 - share
        expected += sign * weight * result
        assert worth[ply] == pytest.approx(expected, abs=1e-9)


def test_a_trace_of_one_teaches_the_result_alone_and_one_of_zero_the_next_value() -> None:
    best, cut = [0.5, -0.25, 0.75], [False] * 3
    assert returns(best, cut, 1.0, 1.0, 1.0) == [1.0, -1.0, 1.0]
    assert returns(best, cut, 1.0, 0.0, 1.0) == [0.25, -0.75, 1.0]
    assert returns(best, [False, False, True], 1.0, 1.0, 1.0) == [0.75, -0.75, 1.0]
    assert returns(best, cut, 1.0, 1.0, 0.5) == [0.25, -0.5, 1.0]


def small(**changes: object) -> TDLearner:
    return TDLearner(**({"hidden": 8, "boards": 8, "batch": 64, "buffer": 256, "max_plies": 40} | changes))  # type: ignore[arg-type]


def learned(path: Path, learner: TDLearner, *, seed: int, plies: int = 1500) -> bytes:
    path.mkdir()
    learner.begin(path / "a", seed=1)
    learner.learn(path / "a", [], path / "b", seed=seed, plies=plies)
    measures = learner.learn(path / "b", [path / "a", path / "b"], path / "c", seed=seed + 1, plies=plies)
    assert measures["plies"] == -(-plies // 8) * 8
    assert measures["games"] > 0
    assert 0 <= measures["decisive"] <= 1
    return (path / "c").read_bytes()


def test_the_same_seed_learns_the_same_to_the_byte(tmp_path: Path) -> None:
    first = learned(tmp_path / "1", small(), seed=5)
    assert learned(tmp_path / "2", small(), seed=5) == first
    assert learned(tmp_path / "3", small(), seed=6) != first


def test_rivals_choose_their_own_moves_on_their_share_of_the_boards() -> None:
    bold, meek = Network.untrained(4, 1), Network.untrained(4, 1)
    # One wants its king to march, the other wants it to stay.
    for network, sign in ((bold, 1.0), (meek, -1.0)):
        for rank in range(8):
            network.rows[5 * 64 + 8 * rank : 5 * 64 + 8 * rank + 8, -1] = sign * 5.0 * rank
    terms = Terms(read_start(None, "claim"), boards=8, opening=0, epsilon=0.0, max_plies=60, share=0.5)
    lockstep = Lockstep(meek, [bold], terms, np.random.default_rng(0))
    ended = [trail for _ in range(120) for trail in lockstep.step()]
    against = [trail for trail in ended if trail.rival is not None]
    assert 0 < len(against) < len(ended)
    for trail in ended:
        if len(trail.views) < terms.max_plies:
            continue
        kings = trail.game.standing[1][5][0] >> 3, 7 - (trail.game.standing[0][5][0] >> 3)
        for turn, advanced in zip((1, 0), kings, strict=True):
            is_bold = trail.rival is not None and trail.rival_turn == turn
            assert (advanced >= 2) == is_bold
    assert {trail.rival_turn for trail in against} == {0, 1}


def test_whoever_is_ahead_does_not_repeat_positions_while_it_learns() -> None:
    material = counting_material()
    terms = Terms(read_start("KQvK", "claim"), boards=8, opening=0, epsilon=0.0, max_plies=120)
    lockstep = Lockstep(material, [], terms, np.random.default_rng(0))
    ended = [trail for _ in range(240) for trail in lockstep.step()]
    outcomes = [trail.game.outcome() for trail in ended]
    assert len(ended) > 10
    assert not any(one and one.termination is chess.Termination.THREEFOLD_REPETITION for one in outcomes)


def test_a_few_seconds_of_learning_beat_what_has_not_learned(tmp_path: Path) -> None:
    start = "KQRPPPvKQRPPP"
    learner = small(hidden=16, start=start, opening=4, boards=32, batch=128, buffer=512, max_plies=60, rate=5e-3)
    learner.begin(tmp_path / "0", seed=0)
    learner.learn(tmp_path / "0", [], tmp_path / "1", seed=0, plies=40_000)
    untrained, trained = (Network.read(tmp_path / name) for name in "01")
    terms = Terms(read_start(start, "claim"), boards=64, opening=4, epsilon=0.0, max_plies=60, share=1.0)
    lockstep = Lockstep(trained, [untrained], terms, np.random.default_rng(1))
    ended = [trail for _ in range(120) for trail in lockstep.step()]
    scores = [0.5 if not trail.result else float(trail.game.turn == trail.rival_turn) for trail in ended]
    assert len(scores) > 200
    assert np.mean(scores) > 0.6


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut short"])
def test_a_file_that_holds_no_network_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(InvalidNetwork, match="file holds no network that can be read"):
        Network.read(tmp_path / "file")
    with pytest.raises(InvalidNetwork, match="nothing holds no network that can be read"):
        Network.read(tmp_path / "nothing")


def test_a_file_of_other_arrays_or_shapes_is_no_network(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as stream:
        np.savez(stream, rows=np.zeros((3, 2)))
    with pytest.raises(InvalidNetwork, match="holds no network: it has no 'threats'"):
        Network.read(tmp_path / "file")
    Network(np.zeros((832, 3), np.float32), TINY.threats, TINY.bias, TINY.output).write(tmp_path / "odd")
    with pytest.raises(InvalidNetwork, match=r"shapes are \(832, 3\), \(31, 6\), \(6,\), \(5,\)"):
        Network.read(tmp_path / "odd")
    TINY.write(tmp_path / "bare")
    assert (Network.read(tmp_path / "bare").rows == TINY.rows).all()
    with pytest.raises(InvalidNetwork, match="not where its learning stands"):
        small().learn(tmp_path / "bare", [], tmp_path / "out", seed=0, plies=1)
    assert not (tmp_path / "out").exists()


def test_a_learner_begins_with_the_untrained_network_of_its_seed_and_spread(tmp_path: Path) -> None:
    small(spread=0.6).begin(tmp_path / "wide", seed=4)
    begun, narrow = Network.read(tmp_path / "wide"), Network.untrained(8, 4)
    assert np.array_equal(begun.rows, Network.untrained(8, 4, spread=0.6).rows)
    assert np.allclose(begun.rows, narrow.rows * 12)
    assert np.array_equal(begun.output, narrow.output)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"hidden": 0}, "hidden is 0"),
        ({"trace": 1.5}, "trace is 1.5; it must be from 0 to 1"),
        ({"rate": 0.0}, "rate is 0.0; it must be above 0"),
        ({"buffer": 10}, "buffer is 10; it must be an integer of at least 64"),
        ({"spread": -0.1}, "spread is -0.1; it must be above 0"),
        ({"discount": 0.0}, "discount is 0.0; it must be above 0 and at most 1"),
        ({"opening": -1}, "opening is -1"),
    ],
)
def test_settings_out_of_range_are_refused(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(InvalidOption, match=problem):
        small(**changes)
    with pytest.raises(InvalidPosition):
        small(start="KvK")
