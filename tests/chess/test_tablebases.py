# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Play by tablebases is perfect: it mates in exactly as many plies as the tables say, against any defence."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import chess
import chess.gaviota
import gymnasium as gym
import pytest

from rsi_agents import make_agent
from rsi_envs.chess.errors import InvalidPosition, TablebaseMissing
from rsi_envs.chess.tablebases import Probe, TablebaseAgent, Tablebases
from rsi_envs.core.errors import InvalidOption
from tests.chess.fake_engines import BoardOnlyEnv
from tests.components import need

GAMES = 8
THREE_MEN = ("KR", "KQ", "KP")


@pytest.fixture(scope="module")
def folder() -> str:
    need("tablebases")
    return os.environ["RSI_TABLEBASES"]


@pytest.fixture(scope="module")
def tables(folder: str) -> Tablebases:
    return Tablebases(folder)


@pytest.fixture
def syzygy_only(folder: str, tmp_path: Path) -> str:
    for pattern in ("*.rtbw", "*.rtbz"):
        for table in Path(folder).rglob(pattern):
            (tmp_path / table.name).symlink_to(table)
    return str(tmp_path)


def positions(white: str, black: str, seed: int, count: int) -> list[chess.Board]:
    """Valid positions with these men, either side to move, none over."""
    rng = random.Random(f"{white}{black}{seed}")
    found: list[chess.Board] = []
    while len(found) < count:
        board = chess.Board(None)
        men = [chess.Piece.from_symbol(man) for man in white + black.lower()]
        for man, square in zip(men, rng.sample(chess.SQUARES, len(men)), strict=True):
            board.set_piece_at(square, man)
        board.turn = rng.random() < 0.5
        if board.is_valid() and not board.is_game_over():
            found.append(board)
    return found


def random_mover(board: chess.Board, rng: random.Random) -> chess.Move:
    return rng.choice(sorted(board.legal_moves, key=chess.Move.uci))


@pytest.mark.parametrize("men", THREE_MEN)
def test_perfect_play_on_both_sides_lasts_exactly_the_distance_to_mate(
    tables: Tablebases, folder: str, men: str
) -> None:
    truth = chess.gaviota.open_tablebase(str(next(Path(folder).rglob("krk.gtb.cp4")).parent))
    for board in positions(men, "K", 0, GAMES):
        expected = truth.probe_dtm(board)
        if expected == 0:
            continue
        winner = board.turn if expected > 0 else not board.turn
        for _ in range(abs(expected)):
            assert not board.is_game_over(claim_draw=True)
            board.push(tables.best_moves(board)[0])
        assert board.is_checkmate()
        assert board.turn != winner


@pytest.mark.parametrize("men", THREE_MEN)
def test_a_won_ending_is_won_in_time_against_any_defence(tables: Tablebases, men: str) -> None:
    rng = random.Random(1)
    for board in positions(men, "K", 1, GAMES):
        probe = tables.probe(board)
        if probe.value == 0:
            continue
        assert probe.mate_plies is not None
        winner = board.turn if probe.value > 0 else not board.turn
        plies = 0
        while not board.is_game_over(claim_draw=True):
            board.push(tables.best_moves(board)[0] if board.turn == winner else random_mover(board, rng))
            plies += 1
        assert board.is_checkmate()
        assert board.turn != winner
        assert plies <= probe.mate_plies


@pytest.mark.parametrize("men", THREE_MEN)
def test_syzygy_and_gaviota_agree(tables: Tablebases, folder: str, men: str) -> None:
    truth = chess.gaviota.open_tablebase(str(next(Path(folder).rglob("krk.gtb.cp4")).parent))
    for board in positions(men, "K", 2, 300):
        probe, dtm = tables.probe(board), truth.probe_dtm(board)
        assert probe.value == (dtm > 0) - (dtm < 0)
        assert probe.wdl == 2 * probe.value
        assert probe.mate_plies == (abs(dtm) or None)


@pytest.mark.parametrize("men", ["KBN", "KBB", "KQP", "KRvKN", "KQvKR", "KPvKP", "KRvKP"])
def test_four_men_keep_the_value_to_the_end_by_syzygy_alone(syzygy_only: str, men: str) -> None:
    """Against perfect play and against random moves, under claimable draws."""
    tables = Tablebases(syzygy_only)
    white, _, black = men.partition("v")
    rng = random.Random(men)
    for i, board in enumerate(positions(white, black or "K", 3, 4)):
        value = tables.probe(board).value
        perfect = board.turn
        while not board.is_game_over(claim_draw=True):
            if board.turn == perfect or i % 2:
                board.push(tables.best_moves(board)[0])
            else:
                board.push(random_mover(board, rng))
        winner = board.outcome(claim_draw=True).winner  # type: ignore[union-attr]
        got = 0 if winner is None else 1 if winner == perfect else -1
        assert got == value if i % 2 else got >= value


def test_a_win_is_hastened_when_the_fifty_moves_press(tables: Tablebases) -> None:
    """With no ply to spare before somebody may claim a draw; the quickest mate would often come too late."""
    hastened = 0
    for board in positions("KP", "K", 4, 40):
        probe, at_leisure = tables.probe(board), tables.best_moves(board)
        if probe.value <= 0:
            continue
        assert probe.dtz_plies is not None
        board.halfmove_clock = 98 - probe.dtz_plies
        hastened += tables.best_moves(board) != at_leisure
        winner = board.turn
        while not board.is_game_over(claim_draw=True):
            board.push(tables.best_moves(board)[0])
        assert board.is_checkmate()
        assert board.turn != winner
    assert hastened > 0


