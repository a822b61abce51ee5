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
# Compiled in a child: what compiling leaves behind in a heap would be copied for every job.
_LOADER = """
import json, marshal, os, sys
source, sink = os.pipe()
if os.fork() == 0:
    codes = {name: compile(text, name, "exec", dont_inherit=True) for name, text in json.loads(sys.argv[1]).items()}
    os.close(source)
    with os.fdopen(sink, "wb") as out:
        marshal.dump(codes, out)
    os._exit(0)
os.close(sink)
with os.fdopen(source, "rb") as codes:
    codes = marshal.load(codes)
os.wait()
package = type(sys)("rsi_sandboxes.inside")
sys.modules[package.__name__] = package
for name, code in codes.items():
    module = type(sys)(package.__name__ + "." + name)
    sys.modules[module.__name__] = module
    setattr(package, name, module)
    exec(code, module.__dict__)
del codes, code, module
"""
_SERVE = """
os.closerange(3, 256)
package.supervisor.stand_alone(int(sys.argv[2]), json.loads(sys.argv[3]))
"""
_NURSE = """
package.nursery.run(int(sys.argv[2]), json.loads(sys.argv[3]), sys.argv[4], sys.argv[5])
"""


def supervisor_command(python: str, limits: Limits) -> list[str]:
    """The command that puts a supervisor into a world of these bounds whose Python is `python`."""
    return [*_python(python, _SERVE, _SUPERVISOR), str(limits.memory_bytes), _filters()]


def nursery_command(python: str, limits: Limits, *, control: str = "", ready: str = "") -> list[str]:
    """The command that puts a nursery into a world of these bounds; see `rsi_sandboxes.inside.nursery.run`."""
    return [*_python(python, _NURSE, _NURSERY), str(limits.memory_bytes), _filters(), control, ready]


def _python(python: str, main: str, names: tuple[str, ...]) -> list[str]:
    return [python, "-I", "-S", "-c", _LOADER + main, _sources(names)]


@lru_cache(maxsize=2)
def _sources(names: tuple[str, ...]) -> str:
    folder = files("rsi_sandboxes").joinpath("inside")
    return json.dumps({name: folder.joinpath(f"{name}.py").read_text("utf-8") for name in names})


@lru_cache(maxsize=1)
def _filters() -> str:
    """The filters of system calls by machine, the first and the second program each in hexadecimal."""
    filters = call_filters().items()
    return json.dumps({machine: [its.standing.hex(), its.closing.hex()] for machine, its in filters})
