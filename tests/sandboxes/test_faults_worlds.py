# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A world whose keeper is killed or frozen costs the job in it a named error, and the next job nothing."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from rsi_sandboxes import Job, Limits, Sandbox, SessionClosed, WorldLost, make_sandbox
from rsi_sandboxes.backend import WorldSandbox
from rsi_sandboxes.ownership import Owner
from tests.components import need
from tests.sandboxes.corpus import attack_named
from tests.sandboxes.wreckage import nurseries, supervisors, wait_for

pytestmark = pytest.mark.usefixtures("own_pools")
LIMITS = Limits(wall_s=1.0)
PYTHON = ("python3", "-I", "-S", "-c")
SLEEP = Job((*PYTHON, "import time; print('up', flush=True); time.sleep(60)"), limits=LIMITS)
ADD = Job((*PYTHON, "print(6 * 7)"), limits=LIMITS)
MOST_WAIT_S = 10.0
"""What the next job may have to wait for until a frozen keeper is given up and another has come up."""
BLOWS = pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])


@pytest.fixture(params=["bubblewrap", "docker"])
def sandbox(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Each backend in turn, waiting less long for the silent."""
    need(request.param)
    for module in ("lone", "process"):
        monkeypatch.setattr(f"rsi_sandboxes.{module}.GRACE_S", 1.0)
    monkeypatch.setattr("rsi_sandboxes.slot._ANSWER_TIMEOUT_S", 2.0)
    sandbox = make_sandbox(request.param)
    before = set(nurseries(sandbox.name))
    yield sandbox
    sandbox.close()
    assert wait_for(lambda: set(nurseries(sandbox.name)) <= before)


def keeper(sandbox: Sandbox, before: set[int]) -> int:
    """The one nursery that has come since."""
    assert wait_for(lambda: len(set(nurseries(sandbox.name)) - before) == 1)
    return (set(nurseries(sandbox.name)) - before).pop()


@contextmanager
def once_it_has_a_job(nursery: int, act: Callable[[], object]) -> Iterator[None]:
    """Acts while the body waits for the job that it gives the nursery."""

    def wait_and_act() -> None:
        if wait_for(lambda: bool(supervisors(nursery))):
            act()

    acting = threading.Thread(target=wait_and_act)
    acting.start()
    try:
        yield
    finally:
        acting.join()


def assert_the_next_does_well(sandbox: Sandbox) -> None:
    started = time.monotonic()
    assert sandbox.run(ADD).stdout == b"42\n"
    assert time.monotonic() - started < MOST_WAIT_S


@BLOWS
def test_a_job_does_not_notice_that_an_idle_keeper_was_lost(sandbox: Sandbox, blow: signal.Signals) -> None:
    before = set(nurseries(sandbox.name))
    sandbox.run(ADD)
    lost = keeper(sandbox, before)
    process = Owner.of(lost)
    time.sleep(1.1)  # one that answered less than a second ago is not asked whether it still does
    os.kill(lost, blow)
    assert_the_next_does_well(sandbox)
    assert wait_for(process.is_gone)


@BLOWS
def test_a_job_whose_keeper_is_lost_is_lost(sandbox: Sandbox, blow: signal.Signals) -> None:
    before = set(nurseries(sandbox.name))
    with sandbox.start(SLEEP) as started:
        assert started.read_line(10) == b"up"
        lost = keeper(sandbox, before)
        inside = [Owner.of(pid) for pid in (lost, *supervisors(lost))]
        assert len(inside) == 2
        os.kill(lost, blow)
        if blow == signal.SIGKILL:
            with pytest.raises(WorldLost):
                started.wait()
        else:  # its supervisor keeps it to its limits
            assert started.wait().stopped_by == "wall_s"
    assert_the_next_does_well(sandbox)
    assert wait_for(lambda: all(process.is_gone() for process in inside))


@BLOWS
def test_a_run_whose_keeper_is_lost_is_lost(sandbox: Sandbox, blow: signal.Signals) -> None:
    before = set(nurseries(sandbox.name))
    sandbox.run(ADD)
    lost = keeper(sandbox, before)
    process = Owner.of(lost)
    with once_it_has_a_job(lost, lambda: os.kill(lost, blow)), pytest.raises(WorldLost):
        sandbox.run(SLEEP)
    assert_the_next_does_well(sandbox)
    assert wait_for(process.is_gone)


def test_a_run_that_takes_its_keeper_along_for_memory_is_run_again(sandbox: Sandbox) -> None:
    assert isinstance(sandbox, WorldSandbox)
    if not sandbox.memory_bound_by_kernel:
        pytest.skip("worlds have no control group here, so the kernel kills nobody for what they hold")
    attack = attack_named("res_shifted_blame")
    before = set(nurseries(sandbox.name))
    sandbox.run(replace(ADD, limits=attack.limits))
    lost = keeper(sandbox, before)
    process = Owner.of(lost)
    # It waits, so that its keeper can be made the first to be killed when memory runs out.
    job = Job((*PYTHON, "import time; time.sleep(1)\n" + attack.source), limits=attack.limits)
    with once_it_has_a_job(lost, lambda: Path(f"/proc/{lost}/oom_score_adj").write_text("1000")):
        result = sandbox.run(job)
    assert result.stopped_by == "memory_bytes"
    assert process.is_gone()
    assert_the_next_does_well(sandbox)


@BLOWS
def test_a_session_whose_supervisor_is_lost_is_lost(sandbox: Sandbox, blow: signal.Signals) -> None:
    before = set(nurseries(sandbox.name))
    with sandbox.session(LIMITS) as session:
        assert session.exec(ADD.command).stdout == b"42\n"
        [supervisor] = supervisors(keeper(sandbox, before))
        process = Owner.of(supervisor)
        os.kill(supervisor, blow)
        with pytest.raises(WorldLost):
            session.exec(ADD.command)
        with pytest.raises(SessionClosed):
            session.exec(ADD.command)
    assert_the_next_does_well(sandbox)
    assert wait_for(process.is_gone)
