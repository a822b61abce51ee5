# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every hostile program is contained, and the next job finds its world as if there had been none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsi_sandboxes import Job, Limits, Sandbox, SandboxFileError, make_sandbox
from rsi_sandboxes.backend import WorldSandbox
from tests.components import need
from tests.sandboxes.containment import (
    SECRET,
    Bait,
    bait,
    containers,
    inmates,
    look_around,
    run_attack,
    survivors,
)
from tests.sandboxes.corpus import OURS, SHARED, Attack, attack_named, our_attacks, shared_attacks, shortcomings

MIB = 1024 * 1024
MOST_GROWTH = 48 * MIB
"""What a reader may need for two streams of 1 MiB, over what it had before."""
NO_SHARED = pytest.param(None, id="none", marks=pytest.mark.skip(f"there are no shared attacks in {SHARED}"))


@pytest.fixture(scope="module")
def baits() -> Iterator[Bait]:
    with bait() as put_out:
        yield put_out


@pytest.fixture(scope="module")
def ordinary(sandbox: Sandbox) -> dict[str, Any]:
    """What an ordinary job sees before any attack."""
    return look_around(sandbox)


def peak_memory_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def forget_peak_memory() -> None:
    # Source: proc(5), /proc/pid/clear_refs.
    Path("/proc/self/clear_refs").write_text("5")


def check_contained(attack: Attack, sandbox: Sandbox, baits: Bait, ordinary: dict[str, Any]) -> None:
    if attack.takes_group and isinstance(sandbox, WorldSandbox) and not sandbox.memory_bound_by_kernel:
        pytest.skip("worlds have no control group here, and nothing else counts what this one holds")
    forget_peak_memory()
    before = peak_memory_bytes()
    results = run_attack(sandbox, attack, baits.canary)
    grown = peak_memory_bytes() - before
    problems = [problem for result in results for problem in shortcomings(attack, result)] + baits.harm()
    assert not problems, "\n".join(problems)
    assert look_around(sandbox) == ordinary
    assert survivors() == []
    if attack.kind == "out":
        assert grown < MOST_GROWTH


@pytest.mark.parametrize("attack", our_attacks(), ids=lambda attack: attack.name)
def test_it_is_contained(attack: Attack, sandbox: Sandbox, baits: Bait, ordinary: dict[str, Any]) -> None:
    check_contained(attack, sandbox, baits, ordinary)


@pytest.mark.parametrize("attack", shared_attacks() or [NO_SHARED], ids=lambda attack: attack.name)
def test_a_shared_one_is_contained(attack: Attack, sandbox: Sandbox, baits: Bait, ordinary: dict[str, Any]) -> None:
    check_contained(attack, sandbox, baits, ordinary)


def test_every_program_there_is_of_ours_is_run() -> None:
    assert {path.stem for path in OURS.glob("*.py")} == {attack.name for attack in our_attacks()}


def test_the_search_for_survivors_finds_a_running_program(sandbox: Sandbox) -> None:
    source = "import os, time\nos.fork()\nprint('up', flush=True)\ntime.sleep(60)"
    with sandbox.start(Job(("python3", "-I", "-S", "-c", source))) as process:
        assert [process.read_line(10) for _ in range(2)] == [b"up", b"up"]
        assert len(inmates()) == 2
    assert survivors() == []


@pytest.mark.usefixtures("own_pools")
@pytest.mark.parametrize("backend", ["bubblewrap", "docker"])
def test_a_closed_sandbox_leaves_nothing_of_the_attacks_it_bore(backend: str) -> None:
    need(backend)
    before = set(containers()) if backend == "docker" else set()
    sandbox = make_sandbox(backend)
    try:
        for name in ("iso_daemons", "res_starved_supervisor", "out_after_the_end"):
            run_attack(sandbox, attack_named(name))
        running = sandbox.start(Job(("python3", "-I", "-S", "-c", attack_named("iso_daemons").source)))
        running.read_line(10)
    finally:
        sandbox.close()
    assert survivors() == []
    if backend == "docker":
        assert set(containers()) <= before


TRAPS = ("link", "environ-link", "zeros", "loop", "pipe", "folder", "socket", "leased", "unreadable", "missing")
OPEN_ENDED = ("changing", "growing", "self/environ", "self/maps", "self/mem", "self/fd/0", "../../proc/1/environ")


def test_a_session_falls_into_no_trap_among_its_files(sandbox: Sandbox, baits: Bait) -> None:
    with sandbox.session(Limits(file_bytes=MIB)) as session:
        source = attack_named("iso_file_traps").source
        assert session.exec(["python3", "-I", "-S", "-c", source]).stdout == b"tried\n"
        started = time.monotonic()
        for name in TRAPS:
            with pytest.raises(SandboxFileError):
                session.read_file(f"traps/{name}")
        for name in OPEN_ENDED * 5:
            try:
                content = session.read_file(f"traps/{name}")
            except SandboxFileError:
                continue
            assert len(content) <= MIB
            assert SECRET.encode() not in content
            if name == "changing":
                assert content in (b"", b"content")
        for name in ("link", "zeros", "loop", "folder", "socket", "leased"):
            with pytest.raises(SandboxFileError):
                session.write_file(f"traps/{name}", b"written")
        assert time.monotonic() - started < 10
        assert session.exec(["true"]).ok


def test_a_reader_of_lines_is_not_held_by_an_endless_one(sandbox: Sandbox) -> None:
    source = attack_named("out_no_newline").source
    forget_peak_memory()
    before = peak_memory_bytes()
    limits = Limits(wall_s=20, output_bytes=MIB)
    with sandbox.start(Job(("python3", "-I", "-S", "-c", source), limits=limits)) as process:
        with pytest.raises(TimeoutError):
            process.read_line(1)
        process.kill()
        result = process.wait()
    assert result.stopped_by == "killed"
    assert len(result.stdout) == MIB
    assert peak_memory_bytes() - before < MOST_GROWTH