def test_a_loser_holds_out_until_the_fifty_moves_save_it(tables: Tablebases) -> None:
    for board in positions("KR", "K", 5, 10):
        probe = tables.probe(board)
        if probe.value == 0:
            continue
        assert probe.mate_plies is not None
        board.halfmove_clock = max(0, 102 - probe.mate_plies)
        while not board.is_game_over(claim_draw=True):
            board.push(tables.best_moves(board)[0])
        assert not board.is_checkmate()


def test_a_mate_at_the_hundredth_ply_is_played(tables: Tablebases) -> None:
    board = chess.Board("7k/8/6K1/8/8/8/8/R7 w - - 99 120")
    assert [move.uci() for move in tables.best_moves(board)] == ["a1a8"]


def test_in_a_draw_every_move_that_keeps_it_is_best(tables: Tablebases) -> None:
    drawn = [board for board in positions("KP", "K", 6, 60) if tables.probe(board) == Probe(0, 0, None)]
    assert len(drawn) > 10
    for board in drawn:
        keeping = []
        for move in sorted(board.legal_moves, key=chess.Move.uci):
            board.push(move)
            if tables.probe(board).value == 0:
                keeping.append(move)
            board.pop()
        assert tables.best_moves(board) == tuple(keeping)


def test_the_board_is_only_read(tables: Tablebases) -> None:
    board = chess.Board("8/8/8/8/8/2k5/8/K6R w - - 3 9")
    tables.probe(board)
    tables.best_moves(board)
    assert board == chess.Board("8/8/8/8/8/2k5/8/K6R w - - 3 9")


@pytest.mark.parametrize(
    ("fen", "probe"),
    [
        ("R5k1/5ppp/8/8/8/8/5PPP/6K1 b - - 0 1", Probe(-2, 0, 0)),
        ("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1", Probe(0, 0, None)),
        ("8/8/8/4k3/8/8/3K4/8 w - - 0 1", Probe(0, 0, None)),
    ],
    ids=["mate", "stalemate", "bare kings"],
)
def test_a_game_that_is_over_needs_no_table(tables: Tablebases, fen: str, probe: Probe) -> None:
    assert tables.probe(chess.Board(fen)) == probe


def test_positions_outside_the_tables_are_refused(tables: Tablebases) -> None:
    with pytest.raises(TablebaseMissing, match=r"no table in .* knows"):
        tables.best_moves(chess.Board())
    with pytest.raises(TablebaseMissing, match=r"no table in .* knows"):
        tables.probe(chess.Board("4k3/8/8/8/8/8/8/R3K3 w Q - 0 1"))
    with pytest.raises(InvalidPosition, match="no legal move"):
        tables.best_moves(chess.Board("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1"))


def test_gaviota_alone_plays_three_men_and_no_more(folder: str, tmp_path: Path) -> None:
    for table in Path(folder).rglob("*.gtb.cp4"):
        shutil.copy(table, tmp_path)
    tables = Tablebases(tmp_path)
    board = chess.Board("8/8/8/8/8/2k5/8/K6R w - - 0 1")
    plies = tables.probe(board).mate_plies
    assert plies
    assert tables.probe(board).dtz_plies is None
    for _ in range(plies):
        board.push(tables.best_moves(board)[0])
    assert board.is_checkmate()
    with pytest.raises(TablebaseMissing):
        tables.probe(chess.Board("8/8/8/4n3/8/2k5/8/K6R w - - 0 1"))


def test_syzygy_without_distances_cannot_make_progress(folder: str, tmp_path: Path) -> None:
    for table in Path(folder).rglob("*.rtbw"):
        (tmp_path / table.name).symlink_to(table)
    tables = Tablebases(tmp_path)
    board = chess.Board("8/8/8/8/8/2k5/8/K6R w - - 0 1")
    assert tables.probe(board) == Probe(2, None, None)
    with pytest.raises(TablebaseMissing, match="rtbz"):
        tables.best_moves(board)


@pytest.mark.parametrize("table", ["KRvK.rtbw", "KRvK.rtbz", "krk.gtb.cp4"])
def test_a_table_that_is_cut_off_is_named_or_answers_rightly(
    tables: Tablebases, folder: str, tmp_path: Path, table: str
) -> None:
    for other in [*Path(folder).rglob("K?vK.rtb?"), *Path(folder).rglob("*.gtb.cp4")]:
        shutil.copy(other, tmp_path)
    (tmp_path / table).write_bytes((tmp_path / table).read_bytes()[:100])
    with pytest.raises(TablebaseMissing, match="can't be read"):
        Tablebases(tmp_path).probe(chess.Board("8/8/8/8/8/2k5/8/K6R w - - 0 1"))


@pytest.mark.parametrize("name", ["", "absent"])
def test_a_folder_without_tables_says_how_to_get_some(tmp_path: Path, name: str) -> None:
    with pytest.raises(TablebaseMissing, match="pip download --no-deps --no-binary chess"):
        make_agent(f"tablebase:{tmp_path / name}")


def test_the_agent_wins_by_name(folder: str) -> None:
    agent = make_agent(f"tablebase:{folder}")
    assert isinstance(agent, TablebaseAgent)
    agent.reset(0)
    env = BoardOnlyEnv("8/8/8/4k3/8/8/8/K6Q w - - 0 1")
    moves = env.play(agent)
    assert env.board().is_checkmate()
    again = BoardOnlyEnv("8/8/8/4k3/8/8/8/K6Q w - - 0 1")
    assert again.play(agent) == moves
    agent.close()
    agent.close()


def test_an_environment_without_a_board_is_refused_by_name(folder: str) -> None:
    with pytest.raises(InvalidOption, match="CartPoleEnv has no chess board"):
        TablebaseAgent(folder).attach(gym.make("CartPole-v1"))
