# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped puzzles are true, files are read as documented, and what is wrong in one is named."""

from __future__ import annotations

import gzip
import math
import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import chess
import chess.gaviota
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_envs.chess.endgame_generation import keeping_moves, random_endgames
from rsi_envs.chess.mate_generation import random_mates
from rsi_envs.chess.mates import key_moves, mate_distance
from rsi_envs.chess.puzzle_rating import RatedResult, performance_rating
from rsi_envs.chess.puzzles import Puzzle, load_puzzles
from rsi_envs.chess.tablebases import Tablebases
from rsi_envs.core.errors import TaskError, TaskFileError
from tests.components import need

START = "r5rk/5p1p/5R2/4B3/8/8/7P/7K w - -"
HEADER = "PuzzleId,FEN,Moves,Rating,RatingDeviation,Popularity,NbPlays,Themes,GameUrl,OpeningTags"
ROW = "00008,r6k/pp2r2p/4Rp1Q/3p4/8/1N1P2R1/PqP2bPP/7K b - - 0 24,f2g3 e6e7 b2b1 b3c1 b1c1 h6c1,1913,75,94,6230,crushing hangingPiece long,https://lichess.org/787zsVup/black#47,"  # noqa: E501
"""The example of https://database.lichess.org/#puzzles."""
MATES = [puzzle for puzzle in load_puzzles() if puzzle.mate_in]
ENDGAMES = [puzzle for puzzle in load_puzzles() if puzzle.goal]


def write(folder: Path, name: str, *lines: str) -> str:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines))
    return str(path)


def one(folder: Path, line: str) -> Puzzle:
    (puzzle,) = load_puzzles(write(folder, "mine.epd", line))
    return puzzle


@pytest.fixture
def tables() -> Iterator[Tablebases]:
    need("tablebases")
    opened = Tablebases(os.environ["RSI_TABLEBASES"])
    yield opened
    opened.close()


def test_the_shipped_set_has_what_its_card_says() -> None:
    kinds = Counter((puzzle.split, puzzle.mate_in or puzzle.goal) for puzzle in load_puzzles())
    assert kinds == {
        (split, kind): count
        for split in ("train", "test")
        for kind, count in ((1, 20), (2, 20), (3, 20), ("win", 20), ("draw", 20))
    }


def test_no_position_is_shipped_twice_not_even_with_colours_swapped() -> None:
    positions = [chess.Board(puzzle.fen) for puzzle in load_puzzles()]
    assert len({board.epd() for board in positions} | {board.mirror().epd() for board in positions}) == 400


@pytest.mark.parametrize("moves", [1, 2, 3])
def test_shipped_mates_are_exact_and_all_their_keys_are_recorded(moves: int) -> None:
    for puzzle in (puzzle for puzzle in MATES if puzzle.mate_in == moves):
        board = chess.Board(puzzle.fen)
        assert moves == 1 or mate_distance(board, moves - 1) is None, puzzle.id
        assert {*puzzle.best} == {move.uci() for move in key_moves(board, moves)}, puzzle.id
        assert puzzle.line[0] in puzzle.best, puzzle.id
        assert len(puzzle.line) == 2 * moves - 1, puzzle.id
        for move in puzzle.line:
            board.push_uci(move)
        assert board.is_checkmate(), puzzle.id


def test_shipped_endgames_are_what_the_tables_say(tables: Tablebases) -> None:
    for puzzle in ENDGAMES:
        result, best = keeping_moves(tables, chess.Board(puzzle.fen))
        assert result == (1 if puzzle.goal == "win" else 0), puzzle.id
        assert {move.uci() for move in best} == {*puzzle.best}, puzzle.id


def test_gaviotas_tables_agree_where_they_go() -> None:
    need("tablebases")
    seen = 0
    folder = next(Path(os.environ["RSI_TABLEBASES"]).rglob("kpk.gtb.cp4")).parent
    with chess.gaviota.open_tablebase(str(folder)) as gaviota:
        for puzzle in (puzzle for puzzle in ENDGAMES if "KPvK" in puzzle.themes):
            board = chess.Board(puzzle.fen)
            for move in list(board.legal_moves):
                board.push(move)
                distance = gaviota.probe_dtm(board)
                kept = distance < 0 if puzzle.goal == "win" else distance == 0
                board.pop()
                assert kept == (move.uci() in puzzle.best), puzzle.id
                seen += 1
    assert seen >= 50


def test_every_best_move_of_an_endgame_is_few_among_many() -> None:
    for puzzle in ENDGAMES:
        assert len(puzzle.best) <= 2
        assert chess.Board(puzzle.fen).legal_moves.count() >= 5


def test_the_generators_write_the_shipped_positions_again(tables: Tablebases) -> None:
    mates = islice(random_mates(np.random.default_rng([2026, 1]), 1), 5)
    assert [mate.board.fen() for mate in mates] == [puzzle.fen for puzzle in MATES if puzzle.mate_in == 1][:5]
    endgames = islice(random_endgames(np.random.default_rng([2026, 104]), tables, "KRvKP", "win"), 3)
    shipped = [puzzle.fen for puzzle in ENDGAMES if "KRvKP" in puzzle.themes and puzzle.goal == "win"]
    assert [endgame.board.fen() for endgame in endgames] == shipped[:3]


