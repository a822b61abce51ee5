# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What sessions do beyond the conformance suite: snapshots as values, forged ones, and many threads at once."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

import pytest

from rsi_sandboxes import (
    InvalidJob,
    Limits,
    Sandbox,
    SandboxError,
    SandboxFileError,
    SessionClosed,
    Snapshot,
    Terminal,
    make_sandbox,
    snapshot,
)
from rsi_sandboxes.inside import tree
from tests.components import need

ECHO = ("python3", "-I", "-S", "-c", "while True: print(input()[::-1], flush=True)")


def forged(*entries: object, tail: bytes = b"") -> Snapshot:
    """A snapshot that no packer made."""
    return Snapshot(snapshot.FIRST_LINE + b"".join(json.dumps(entry).encode() + b"\n" for entry in entries) + tail)


@pytest.fixture(params=["bubblewrap", "docker"])
def cold_sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """One that starts each world from nothing."""
    need(request.param)
    made = make_sandbox(request.param, **({"runtime": "runc"} if request.param == "docker" else {}))
    made._pool = type(made._pool)(made._pool._open_slot)  # type: ignore[attr-defined]
    made._pool.refusal = "the test wants it cold"  # type: ignore[attr-defined]
    return made


def test_worlds_started_from_nothing_have_all_that_sessions_offer(cold_sandbox: Sandbox) -> None:
    with cold_sandbox.session() as session:
        echo = session.start(ECHO)
        shell = session.start(["sh", "-i"], terminal=Terminal(), env={"PS1": "> "})
        shell.send(b"stty size > size; exit\n")
        assert shell.wait().ok
        assert session.read_file("size") == b"24 80\n"
        session.write_stream("big", [bytes(100_000)] * 10)
        echo.send(b"abc\n")
        assert echo.read_line(10) == b"cba"
        kept = session.snapshot()
    with cold_sandbox.session(snapshot=kept) as session:
        assert sum(map(len, session.read_stream("big"))) == 1_000_000
    cold_sandbox.close()


def test_a_snapshot_moves_from_one_backend_to_the_other_through_a_file(tmp_path: Path) -> None:
    need("bubblewrap")
    need("docker")
    one, other = make_sandbox("bubblewrap"), make_sandbox("docker")
    with one.session() as session:
        session.write_file("a/b", b"kept")
        session.snapshot().save(tmp_path / "kept")
    with other.session(snapshot=Snapshot.load(tmp_path / "kept")) as session:
        assert session.read_file("a/b") == b"kept"


def test_a_file_that_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    with pytest.raises(InvalidJob, match="hello"):
        Snapshot.load(tmp_path / "text")


def test_a_snapshot_shows_none_of_its_content() -> None:
    assert repr(forged()) == "Snapshot()"


@pytest.mark.parametrize(
    "entries",
    [
        [["f", "/usr/forged", 0o644, 0, 0]],
        [["f", "../../usr/forged", 0o644, 0, 0]],
        [["l", "/work/up", 0o777, 0, "/usr"], ["f", "/work/up/forged", 0o644, 0, 0]],
        [["f", "/proc/1/mem", 0o644, 0, 0]],
        [["h", "/work/supervisor", 0o644, 0, "/proc/1/mem"]],
        [["d", "/work", 0o755, 0, None], ["f", "/work/cut", 0o644, 0, 1000]],
        [["f", "/work/holed", 0o644, 0, -1]],
        ["no entry"],
        [["d", 7, 7, 7, 7]],
    ],
)
def test_a_forged_snapshot_breaks_its_own_world_at_most(sandbox: Sandbox, entries: list[object]) -> None:
    with pytest.raises(SandboxFileError):
        sandbox.session(snapshot=forged(*entries))
    with sandbox.session() as session:
        assert session.exec(["sh", "-c", "ls -A /work; ls /usr | grep forged"]).stdout == b""


def test_a_session_that_a_forged_link_leads_out_of_stays_in_its_world(sandbox: Sandbox) -> None:
    with sandbox.session(snapshot=forged(["l", "/work/host", 0o777, 0, "/proc/1/root/etc/hostname"])) as session:
        with pytest.raises(SandboxFileError):
            session.read_file("host")
        assert not session.exec(["cat", "host"]).ok


