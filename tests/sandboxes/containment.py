# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Running hostile programs on a machine that has something to steal, and looking for what they left behind."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rsi_sandboxes import ExecResult, Job, Sandbox
from tests.sandboxes.corpus import Attack

PORT = 47991
ABSTRACT = "\0sbx_canary"
SECRET_VARIABLE = "SBX_SECRET_CANARY"
SECRET = f"SBX_SECRET {uuid.uuid4()}"
GONE_S = 10.0

# What an ordinary job sees of its world: whatever an earlier job could have left in it or changed.
LOOK_AROUND = """
import json, os, resource

def lines(path):
    try:
        with open(path) as file: return len(file.readlines())
    except OSError: return None

def field(name):
    with open('/proc/self/status') as status:
        return next(line.split()[1] for line in status if line.startswith(name + ':'))

held = bytearray(b'x') * 10_000_000
places = ('/work', '/tmp', '/var/tmp', '/dev', '/dev/shm', '/dev/mqueue', '/run')
print(json.dumps({
    'files': sorted(f'{folder}/{name}' for place in places for folder, _, names in os.walk(place) for name in names),
    'processes': sum(name.isdigit() for name in os.listdir('/proc')),
    'ipc': {path: lines(path) for path in (
        '/proc/sysvipc/shm', '/proc/sysvipc/sem', '/proc/sysvipc/msg', '/proc/net/unix', '/proc/net/tcp',
        '/proc/net/udp', '/proc/mounts')},
    'limits': [resource.getrlimit(number) for number in range(16)],
    'signals': [field(name) for name in ('SigBlk', 'SigIgn', 'ShdPnd')],
    'scheduling': [os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), sorted(os.sched_getaffinity(0))],
    'room': [os.statvfs(place).f_bavail for place in ('/work', '/tmp')],
    'inodes': [os.statvfs(place).f_ffree for place in ('/work', '/tmp')],
    'rest': [os.getcwd(), os.umask(0), dict(os.environ), os.getuid(), os.getgroups()],
}))
"""


@dataclass(frozen=True, slots=True)
class Bait:
    """What the host has that hostile programs look for."""

    canary: Path
    victim: subprocess.Popen[bytes]
    listeners: tuple[socket.socket, ...]

    def harm(self) -> list[str]:
        """What was done to it."""
        found = []
        if self.victim.poll() is not None or _state(self.victim.pid) not in "SR":
            found.append("the host's process was killed or stopped")
        if self.canary.read_text() != SECRET or os.listdir(self.canary.parent) != [self.canary.name]:
            found.append("the host's file or its folder was changed")
        if os.environ.get(SECRET_VARIABLE) != SECRET:
            found.append("the host's variable was changed")
        return found + [f"somebody came to {listener.getsockname()!r}" for listener in self.listeners if _met(listener)]


@contextmanager
def bait() -> Iterator[Bait]:
    """Puts the bait out."""
    with ExitStack() as cleanup:
        # Open to everyone, so that nothing but the world's walls keeps a program from it.
        folder = Path(tempfile.mkdtemp(prefix="canary-", dir="/var/tmp"))
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o777)
        canary = folder / f"canary-{folder.name}"
        canary.write_text(SECRET)
        canary.chmod(0o666)
        os.environ[SECRET_VARIABLE] = SECRET
        cleanup.callback(os.environ.pop, SECRET_VARIABLE, None)
        victim = subprocess.Popen(["sleep", "3600"])
        cleanup.callback(victim.wait)
        cleanup.callback(victim.kill)
        listeners = tuple(cleanup.enter_context(listener) for listener in _listeners())
        yield Bait(canary, victim, listeners)


def _listeners() -> Iterator[socket.socket]:
    for family, kind, address in (
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT)),
        (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PORT)),
        (socket.AF_UNIX, socket.SOCK_STREAM, ABSTRACT),
    ):
        listener = socket.socket(family, kind)
        try:
            listener.bind(address)
        except OSError:  # another run of these tests has put it out, and that one serves as well
            listener.close()
            continue
        if kind == socket.SOCK_STREAM:
            listener.listen()
        listener.setblocking(False)
        yield listener


def _met(listener: socket.socket) -> bool:
    try:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(1)
    except BlockingIOError:
        return False
    return True


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def run_attack(sandbox: Sandbox, attack: Attack, canary: Path | None = None) -> list[ExecResult]:
    """Runs an attack as often as it asks for."""
    env = {"CANARY_FILE": str(canary)} if canary else {}
    job = Job(("python3", "-I", "-S", "-c", attack.source), env=env, limits=attack.limits)
    with ThreadPoolExecutor(attack.runs if attack.at_once else 1) as pool:
        return list(pool.map(sandbox.run, [job] * attack.runs))


def look_around(sandbox: Sandbox) -> dict[str, Any]:
    """What an ordinary job sees; raises ValueError when it does not end well."""
    result = sandbox.run(Job(("python3", "-I", "-S", "-c", LOOK_AROUND)))
    if not result.ok:
        raise ValueError(f"an ordinary job ended badly: {result}")
    return dict(json.loads(result.stdout))


def inmates() -> list[int]:
    """The processes in this process's worlds, but for the first of each namespace, which are ours."""
    parents, inner = {}, {}
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        fields = dict(line.split(":", 1) for line in status.splitlines())
        parents[pid], inner[pid] = int(fields["PPid"]), [int(number) for number in fields["NSpid"].split()]
    homes = {os.getpid(), *_container_processes()}
    return [
        pid for pid, numbers in inner.items() if len(numbers) > 1 and numbers[-1] != 1 and _below(pid, homes, parents)
    ]


def containers() -> list[str]:
    """The ids of this process's containers; none where no engine answers."""
    listed = subprocess.run(
        ["docker", "ps", "-a", "--format", '{{.ID}} {{.Label "rsi-envs.owner"}}'],
        capture_output=True, text=True, check=False,
    ).stdout.splitlines()  # fmt: skip
    return [line.split()[0] for line in listed if f":{os.getpid()}:" in line]


def _container_processes() -> list[int]:
    command = ["docker", "inspect", "--format", "{{.State.Pid}}", *(containers() if shutil.which("docker") else [])]
    if len(command) == 4:
        return []
    return [int(pid) for pid in subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()]


def _below(pid: int, homes: set[int], parents: dict[int, int]) -> bool:
    while pid in parents and pid not in homes:
        pid = parents[pid]
    return pid in homes


def survivors() -> list[int]:
    """The inmates that are still there after the kernel had time to take them away."""
    deadline = time.monotonic() + GONE_S
    while (found := inmates()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found
