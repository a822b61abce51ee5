# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How a container is laid out, for one job's world or for a warm one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from docker.models.containers import Container
from docker.types import Mount

from rsi_sandboxes.bundle import nursery_command, nursery_packets, supervisor_command
from rsi_sandboxes.docker.channel import ContainerChannel, remove
from rsi_sandboxes.docker.engine import connect, is_local
from rsi_sandboxes.docker.home import ContainerHome, Doorway, is_running
from rsi_sandboxes.job import WORK_DIR
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.ownership import current
from rsi_sandboxes.slot import NurseryRefused, Slot

OWNER_LABEL = "rsi-envs.owner"
DEADLINE_LABEL = "rsi-envs.deadline"

_MIB = 1024 * 1024
_SUPERVISOR_BYTES = 96 * _MIB
_USER = 65534
_INODES = 65536
_WARM_LIFETIME_S = 86_400.0
_WARM_PROCESSES = 4
"""The nursery, the job's supervisor, that of the job made ahead, and one that is still ending."""
_DOOR = "/tmp/rsi-nursery.sock"  # noqa: S108 - where each job mounts a /tmp of its own over it


@dataclass(frozen=True, slots=True)
class ContainerMaker:
    """Makes containers of one image by one runtime."""

    image: str
    runtime: str | None
    """An OCI runtime by the engine's name for it; None takes the engine's default."""

    def open(self, limits: Limits, lifetime_s: float) -> ContainerChannel:
        """Starts a world of its own for one job or session."""
        host = _walls(limits, limits.processes + 1)
        container = self._create(supervisor_command("python3", limits), host, lifetime_s, stdin_open=True)
        try:
            return ContainerChannel(container)
        except BaseException:
            remove(container)
            raise

    def open_slot(self, limits: Limits, ready: str) -> Slot:
        """Starts a warm world.

        Raises:
            NurseryRefused: No worlds can be made inside a container here.
            WorldLost: It did not come up.
        """
        if not is_local(connect()):
            raise NurseryRefused("the Docker engine is not reached over a Unix socket, so it may be remote")
        with Doorway() as doorway:
            host = {
                **_walls(limits, limits.processes + _WARM_PROCESSES),
                # Not `binds`, for which the engine makes up what is gone from the host when the owner has died.
                "mounts": [Mount(_DOOR, doorway.path, type="bind")],
                # Docker's filter forbids user namespaces, and its masks a fresh /proc. The nursery runs nothing
                # foreign; each job gets our filter, and a /proc that shows itself alone.
                "security_opt": ["no-new-privileges", "seccomp=unconfined"],
                "MaskedPaths": [],
                "ReadonlyPaths": [],
            }
            command = nursery_command("python3", _DOOR)
            container = self._create(command, host, _WARM_LIFETIME_S, stdin_open=False)
            try:
                container.start()
                control = doorway.let_in(lambda: is_running(container))
            except BaseException:
                remove(container)
                raise
        return Slot(ContainerHome(container), control, nursery_packets(limits, ready))

    def _create(self, command: list[str], host: dict[str, Any], lifetime_s: float, *, stdin_open: bool) -> Container:
        api = connect().api
        extra = {name: host.pop(name) for name in ("MaskedPaths", "ReadonlyPaths") if name in host}
        made = api.create_container(
            self.image,
            command,
            entrypoint=[],
            user=f"{_USER}:{_USER}",
            working_dir=WORK_DIR,
            labels={OWNER_LABEL: str(current()), DEADLINE_LABEL: f"{time.time() + lifetime_s:.0f}"},
            stdin_open=stdin_open,
            # A symbol bound late is bound in every fork anew.
            environment={"LANG": "C.UTF-8", "LD_BIND_NOW": "1"},
            # The SDK knows no name for some of the engine's settings.
            host_config={**api.create_host_config(runtime=self.runtime, **host), **extra},
        )
        return connect().containers.get(made["Id"])


def _walls(limits: Limits, processes: int) -> dict[str, Any]:
    room = f"rw,nosuid,nodev,exec,size={int(limits.disk_bytes)},nr_inodes={_INODES},uid={_USER},gid={_USER}"
    # Files in the two places count as memory to the engine.
    memory = int(limits.memory_bytes + 2 * limits.disk_bytes + _SUPERVISOR_BYTES)
    return {
        "network_mode": "none",
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "read_only": True,
        "tmpfs": {WORK_DIR: room, "/tmp": room},  # noqa: S108 - a path in the container
        "mem_limit": memory,
        "memswap_limit": memory,
        "pids_limit": int(processes),
        # No /dev/shm, which would be memory that no limit of ours counts.
        "ipc_mode": "none",
        # Output would otherwise be kept on the host's disk.
        "log_config": {"Type": "none"},
        "auto_remove": True,
    }
