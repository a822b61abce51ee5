# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The Docker backend."""

from __future__ import annotations

from functools import partial

from rsi_sandboxes.backend import WorldSandbox
from rsi_sandboxes.docker.channel import ContainerChannel, remove
from rsi_sandboxes.docker.engine import DEFAULT_IMAGE, connect, failures_named, require_image
from rsi_sandboxes.docker.home import reap_doorways
from rsi_sandboxes.docker.maker import DEADLINE_LABEL, OWNER_LABEL, ContainerMaker
from rsi_sandboxes.errors import WorldLost
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.ownership import Owner, is_overdue
from rsi_sandboxes.pool import Shape, shared_pool
from rsi_sandboxes.slot import Slot


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

    def __init__(self, *, image: str = DEFAULT_IMAGE, runtime: str | None = None) -> None:
        self._maker = ContainerMaker(image, runtime)
        super().__init__(shared_pool(self._maker, partial(_open_slot, self._maker)))
        require_image(connect(), image)
        reap()

    @property
    def bound_processes(self) -> bool:
        """See `WorldSandbox.bound_processes`."""
        return not _bounds("PidsLimit")

    @property
    def memory_bound_by_kernel(self) -> bool:
        """See `WorldSandbox.memory_bound_by_kernel`."""
        return _bounds("MemoryLimit")

    def _open(self, limits: Limits, lifetime_s: float) -> ContainerChannel:
        with failures_named(image=self._maker.image, refusal=WorldLost):
            return self._maker.open(limits, lifetime_s)


def _bounds(what: str) -> bool:
    """Whether the engine bounds containers in this; without control groups, as when rootless on version 1, it can't."""
    with failures_named():
        facts = connect().info()
    return facts.get("CgroupDriver") != "none" and bool(facts.get(what, True))


def _open_slot(maker: ContainerMaker, shape: Shape) -> Slot:
    limits = Limits(memory_bytes=shape.memory_bytes, disk_bytes=shape.disk_bytes, processes=shape.processes)
    with failures_named(image=maker.image, refusal=WorldLost):
        return maker.open_slot(limits, shape.ready)


def reap() -> list[str]:
    """Removes containers of ours whose owner has died or whose deadline has passed, and dead owners' sockets to them.

    Those of living owners, and of owners on other machines within their deadline, are left alone.

    Returns:
        The names of the containers and of the sockets' folders removed.

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
    return [*removed, *reap_doorways()]
