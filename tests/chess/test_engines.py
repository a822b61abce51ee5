# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Engines answer the same whoever asks beside; whatever they do wrong has its name, and none outlives its owner."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import chess
import pytest

from rsi_envs.chess.engines import Engine, close_engines, engine
from rsi_envs.chess.errors import (
    EngineCrashed,
    EngineIllegalMove,
    EngineNotFound,
    EngineTimeout,
    InvalidPosition,
)
from rsi_envs.core.errors import InvalidOption
from tests.chess.fake_engines import fake_engine, left, started, wait_for
from tests.chess.oracle import ODD_POSITIONS
from tests.components import need

START = chess.Board()
GONE_S = 10.0


@pytest.fixture(autouse=True)
def _no_engine_left() -> Iterator[None]:
    yield
    close_engines()


def test_stockfish_finds_mate_in_one() -> None:
    need("stockfish")
    board = chess.Board("6k1/5ppp/8/8/8/8/5PPP/R5K1 w - - 0 1")
    assert engine("stockfish").play(board, nodes=1000) == chess.Move.from_uci("a1a8")
    assert engine("stockfish").analyse(board, nodes=1000).white().mate() == 1


def test_an_engine_is_asked_without_changing_the_board() -> None:
    need("stockfish")
    board = chess.Board()
    board.push_san("e4")
    before = (board.fen(), list(board.move_stack))
    engine("stockfish").play(board, nodes=100)
    engine("stockfish").analyse(board, nodes=100)
    assert (board.fen(), board.move_stack) == before


def test_lines_are_as_many_as_wanted_and_begin_with_legal_moves() -> None:
    need("stockfish")
    lines = engine("stockfish").lines(START, nodes=2000, count=3)
    assert len({line.moves[0] for line in lines}) == 3
    assert all(START.is_legal(line.moves[0]) for line in lines)
    one_move = chess.Board("7k/8/8/8/8/8/6q1/7K w - - 0 1")
    assert [line.moves[0].uci() for line in engine("stockfish").lines(one_move, nodes=500, count=3)] == ["h1g2"]


def test_answers_do_not_depend_on_what_was_asked_before_or_beside() -> None:
    need("stockfish")
    fish = engine("stockfish")
    boards = [board for board in map(chess.Board, ODD_POSITIONS.values()) if board.legal_moves]
    alone = [(fish.play(board, nodes=3000), fish.analyse(board, nodes=3000)) for board in boards]
    with ThreadPoolExecutor(8) as threads:
        many = boards[::-1] * 4
        moves = list(threads.map(lambda board: fish.play(board, nodes=3000), many))
        scores = list(threads.map(lambda board: fish.analyse(board, nodes=3000), many))
    assert moves == [move for move, _ in alone[::-1]] * 4
    assert scores == [score for _, score in alone[::-1]] * 4


def test_an_engine_is_started_once_and_shared(tmp_path: Path) -> None:
    path = fake_engine(tmp_path)
    for _ in range(5):
        assert engine(path).play(START, nodes=1) == chess.Move.from_uci("e2e4")
    assert len(started(tmp_path)) == 1
    engine(path, {"Contempt": 5}).play(START, nodes=1)
    assert len(started(tmp_path)) == 2


def test_many_threads_share_no_more_processes_than_there_are_processors(tmp_path: Path) -> None:
    fake = engine(fake_engine(tmp_path))
    with ThreadPoolExecutor(16) as threads:
        moves = list(threads.map(lambda _: fake.play(START, nodes=1), range(64)))
    assert moves == [chess.Move.from_uci("e2e4")] * 64
    assert len(started(tmp_path)) <= (os.cpu_count() or 1)