def test_an_epd_with_dm_alone_gets_its_line_by_search(tmp_path: Path) -> None:
    puzzle = one(tmp_path, f"{START} dm 3;")
    assert (puzzle.rule, puzzle.mate_in, puzzle.moves) == ("mate", 3, 3)
    assert puzzle.line == ("f6a6", "f7f6", "e5f6", "g8g7", "a6a8")
    assert (puzzle.id, puzzle.split) == ("mine.epd:1", "test")


def test_an_epd_with_bm_is_a_puzzle_of_one_move(tmp_path: Path) -> None:
    puzzle = one(
        tmp_path,
        f'{START} bm Ra6 Rxf7; pv Ra6 f6; id "two"; c0 "a comment"; rating 1500; themes "rook sacrifice"; '
        'split "train"; goal "win"; hmvc 4; fmvn 30;',
    )
    assert (puzzle.rule, puzzle.line, puzzle.best, puzzle.moves) == ("best", ("f6a6",), ("f6a6", "f6f7"), 1)
    assert (puzzle.id, puzzle.split, puzzle.rating, puzzle.goal) == ("two", "train", 1500, "win")
    assert (puzzle.themes, puzzle.fen) == (("rook", "sacrifice"), f"{START} 4 30")


def test_an_epd_with_pv_alone_is_a_line_that_ends_with_the_agents_move(tmp_path: Path) -> None:
    puzzle = one(tmp_path, f"{START} pv Ra6 f6 Bxf6+ Rg7;")
    assert (puzzle.rule, puzzle.line, puzzle.moves) == ("line", ("f6a6", "f7f6", "e5f6"), 2)


def test_lichess_puzzles_begin_after_the_opponents_first_move(tmp_path: Path) -> None:
    plain = write(tmp_path, "l.csv", HEADER, ROW, ROW.replace("00008", "b").replace("1913", ""))
    packed = tmp_path / "l.csv.gz"
    packed.write_bytes(gzip.compress(Path(plain).read_bytes()))
    for source in (plain, str(packed)):
        puzzle = load_puzzles(source).get("00008")
        assert (puzzle.lead, puzzle.line) == ("f2g3", ("e6e7", "b2b1", "b3c1", "b1c1", "h6c1"))
        assert (puzzle.rating, puzzle.rating_deviation, puzzle.split) == (1913, 75, "test")
        assert puzzle.themes == ("crushing", "hangingPiece", "long")
        assert load_puzzles(source).get("b").rating is None


def test_a_csv_may_say_its_splits(tmp_path: Path) -> None:
    puzzles = load_puzzles(write(tmp_path, "l.csv", f"{HEADER},Split", f"{ROW},train", f"{ROW.replace('00008', 'b')},"))
    assert (puzzles.ids("train"), puzzles.ids("test")) == (("00008",), ("b",))


