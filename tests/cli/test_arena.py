# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from rsi_agents.arena import Stage, read_arena_plan, read_games
from tests.agents.arena import nim

AGENTS = ("--agent", nim.PERFECT, "--agent", "random")
SLOW = "python:tests.agents.fakes:FakeScriptedAgent?seconds=0.05&action=x"
TEXT_CHESS = ("rsi/ChessText-v0", "--agent", SLOW, "--agent", "random", "--env-arg", "retries=0")


def test_agents_are_ranked_and_their_records_named(rsi) -> None:
    result = rsi("arena", nim.NIM, *AGENTS, "--games", 20, "--out", "mine")
    assert result.exit_code == 0, result.output
    table = result.stdout
    assert table.index(nim.PERFECT) < table.index("random")
    assert all(title in table for title in ("rank", "Elo [95%]", "score", "games", "faults", "better than next"))
    assert "Elo by updates" not in table
    assert "records: mine" in table
    assert len(list(read_games("mine"))) == 20


def test_json_is_all_there_is_on_stdout(rsi) -> None:
    agents = ("--agent", nim.METERED, "--agent", "random")  # one stick at a time wins about as often as any number
    result = rsi("arena", nim.NIM, *agents, "--games", 20, "--out", "mine", "--seed", 3, "--json")
    shown = json.loads(result.stdout)
    assert result.stderr == ""
    assert (shown["arena"], shown["recorded"], shown["exhausted"]) == ("mine", 20, None)
    first, second = shown["rows"]
    assert (first["rank"], first["games"], first["faults"]) == (1, 20, 0)
    assert first["interval"]["low"] < first["elo"] < first["interval"]["high"]
    assert first["better_than_next"] == shown["better"][first["agent"]][second["agent"]]
    assert shown["better"][second["agent"]][first["agent"]] == pytest.approx(1.0 - first["better_than_next"])
    assert second["better_than_next"] is None
    assert {game.seed for game in read_games("mine")} == set(range(3, 13))


def test_elos_updates_stand_beside_the_ratings_on_request(rsi) -> None:
    assert "Elo by updates" in rsi("arena", nim.NIM, *AGENTS, "--rating", "elo").stdout


def test_without_a_folder_the_arena_goes_under_runs(rsi) -> None:
    for _ in range(2):
        assert rsi("arena", nim.NIM, *AGENTS).exit_code == 0
    names = sorted(path.name for path in Path("runs").iterdir())
    assert len(names) == 2
    assert all("Z-tests.agents.arena.nim-env" in name for name in names)


@pytest.mark.parametrize(
    ("options", "stage"),
    [
        ((), {"pairing": "round-robin", "games": 2}),
        (("--games", 4), {"pairing": "round-robin", "games": 4}),
        (("--pairing", "swiss"), {"pairing": "swiss", "games": 2, "rounds": 5}),
        (("--pairing", "swiss", "--rounds", 1, "--games", 4), {"pairing": "swiss", "games": 4, "rounds": 1}),
        (("--pairing", "active"), {"pairing": "active", "games": 20}),
        (("--pairing", "active", "--games", 6), {"pairing": "active", "games": 6}),
    ],
)
def test_options_reach_the_plan(rsi, options, stage) -> None:
    running = ("--concurrency", 2, "--episode-timeout", 9, "--env-arg", "sticks=5")
    result = rsi("arena", nim.NIM, *AGENTS, *options, *running, "--out", "mine")
    assert result.exit_code == 0, result.output
    plan = read_arena_plan("mine")
    assert plan.stages == (Stage(agents=(nim.PERFECT, "random"), **stage),)
    assert plan.env_kwargs == {"game": nim.NIM, "sticks": 5}
    assert len(list(read_games("mine"))) == plan.most_games


