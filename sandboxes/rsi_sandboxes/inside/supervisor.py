# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Process 1 of a job's world: starts programs, bounds them, reports how they ended.

The owner speaks to it over its descriptors 0 and 1 in frames. When they end, the owner is gone: this process exits,
and being process 1 takes everything in the world with it.

Programs in the world run as the same user, so this process makes itself undumpable first: after that the kernel
lets none of them read its memory, its descriptors or trace it. They can kill nothing here either: process 1
ignores signals from inside its own namespace.
"""

from __future__ import annotations

import errno
import json

from rsi_sandboxes.inside import walls
from rsi_sandboxes.inside.files import read_file, write_file
from rsi_sandboxes.inside.memory import alone, kill_all, memory_in_use, reap
from rsi_sandboxes.inside.owner import Owner
from rsi_sandboxes.inside.program import Program

IDLE_SAMPLE_S = 0.25
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36


def bound_idle_world(most: int) -> None:
    """Ends background processes that hold more memory together than the world may."""
    if memory_in_use(most) > most:
        kill_all()


def serve(memory_bytes: int) -> None:
    """Serves the owner until it is gone; nothing else in the world may run before."""
    libc = walls.libc
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    owner = Owner()
    owner.send(b"H")
    owner.flush()
    while True:
        frame = owner.next()
        if frame is None:
            # With nobody else in the world nothing can grow.
            crowded = not alone()
            owner.wait(IDLE_SAMPLE_S if crowded else None)
            if crowded:
                bound_idle_world(memory_bytes)
                reap()
            continue
        kind, payload = frame
        program = None
        try:
            if kind == b"P":
                program = Program(owner, json.loads(payload))
            elif kind == b"W":
                path, data = payload.split(b"\0", 1)
                write_file(path.decode(), data)
                owner.send(b"A")
            elif kind == b"R":
                spec = json.loads(payload)
                owner.send(b"A", read_file(spec["path"], spec["most"]))
            elif kind not in (b"I", b"Z", b"K"):  # words to a program that ended meanwhile
                raise RuntimeError(f"unexpected frame {kind!r}")
        except OSError as error:
            trouble = {"errno": error.errno, "message": error.strerror or str(error)}
            owner.send(b"Q", json.dumps(trouble).encode())
        except (ValueError, OverflowError) as error:  # a path or a number that the kernel's calls can't take
            owner.send(b"Q", json.dumps({"errno": errno.EINVAL, "message": str(error)}).encode())
        if program is not None:
            # Once it runs, trouble is this process's own, and ends the world rather than pass for an answer.
            program.follow()
        owner.flush()
        reap()


def stand_alone(memory_bytes: int, filters: dict[str, list[str]]) -> None:
    """Serves the owner as the first process of a world whose walls stand already, but for the filter."""
    walls.leave_keyring()
    for call_filter in filter(None, walls.filters_here(filters)):
        walls.load_filter(call_filter)
    serve(memory_bytes)
