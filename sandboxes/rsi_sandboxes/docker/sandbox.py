# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The Docker backend."""

from __future__ import annotations

import time
from typing import Any

from rsi_sandboxes.docker.channel import ContainerChannel, remove
from rsi_sandboxes.docker.engine import DEFAULT_IMAGE, connect, failures_named, require_image
from rsi_sandboxes.errors import WorldLost
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.ownership import Owner, current, is_overdue
from rsi_sandboxes.protocol import WORK_DIR
from rsi_sandboxes.world import WorldSandbox, supervisor_command

OWNER_LABEL = "rsi-envs.owner"
DEADLINE_LABEL = "rsi-envs.deadline"

_MIB = 1024 * 1024
_SUPERVISOR_BYTES = 96 * _MIB
_USER = 65534
_INODES = 65536


class DockerSandbox(WorldSandbox):
    """Runs each job in a container of its own.

    The engine may be remote (`DOCKER_HOST`): nothing is mounted from this machine. Any image with a `python3` of
    3.9 or newer will do. Making one reaps what owners that have died left on the engine.

    Args:
        image: The containers' image.
        runtime: An OCI runtime by the engine's name for it, such as "runsc"; None takes the engine's default.

    Raises:
        BackendUnavailable: No engine answers.
        ImageNotFound: The engine lacks the image; the message says how to get it.
    """

    name = "docker"
    bound_processes = False

    def __init__(self, *, image: str = DEFAULT_IMAGE, runtime: str | None = None) -> None:
        super().__init__()
        self._image = image
        self._runtime = runtime
        require_image(connect(), image)
        reap()

    def _open(self, limits: Limits, lifetime_s: float) -> ContainerChannel:
        with failures_named(image=self._image, refusal=WorldLost):
            container = connect().containers.create(
                self._image, supervisor_command("python3", limits), **self._options(limits, lifetime_s)
            )
            try:
                return ContainerChannel(container)
            except BaseException:
                remove(container)
                raise

    def _options(self, limits: Limits, lifetime_s: float) -> dict[str, Any]:
        room = f"rw,nosuid,nodev,exec,size={int(limits.disk_bytes)},nr_inodes={_INODES},uid={_USER},gid={_USER}"
        # Files in the two places count as memory to the engine.
        memory = int(limits.memory_bytes + 2 * limits.disk_bytes + _SUPERVISOR_BYTES)
        return {
            "labels": {OWNER_LABEL: str(current()), DEADLINE_LABEL: f"{time.time() + lifetime_s:.0f}"},
            "network_mode": "none",
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "read_only": True,
            "tmpfs": {WORK_DIR: room, "/tmp": room},  # noqa: S108 - a path in the container
            "user": f"{_USER}:{_USER}",
            "working_dir": WORK_DIR,
            "mem_limit": memory,
            "memswap_limit": memory,
            "pids_limit": int(limits.processes) + 1,
            # No /dev/shm, which would be memory that no limit of ours counts.
            "ipc_mode": "none",
            # Output would otherwise be kept on the host's disk.
            "log_config": {"Type": "none"},
            "runtime": self._runtime,
            "stdin_open": True,
            "auto_remove": True,
            "entrypoint": [],
        }


def reap() -> list[str]:
    """Removes containers of ours whose owner has died or whose deadline has passed.

    Those of living owners, and of owners on other machines within their deadline, are left alone.

    Returns:
        The names of the containers removed.

    Raises:
        BackendUnavailable: No engine answers, or it refuses.
    """
    removed = []
    with failures_named():
        found = connect().containers.list(all=True, filters={"label": OWNER_LABEL}, ignore_removed=True)
    for container in found:
        owner = Owner.parse(container.labels[OWNER_LABEL])
        overdue = is_overdue(container.labels.get(DEADLINE_LABEL, ""))
        if ((owner and owner.is_gone()) or overdue) and remove(container):
            removed.append(str(container.name))
    return removed