def test_closing_ends_the_engines_and_a_later_call_starts_afresh(tmp_path: Path) -> None:
    fake = engine(fake_engine(tmp_path))
    fake.play(START, nodes=1)
    close_engines()
    close_engines()
    assert left(started(tmp_path)) == []
    fake.play(START, nodes=1)
    assert len(started(tmp_path)) == 2


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        ("dies at the start", EngineCrashed, "exit status 1; it said: a library is missing"),
        ("dies while it searches", EngineCrashed, "exit status 7"),
        ("hangs at the handshake", EngineTimeout, "did not answer within 1 s and was killed"),
        ("hangs while it searches", EngineTimeout, "did not answer within 1 s and was killed"),
        ("ignores every goodbye", EngineTimeout, "did not answer within 1 s and was killed"),
        ("plays an illegal move", EngineIllegalMove, "e2e5"),
        ("plays no move", EngineIllegalMove, "gave no move"),
        ("talks nonsense", EngineIllegalMove, "not legal"),
    ],
)
def test_a_fault_has_its_name_and_ends_the_engine(
    tmp_path: Path, fault: str, error: type[Exception], message: str
) -> None:
    fake = engine(fake_engine(tmp_path, fault), timeout_s=1.0)
    for _ in range(2):
        with pytest.raises(error, match=message):
            fake.play(START, nodes=1)
    if fault != "plays no move":
        assert len(started(tmp_path)) == 2
        assert left(started(tmp_path)) == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("dies while it searches", EngineCrashed),
        ("scores nothing", EngineCrashed),
        ("plays an illegal move", EngineIllegalMove),
        ("talks nonsense", EngineIllegalMove),
    ],
)
def test_an_analysis_that_fails_has_its_name_too(tmp_path: Path, fault: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        engine(fake_engine(tmp_path, fault)).analyse(START, nodes=1)


def test_an_engine_that_died_while_idle_is_replaced(tmp_path: Path) -> None:
    fake = engine(fake_engine(tmp_path, "dies after its move"))
    for count in range(1, 4):
        assert fake.play(START, nodes=1) == chess.Move.from_uci("e2e4")
        assert wait_for(lambda: left(started(tmp_path)) == [])
        assert len(started(tmp_path)) == count


def test_an_engine_that_moves_twice_is_asked_again_without_harm(tmp_path: Path) -> None:
    fake = engine(fake_engine(tmp_path, "moves twice"), timeout_s=5.0)
    assert {fake.play(START, nodes=1).uci() for _ in range(5)} <= {"e2e4", "d2d4"}


def _play_until_closed(hanging: Engine) -> None:
    with pytest.raises(EngineCrashed, match="closed"):
        hanging.play(START, nodes=1)


def test_one_that_hangs_delays_nobody_else(tmp_path: Path) -> None:
    hangs = engine(fake_engine(tmp_path, "hangs while it searches"), timeout_s=300.0)
    thread = threading.Thread(target=_play_until_closed, args=(hangs,))
    thread.start()
    assert wait_for(lambda: len(started(tmp_path)) == 1)
    assert engine(fake_engine(tmp_path)).play(START, nodes=1).uci() == "e2e4"
    close_engines()
    thread.join(GONE_S)
    assert not thread.is_alive()
    assert left(started(tmp_path)) == []


def test_a_missing_stockfish_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("rsi_envs.chess.engines._FOLDERS_BESIDE_PATH", ())
    with pytest.raises(EngineNotFound, match=r"no engine 'stockfish' on PATH.*apt-get install stockfish"):
        engine("stockfish")


def test_a_missing_engine_of_another_name_points_to_path() -> None:
    with pytest.raises(EngineNotFound, match="no engine 'leela' on PATH or in /usr/games; put its folder on PATH"):
        engine("leela")


def test_a_path_that_is_no_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    for path in ("text", "absent"):
        with pytest.raises(EngineNotFound, match="no program of this path"):
            engine(str(tmp_path / path))


def test_a_file_that_no_system_can_run_is_a_crash(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"\x7fELF is not enough")
    (tmp_path / "text").chmod(0o755)
    with pytest.raises(EngineCrashed):
        engine(str(tmp_path / "text")).play(START, nodes=1)


def test_an_option_that_the_engine_lacks_or_refuses_is_named(tmp_path: Path) -> None:
    path = fake_engine(tmp_path)
    with pytest.raises(InvalidOption, match="no option 'Temper' to set; it has Contempt, Hash"):
        engine(path, {"Temper": 1}).play(START, nodes=1)
    with pytest.raises(InvalidOption, match="Contempt"):
        engine(path, {"Contempt": 11}).play(START, nodes=1)
    assert left(started(tmp_path)) == []


def test_no_engine_is_asked_about_a_game_that_is_over(tmp_path: Path) -> None:
    fake = engine(fake_engine(tmp_path))
    with pytest.raises(InvalidPosition, match="no legal move"):
        fake.play(chess.Board("7k/6Q1/6K1/8/8/8/8/8 b - - 0 1"), nodes=1)
    assert started(tmp_path) == []


@pytest.mark.parametrize("nodes", [0, -1, 1.5, True])
def test_nodes_are_a_positive_integer(tmp_path: Path, nodes: object) -> None:
    with pytest.raises(InvalidOption, match="nodes is"):
        engine(fake_engine(tmp_path)).play(START, nodes=nodes)  # type: ignore[arg-type]


def test_a_timeout_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidOption, match="timeout_s is 0"):
        engine("sh", timeout_s=0)