@pytest.mark.parametrize(
    ("line", "field", "problem"),
    [
        ("r5rk/5p1p w - -", "position", "no FEN"),
        ("not an epd", "position", "first four fields"),
        ("8/8/8/8/8/8/8/k6K/8 w - - bm Kg1;", "position", "no FEN"),
        ("k7/8/8/8/8/8/8/8 w - - bm Kg1;", "position", "no legal position"),
        ("7k/5Q2/8/8/8/8/8/K7 b - - bm Kg8;", "position", "no legal move"),
        (START, "bm", "missing"),
        (f"{START} bm;", "bm", "expected moves"),
        (f"{START} bm Ra5;", "bm", "illegal san"),
        (f'{START} id "x"; pv Ra6 Ra6;', "pv", "illegal san"),
        (f"{START} bm --;", "bm", "'--'"),
        (f'{START} bm "Ra6";', "bm", "without quotes"),
        (f"{START} bm Ra6; rating high;", "rating", "san"),
        (f'{START} bm Ra6; rating "high";', "rating", "expected a number"),
        (f'{START} bm Ra6; goal "glory";', "goal", "'win' or 'draw'"),
        (f'{START} bm Ra6; split "dev";', "split", "'train' or 'test'"),
        (f"{START} bm Ra6; id Ra6;", "id", "text in quotes"),
        (f"{START} dm 0;", "dm", "at least 1"),
        (f"{START} dm -2;", "dm", "at least 1"),
        (f"{START} dm 2;", "dm", "there is none"),
        (f"{START} dm 4;", "dm", "not searched for"),
        ("kbK5/pp6/1P6/8/8/8/8/R7 w - - dm 3;", "dm", "a mate in 2"),
        (f"{START} dm 3; bm Rf5;", "bm", "does not mate in 3"),
        (f"{START} dm 3; pv Ra6 f6 Bxf6+;", "pv", "expected 5 moves"),
        ('4k3/8/8/8/8/8/8/4K3 w - - bm Kd2; id "first";', "id", "in line 1 too"),
    ],
)
def test_what_is_wrong_in_an_epd_is_named_with_line_and_operation(
    tmp_path: Path, line: str, field: str, problem: str
) -> None:
    path = write(tmp_path, "bad.epd", f'{START} bm Ra6; id "first";', "", line)
    with pytest.raises(TaskFileError) as caught:
        load_puzzles(path)
    assert (caught.value.path, caught.value.line, caught.value.field) == (path, 3, field)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "field", "problem"),
    [
        ("r6k/pp2r2p", "r6k/pp2r2", "FEN", "no FEN"),
        ("f2g3 e6e7 b2b1 b3c1 b1c1 h6c1", "f2g3", "Moves", "even number"),
        ("f2g3 e6e7 b2b1 b3c1 b1c1 h6c1", "f2g3 e6e7 b2b1", "Moves", "even number"),
        ("f2g3 e6e7", "f2g3 e6h3", "Moves", "illegal uci: 'e6h3'"),
        ("f2g3 e6e7", "f2g3 Re7", "Moves", "Re7"),
        ("1913", "hard", "Rating", "expected a number"),
        (",75,", ",?,", "RatingDeviation", "expected a number"),
        ("00008", "", "PuzzleId", "expected an id"),
        ("00008", "first", "PuzzleId", "in line 2 too"),
        (",94,6230,crushing hangingPiece long,https://lichess.org/787zsVup/black#47,", "", "Themes", "ends before"),
        ("black#47,", "black#47,,,,", None, "more values"),
        ("1913", '"1913', "Popularity", ""),
    ],
)
def test_what_is_wrong_in_a_csv_is_named_with_line_and_column(
    tmp_path: Path, old: str, new: str, field: str | None, problem: str
) -> None:
    assert old in ROW
    path = write(tmp_path, "bad.csv", HEADER, ROW.replace("00008", "first"), ROW.replace(old, new))
    with pytest.raises(TaskFileError) as caught:
        load_puzzles(path)
    assert caught.value.path == path
    if field != "Popularity":
        assert (caught.value.line, caught.value.field) == (3, field)
    assert problem in str(caught.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaskFileError) as caught:
        load_puzzles(write(tmp_path, "bad.csv", HEADER.replace("Moves", "moves"), ROW))
    assert (caught.value.line, caught.value.field) == (1, "Moves")


@pytest.mark.parametrize("name", ["bad.epd", "bad.csv"])
def test_a_file_that_is_not_utf_8_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"a line\n\xff\n")
    with pytest.raises(TaskFileError, match="can't be read") as caught:
        load_puzzles(str(tmp_path / name))
    assert caught.value.line == 2


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskFileError, match=r"\.epd or \.csv"):
        load_puzzles("puzzles.csv.zst")
    with pytest.raises(TaskFileError, match="can't be read"):
        load_puzzles(str(tmp_path / "missing.epd"))
    with pytest.raises(TaskError, match="holds no task"):
        load_puzzles(write(tmp_path, "empty.epd"))


def test_a_performance_is_the_rating_that_expects_the_results() -> None:
    even = [RatedResult(1500, True), RatedResult(1500, False)]
    assert performance_rating(even).rating == pytest.approx(1500, abs=1e-3)
    three_of_four = [RatedResult(1500, True)] * 3 + [RatedResult(1500, False)]
    performance = performance_rating(three_of_four)
    assert performance.rating == pytest.approx(1500 + 400 * math.log10(3), abs=1e-3)
    assert performance.standard_error == pytest.approx(400 / math.log(10) / math.sqrt(4 * 0.75 * 0.25), rel=1e-6)
    uncertain = [RatedResult(1500, result.solved, 350) for result in three_of_four]
    assert performance_rating(uncertain).rating > performance.rating


def test_a_performance_is_bounded_when_all_are_solved_or_failed() -> None:
    ratings = (1200, 1900)
    assert performance_rating(RatedResult(r, True) for r in ratings).rating == pytest.approx(2700, abs=1e-3)
    assert performance_rating(RatedResult(r, False) for r in ratings).rating == pytest.approx(400, abs=1e-3)
    with pytest.raises(ValueError, match="no result"):
        performance_rating([])


@given(st.lists(st.tuples(st.integers(400, 3000), st.booleans()), min_size=1), st.integers(400, 3000))
def test_solving_one_more_never_lowers_a_performance_and_failing_one_never_raises_it(
    results: list[tuple[int, bool]], rating: int
) -> None:
    rated = [RatedResult(r, solved) for r, solved in results]
    before = performance_rating(rated).rating
    if any(solved for _, solved in results) and not all(solved for _, solved in results):
        assert performance_rating([*rated, RatedResult(rating, True)]).rating >= before - 1e-3
        assert performance_rating([*rated, RatedResult(rating, False)]).rating <= before + 1e-3
