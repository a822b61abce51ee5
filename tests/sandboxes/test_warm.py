# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Warm worlds: what is kept, what is not, and when one is given up."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import pytest

from rsi_sandboxes import Job, Limits, Sandbox, diagnose, make_sandbox, pool, slot
from rsi_sandboxes.backend import WorldSandbox
from rsi_sandboxes.bubblewrap.sandbox import BubblewrapSandbox
from rsi_sandboxes.pool import Pool
from rsi_sandboxes.slot import NurseryRefused
from tests.components import need

# Python draws the seed of its hashes when it starts, so it tells one warm world from another.
SEED = "print(hash('a'))"
TALK = "import socket; s = socket.socket(2, 2); s.bind(('127.0.0.1', 0)); s.sendto(b'x', s.getsockname()); s.recv(1)"


def output(sandbox: Sandbox, source: str, **options: object) -> str:
    result = sandbox.run(Job(("python3", "-I", "-S", "-c", source), **options))  # type: ignore[arg-type]
    assert result.ok, result
    return result.stdout.decode()


@pytest.fixture(params=["bubblewrap", "docker"])
def own_sandbox(request: pytest.FixtureRequest) -> Iterator[WorldSandbox]:
    """One whose warm worlds no other test uses: they are made for bounds that nothing else has."""
    need(request.param)
    sandbox = make_sandbox(request.param)
    assert isinstance(sandbox, WorldSandbox)
    yield sandbox
    sandbox.close()


@pytest.fixture
def own_limits(request: pytest.FixtureRequest) -> Limits:
    return Limits(disk_bytes=31_000_000 + zlib.crc32(request.node.nodeid.encode()) % 1_000_000)


def test_jobs_are_forked_in_one_warm_world(own_sandbox: WorldSandbox, own_limits: Limits) -> None:
    seeds = {output(own_sandbox, SEED, limits=own_limits) for _ in range(3)}
    assert own_sandbox.why_cold is None
    assert len(seeds) == 1


WRITE_IN_PROC = """
import os
for path in ('self/oom_score_adj', 'self/comm', 'sys/kernel/hostname'):
    try:
        os.open(f'/proc/{path}', os.O_WRONLY)
    except OSError as error:
        print(path, error.strerror)
file = open('/work/file', 'w')
with open(f'/proc/self/fd/{file.fileno()}', 'w') as again:
    again.write('written')
print(open('/work/file').read())
"""


def test_proc_is_read_only_and_leads_on_to_open_files(own_sandbox: WorldSandbox) -> None:
    refused = [f"{path} Read-only file system" for path in ("self/oom_score_adj", "self/comm", "sys/kernel/hostname")]
    expected = "\n".join((*refused, "written", ""))
    assert output(own_sandbox, WRITE_IN_PROC) == expected
    with own_sandbox.session() as session:
        assert session.exec(["python3", "-I", "-S", "-c", WRITE_IN_PROC]).stdout.decode() == expected


def test_random_numbers_differ_from_job_to_job(own_sandbox: WorldSandbox) -> None:
    source = "import os, random, uuid; print(random.random(), os.urandom(8), uuid.uuid4())"
    assert len({output(own_sandbox, source) for _ in range(3)}) == 3


def test_a_world_whose_network_was_used_has_no_further_job(own_sandbox: WorldSandbox, own_limits: Limits) -> None:
    before = output(own_sandbox, SEED, limits=own_limits)
    output(own_sandbox, TALK, limits=own_limits)
    after = output(own_sandbox, SEED, limits=own_limits)
    assert before != after


def test_a_world_is_given_up_after_so_many_jobs(
    own_sandbox: WorldSandbox, own_limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot, "MOST_JOBS", 2)
    seeds = [output(own_sandbox, SEED, limits=own_limits) for _ in range(4)]
    assert seeds[0] == seeds[1] != seeds[2] == seeds[3]


def test_idle_worlds_are_bounded(own_sandbox: WorldSandbox) -> None:
    sessions = [own_sandbox.session() for _ in range(pool.MOST_IDLE + 2)]
    for session in sessions:
        session.close()
    assert len(own_sandbox._pool._idle) <= pool.MOST_IDLE


def test_the_last_sandbox_to_close_ends_the_idle_worlds(own_limits: Limits) -> None:
    need("bubblewrap")
    alone = Pool(BubblewrapSandbox()._pool._open_slot)
    first, second = (BubblewrapSandbox() for _ in range(2))
    for sandbox in (first, second):
        sandbox._pool = alone
        alone.join()
    output(first, "pass")
    (kept,) = alone._idle
    alone.leave()
    assert not kept.closed
    alone.leave()
    assert kept.closed
    assert not alone._idle


def test_where_warm_worlds_are_refused_each_job_gets_one_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    need("bubblewrap")

    def refuse(*_: object) -> None:
        raise NurseryRefused("no namespaces inside namespaces")

    monkeypatch.setattr("rsi_sandboxes.bubblewrap.sandbox.shared_pool", lambda *_: Pool(refuse))  # type: ignore[arg-type]
    sandbox = make_sandbox("bubblewrap")
    assert isinstance(sandbox, WorldSandbox)
    assert len({output(sandbox, SEED) for _ in range(3)}) == 3
    assert sandbox.why_cold == "no namespaces inside namespaces"
    with sandbox.session() as session:
        assert session.exec(["echo", "hi"]).stdout == b"hi\n"
    finding = next(found for found in diagnose() if found.name == "bubblewrap")
    assert finding.ok
    assert "from nothing for each job (no namespaces inside namespaces)" in finding.detail


def test_a_program_kept_ready_does_what_it_does_otherwise(own_sandbox: WorldSandbox) -> None:
    source = "import sys; print(__name__, sys.argv, sys.stdin.read())"
    command = ("python3", "-I", "-S", "-c", source, "one", "two")
    plain, ready = (own_sandbox.run(Job(command, stdin=b"in", keep_ready=keep)) for keep in (False, True))
    assert plain.stdout == ready.stdout == b"__main__ ['-c', 'one', 'two'] in\n"
