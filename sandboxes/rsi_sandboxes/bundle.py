# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Carries `rsi_sandboxes.inside` into a world: one command, no file, any Python of 3.9 or newer."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

from rsi_sandboxes.limits import Limits
from rsi_sandboxes.seccomp import call_filters

# Each after what it imports.
_SUPERVISOR = (
    "events", "owner", "memory", "walls", "launch", "streams", "files", "ending", "program", "supervisor",
)  # fmt: skip
_NURSERY = (*_SUPERVISOR, "nursery")
_FROM_ARGUMENTS = """
import json, marshal, os, sys
def receive():
    return json.loads(sys.argv[1])
"""
# A Python keeps several copies of its command line, four bytes a letter, and each job's process would get them all:
# to a nursery everything is sent.
_FROM_OWNER = """
import json, marshal, os, socket, sys
if sys.argv[1]:
    owner = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    owner.connect(sys.argv[1])
    os.dup2(owner.fileno(), 0)
    owner.close()
owner = socket.socket(fileno=0)
def receive():
    words, packet = b"", b"."
    while packet[:1] == b".":
        words, packet = words + packet[1:], owner.recv(65536)
    return json.loads(words + packet[1:])
"""
# Received and compiled in a child: what that leaves behind in a heap would be copied for every job.
_LOAD = """
source, sink = os.pipe()
if os.fork() == 0:
    os.close(source)
    words = receive()
    codes = {name: compile(text, name, "exec", dont_inherit=True) for name, text in words.pop("sources").items()}
    with os.fdopen(sink, "wb") as out:
        marshal.dump((codes, words), out)
    os._exit(0)
os.close(sink)
with os.fdopen(source, "rb") as codes:
    codes, words = marshal.load(codes)
os.wait()
package = type(sys)("rsi_sandboxes.inside")
sys.modules[package.__name__] = package
for name, code in codes.items():
    module = type(sys)(package.__name__ + "." + name)
    sys.modules[module.__name__] = module
    setattr(package, name, module)
    exec(code, module.__dict__)
del receive, codes, code, module
"""
_SERVE = """
os.closerange(3, 256)
package.supervisor.stand_alone(**words)
"""
_NURSE = """
package.nursery.run(owner, **words)
"""
_PART = 32768


def supervisor_command(python: str, limits: Limits) -> list[str]:
    """The command that puts a supervisor into a world of these bounds whose Python is `python`."""
    words = {"sources": _sources(_SUPERVISOR), "memory_bytes": limits.memory_bytes, "filters": _filters()}
    return [python, "-I", "-S", "-c", _FROM_ARGUMENTS + _LOAD + _SERVE, json.dumps(words)]


def nursery_command(python: str, control: str = "") -> list[str]:
    """The command that puts a nursery into a world whose Python is `python`; it awaits `nursery_packets`.

    Args:
        python: See there.
        control: Path of the socket that the owner listens on; empty when the command's standard input leads to it.
    """
    return [python, "-I", "-S", "-c", _FROM_OWNER + _LOAD + _NURSE, control]


def nursery_packets(limits: Limits, ready: str) -> list[bytes]:
    """What to send to a nursery first: all that it is made of and is told, for a world of these bounds.

    Args:
        limits: See there.
        ready: See `rsi_sandboxes.inside.nursery.run`.
    """
    sizes = {"memory_bytes": limits.memory_bytes, "disk_bytes": int(limits.disk_bytes)}
    words = json.dumps({"sources": _sources(_NURSERY), "filters": _filters(), "ready": ready, **sizes}).encode()
    parts = [words[start : start + _PART] for start in range(0, len(words), _PART)]
    return [*(b"." + part for part in parts[:-1]), b"!" + parts[-1]]


@lru_cache(maxsize=2)
def _sources(names: tuple[str, ...]) -> dict[str, str]:
    folder = files("rsi_sandboxes").joinpath("inside")
    return {name: folder.joinpath(f"{name}.py").read_text("utf-8") for name in names}


@lru_cache(maxsize=1)
def _filters() -> dict[str, list[str]]:
    """The filters of system calls by machine, the first and the second program each in hexadecimal."""
    return {machine: [its.standing.hex(), its.closing.hex()] for machine, its in call_filters().items()}