def test_programs_that_meddle_with_a_snapshot_do_not_hold_its_owner_up(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "_SILENCE_S", 1.0)
    # Whoever runs as the same user may kill the program that packs, and write into its pipes.
    meddle = """
import os
while True:
    for pid in os.listdir('/proc'):
        if pid.isdigit() and int(pid) > 1 and int(pid) != os.getpid():
            for fd in ('0', '1'):
                try:
                    os.write(os.open(f'/proc/{pid}/fd/{fd}', os.O_WRONLY | os.O_NONBLOCK), b'\\xff' * 65536)
                except OSError:
                    pass
"""
    with sandbox.session(Limits(processes=8)) as session:
        session.write_file("file", bytes(5_000_000))
        with session.start(["python3", "-I", "-S", "-c", meddle], limits=Limits(wall_s=20)):
            for _ in range(3):
                try:
                    assert len(session.snapshot().content) < 200_000_000
                except SandboxError:
                    continue
        assert session.exec(["true"]).ok


def test_what_moves_snapshots_agrees_at_both_ends() -> None:
    assert (tree.FIRST_LINE, tree.PIECE) == (snapshot.FIRST_LINE, snapshot.PIECE)
    assert tree.LENGTH.format == snapshot._LENGTH.format


@pytest.mark.parametrize(("rows", "columns"), [(0, 80), (24, 65536), (True, 80), (24, 80.0), ("24", 80)])
def test_a_terminal_of_no_possible_size_is_refused(rows: int, columns: int) -> None:
    with pytest.raises(InvalidJob, match="whole number"):
        Terminal(rows, columns)


def test_many_threads_talk_to_many_programs_of_one_session(sandbox: Sandbox) -> None:
    def talk(number: int) -> int:
        chance, said = random.Random(number), 0
        with session.start(ECHO) as process:
            for turn in range(60):
                word = (f"{number}.{turn}." * chance.randrange(1, 2000)).encode()
                process.send(word + b"\n")
                if chance.random() < 0.2:
                    assert session.exec(["cat"], stdin=word).stdout == word
                if chance.random() < 0.2:
                    session.write_file(f"file{number}", word)
                    assert b"".join(session.read_stream(f"file{number}")) == word
                assert process.read_line(30) == word[::-1]
                said += 1
        return said

    with sandbox.session(Limits(processes=200, wall_s=60)) as session, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(talk, range(8))) == [60] * 8


def test_one_thread_reads_while_another_sends(sandbox: Sandbox) -> None:
    with sandbox.session() as session, session.start(["cat"]) as process:
        sender = threading.Thread(target=lambda: [process.send(b"x" * 5000 + b"\n") for _ in range(1000)])
        sender.start()
        lines = [process.read_line(30) for _ in range(1000)]
        sender.join()
        assert set(lines) == {b"x" * 5000}


def test_waiting_in_vain_takes_as_long_as_it_may_while_others_read(sandbox: Sandbox) -> None:
    with sandbox.session() as session, session.start(["cat"]) as silent, ThreadPoolExecutor(1) as pool:
        other = pool.submit(session.exec, ["sleep", "2"])
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            silent.read(0.3)
        assert 0.25 < time.monotonic() - started < 1.5
        assert other.result().ok


def test_a_program_that_nobody_reads_holds_nobody_up(sandbox: Sandbox) -> None:
    with sandbox.session() as session, session.start(["yes"], limits=Limits(wall_s=60, cpu_s=60)) as chatty:
        time.sleep(0.5)
        assert session.exec(["echo", "on"]).stdout == b"on\n"
        assert chatty.read_line(10) == b"y"


def test_an_interrupted_read_leaves_no_session_with_half_a_frame(sandbox: Sandbox) -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    session = sandbox.session()
    process = session.start(["sleep", "60"])
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            process.read(10)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    with pytest.raises(SessionClosed):
        session.exec(["true"])


def test_a_session_holds_no_more_descriptors_after_many_programs(sandbox: Sandbox) -> None:
    count = "import os; print(len(os.listdir('/proc/self/fd')))"
    with sandbox.session() as session:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(50):
            session.start(["true"]).wait()
            session.start(["true"], terminal=Terminal()).wait()
        assert len(os.listdir("/proc/self/fd")) == before
        # Each program would inherit what its supervisor lets lie open.
        assert int(session.exec(["python3", "-I", "-S", "-c", count]).stdout) <= 4
        terminals = session.start(["ls", "/dev/pts"], terminal=Terminal()).wait().stdout
        assert terminals.split()[:1] == [b"0"], terminals