def test_a_pool_is_begun_and_grows(rsi) -> None:
    begun = rsi("arena", nim.NIM, "--pool", "pool", "--agent", "random")
    assert begun.exit_code == 0, begun.output
    grown = rsi("arena", "--pool", "pool", "--agent", nim.PERFECT, "--width", 500, "--games", 40, "--json")
    assert grown.exit_code == 0, grown.output
    shown = json.loads(grown.stdout)
    assert [row["agent"] for row in shown["rows"]] == [nim.PERFECT, "random"]
    assert 4 <= shown["recorded"] <= 40
    both = rsi("arena", nim.NIM, "--pool", "pool", "--agent", nim.METERED, "--games", 8)
    assert both.exit_code == 0, both.output
    assert read_arena_plan("pool").agents == ("random", nim.PERFECT, nim.METERED)
    for arguments, problem in (
        (("--agent", "random"), "'random' is in the pool already"),
        (("--agent", nim.ILLEGAL, "--agent", "random"), "'random' is in the pool already"),
        (("--agent", nim.ILLEGAL, "--agent", nim.ILLEGAL), "is named twice"),
        (("--agent", nim.ILLEGAL, "--seed", 1), "a pool keeps what it was asked; leave out --seed"),
        (("rsi/Chess-v0", "--agent", nim.ILLEGAL), f"plays {nim.NIM}; leave rsi/Chess-v0 out"),
    ):
        refused = rsi("arena", "--pool", "pool", *arguments)
        assert refused.exit_code == 2
        assert problem in refused.stderr
    assert len(read_arena_plan("pool").stages) == 3


