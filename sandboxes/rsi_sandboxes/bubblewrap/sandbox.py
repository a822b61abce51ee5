# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The bubblewrap backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from rsi_sandboxes.backend import WorldSandbox
from rsi_sandboxes.bubblewrap.channel import PipeChannel
from rsi_sandboxes.bubblewrap.control_group import find_hierarchy, reap_groups
from rsi_sandboxes.bubblewrap.maker import Maker, find_maker
from rsi_sandboxes.errors import BackendUnavailable, SandboxError
from rsi_sandboxes.limits import Limits
from rsi_sandboxes.pool import Shape, shared_pool
from rsi_sandboxes.slot import Slot


class BubblewrapSandbox(WorldSandbox):
    """Runs each job in fresh namespaces, forked in a bubblewrap world that is kept warm.

    The world sees the host's `/usr` and the Python of this process, read-only and without the packages installed
    for them, and nothing else of the host.
    Where this process may make control groups, as root may, the kernel bounds a warm world's memory. Elsewhere it is
    bounded by sampling and by a per-process limit: a job can exceed `Limits.memory_bytes` for up to 20 ms before it is
    killed, or a quarter of a second where nothing but `Session.start` started it, and what no process maps, such as
    socket buffers and page tables, is not counted.
    Making one removes the control groups that owners that have died left behind.

    Raises:
        BackendUnavailable: No world can be made on this machine; the message says how to mend that.
    """

    name = "bubblewrap"

    def __init__(self) -> None:
        self._maker = find_maker()
        super().__init__(shared_pool(self._maker, partial(_open_slot, self._maker)))
        reap_groups()

    @property
    def bound_processes(self) -> bool:
        """See `WorldSandbox.bound_processes`."""
        return True

    @property
    def memory_bound_by_kernel(self) -> bool:
        """See `WorldSandbox.memory_bound_by_kernel`."""
        return find_hierarchy() is not None

    def _open(self, limits: Limits, lifetime_s: float) -> PipeChannel:
        with _starting():
            return self._maker.open(limits)


def _open_slot(maker: Maker, shape: Shape) -> Slot:
    with _starting():
        return maker.open_slot(Limits(memory_bytes=shape.memory_bytes, disk_bytes=shape.disk_bytes), shape.ready)


@contextmanager
def _starting() -> Iterator[None]:
    """Names the failure to start a process."""
    try:
        yield
    except SandboxError:
        raise
    except OSError as error:
        raise BackendUnavailable(f"bubblewrap could not be started: {error}") from error