def test_results_are_rated_without_playing(rsi) -> None:
    votes = ["model_a"] * 6 + ["model_b"] * 2 + ["tie"] * 2
    lines = [json.dumps({"model_a": "ours", "model_b": "theirs", "winner": winner}) for winner in votes]
    Path("votes.jsonl").write_text("\n".join(lines))
    shown = json.loads(rsi("arena", "--results", "votes.jsonl", "--json").stdout)
    assert [(row["agent"], row["score"], row["games"]) for row in shown["rows"]] == [
        ("ours", 0.7, 10),
        ("theirs", pytest.approx(0.3), 10),
    ]
    Path("votes.jsonl").write_text("\n".join([*lines, "nothing"]))
    refused = rsi("arena", "--results", "votes.jsonl")
    assert refused.exit_code == 2
    assert "votes.jsonl, line 11" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name an environment and two --agent"),
        ((nim.NIM,), "name an environment and two --agent"),
        (AGENTS, "name an environment to play in"),
        ((nim.NIM, "--agent", "random"), "an arena needs two agents"),
        ((nim.NIM, "--agent", "random", "--agent", "random"), "'random' is named twice"),
        ((nim.NIM, "--agent", "random", "--agent", "nobody"), "no agent is called 'nobody'"),
        ((nim.NIM, *AGENTS, "--games", 3), "games is 3; it must be even"),
        ((nim.NIM, *AGENTS, "--pairing", "place"), "--pairing is 'place'; it must be one of"),
        ((nim.NIM, *AGENTS, "--rounds", 3), "only swiss has rounds; leave out --rounds"),
        ((nim.NIM, *AGENTS, "--width", 3), "only newcomers to a --pool have a width"),
        ((nim.NIM, *AGENTS, "--rating", "glicko"), "--rating is 'glicko'"),
        ((nim.NIM, *AGENTS, "--retry-faults"), "--retry-faults goes with --resume"),
        ((nim.NIM, *AGENTS, "--pool", "p", "--pairing", "swiss"), "leave out --pairing"),
        ((nim.NIM, *AGENTS, "--pool", "p", "--agent", "random"), "'random' is named twice"),
        (("--pool", "p", "--agent", "random"), "p holds no pool; name the environment"),
        (("--resume", "p", "--agent", "random"), "a resumed arena keeps what it was asked; leave out --agent"),
        (("--resume", "p"), "p holds no arena"),
        (("--results", "p", "--max-cost", 1), "a file of results is rated as it is; leave out --max-cost"),
        (("--results", "p"), "can't read p"),
        ((nim.THREE, *AGENTS), "a game of 3 players; an arena plays games of two"),
        (("rsi/Code-v0", *AGENTS), "takes no argument 'opponent'"),
        (("rsi/Ches-v0", *AGENTS), "the nearest is 'rsi/Chess-v0'"),
        ((nim.NIM, *AGENTS, "--env-arg", "x"), "--env-arg 'x' is not KEY=VALUE"),
    ],
)
def test_misuse_is_one_sentence(rsi, arguments, message) -> None:
    result = rsi("arena", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("runs").exists()
    assert not Path("p").exists()


def test_an_agent_without_a_result_fails_the_command_and_names_the_cause(rsi) -> None:
    result = rsi("arena", nim.NIM, *AGENTS, "--agent", nim.BROKEN, "--out", "mine")
    assert result.exit_code == 1
    assert "4 of 6 games have no result; try `rsi arena --resume mine --retry-faults`" in result.stderr
    assert f"no game of {nim.BROKEN} has a result; the first was broken by {nim.BROKEN} with " in result.stderr
    again = rsi("arena", "--resume", "mine", "--retry-faults", "--json")
    assert again.exit_code == 1
    assert json.loads(again.stdout)["recorded"] == 4


def test_a_spent_budget_says_how_to_go_on(rsi) -> None:
    arguments = (nim.NIM, "--agent", nim.METERED, "--agent", "random", "--games", 10, "--out", "mine")
    result = rsi("arena", *arguments, "--max-tokens-total", 60, "--concurrency", 1)
    assert result.exit_code == 1
    assert "the budget of 60 tokens is spent" in result.stderr
    assert "play the rest with `rsi arena --resume mine` and a larger budget" in result.stderr
    # What was recorded counts against the budget of the resumed part too.
    assert rsi("arena", "--resume", "mine", "--max-tokens-total", 60).exit_code == 1
    assert rsi("arena", "--resume", "mine", "--max-tokens-total", 10_000).exit_code == 0
    assert len(list(read_games("mine"))) == 10


def lines(folder: Path) -> int:
    file = folder / "games.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


def wait_for_lines(folder: Path, count: int, process) -> None:
    ends = time.monotonic() + 60.0
    while lines(folder) < count:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < ends
        time.sleep(0.005)


@pytest.mark.timeout(180)
def test_a_killed_arena_resumes_with_every_game_exactly_once(start_rsi, tmp_path) -> None:
    folder = tmp_path / "mine"
    process = start_rsi("arena", *TEXT_CHESS, "--games", 60, "--concurrency", 4, "--out", folder)
    for count in (1, 12, 24):
        wait_for_lines(folder, count, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert lines(folder) < 60
        with (folder / "games.jsonl").open("ab") as file:
            file.write(b'{"index": 3, "first": "ra')
        process = start_rsi("arena", "--resume", folder, "--json")
    shown, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    games = list(read_games(folder))
    assert sorted(game.index for game in games) == list(range(60))
    assert len({game.key for game in games}) == 60
    assert json.loads(shown)["rows"][0]["agent"] == "random"
    assert sorted(path.name for path in folder.iterdir()) == ["arena.json", "games.jsonl"]


@pytest.mark.timeout(120)
def test_ctrl_c_ends_with_one_sentence_that_says_how_to_go_on(start_rsi, tmp_path) -> None:
    folder = tmp_path / "mine"
    process = start_rsi("arena", *TEXT_CHESS, "--games", 200, "--out", folder)
    wait_for_lines(folder, 5, process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    count = lines(folder)
    assert errors.strip() == (
        f"error: interrupted; {count} games are recorded, play the rest with `rsi arena --resume {folder}`"
    )
    assert all(game.fault is None for game in read_games(folder))


@pytest.mark.timeout(120)
@pytest.mark.skipif(not shutil.which("unshare"), reason="a small disk needs the program unshare")
def test_a_full_disk_keeps_the_games_whole(start_rsi, tmp_path) -> None:
    disk, saved = tmp_path / "disk", tmp_path / "saved"
    disk.mkdir()
    can_mount = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", str(disk)]
    if subprocess.run(can_mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets no user mount a small disk")
    script = (
        f"mount -t tmpfs -o size=32k tmpfs {disk} && "
        f'"$@" --out {disk}/mine; code=$?; cp -r {disk}/mine {saved}; exit $code'
    )
    inside = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    process = start_rsi("arena", nim.NIM, *AGENTS, "--games", 100, prefix=inside)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith(f"error: no room on the disk for records in {disk}/mine")
    assert len(errors.splitlines()) == 1
    assert 0 < lines(saved) < 100
    assert f"{lines(saved)} games are recorded, play the rest with `rsi arena --resume {disk}/mine`" in errors
    assert (saved / "games.jsonl").read_bytes().endswith(b"\n")
    process = start_rsi("arena", "--resume", saved)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert lines(saved) == 100
