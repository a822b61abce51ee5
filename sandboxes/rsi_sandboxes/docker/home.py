# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A nursery in a container: how its owner and it find each other, and its end."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import docker.errors
from docker.models.containers import Container

from rsi_sandboxes.docker.channel import remove
from rsi_sandboxes.docker.engine import remembers
from rsi_sandboxes.errors import BackendUnavailable, WorldLost
from rsi_sandboxes.ownership import Owner, current

_PREFIX = "rsi-nursery-"
_DOOR = "door"
_START_TIMEOUT_S = 30.0
_LOOK_S = 0.5


class Doorway:
    """A socket in a folder that nobody else may enter, mounted into the container until the nursery has come.

    The folder is named after its owner; see `reap_doorways`.

    Raises:
        BackendUnavailable: None can be made, for want of room or descriptors.
    """

    path: str
    """Where the socket is on this machine."""

    def __enter__(self) -> Self:
        try:
            with ExitStack() as opened:
                self._open(opened)
                self._opened = opened.pop_all()
        except OSError as error:
            place = tempfile.gettempdir()
            raise BackendUnavailable(f"no socket for a container can be made in {place}: {error}") from error
        return self

    def let_in(self, is_coming: Callable[[], bool]) -> socket.socket:
        """Waits for the nursery.

        Args:
            is_coming: Whether there is still somebody to wait for.

        Raises:
            WorldLost: It did not come.
        """
        deadline = time.monotonic() + _START_TIMEOUT_S
        self._socket.settimeout(_LOOK_S)
        while True:
            try:
                return self._socket.accept()[0]
            except TimeoutError:
                if not is_coming() or time.monotonic() > deadline:
                    raise WorldLost("the container's Python did not come up") from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def _open(self, opened: ExitStack) -> None:
        folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{_tag(current())}.")
        opened.callback(_remove_folder, folder)
        self._socket = opened.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        # The path of a socket may have 107 bytes, and that of the folder have as many already.
        folder_fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._socket.bind(f"/proc/self/fd/{folder_fd}/{_DOOR}")
        finally:
            os.close(folder_fd)
        self.path = str(Path(folder, _DOOR))
        # The nursery is nobody, and only the folder keeps others out.
        Path(self.path).chmod(0o666)
        self._socket.listen(1)


class ContainerHome:
    """The `Home` of a nursery that is the first process of a container."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._began = time.time()
        self._closing = threading.Lock()
        self._closed = False

    def last_words(self) -> str:
        """See `Home.last_words`; the engine keeps none."""
        return ""

    def ran_out_of_memory(self) -> bool:
        """See `Home.ran_out_of_memory`."""
        try:
            return remembers(self._container, "oom", self._began)
        except BackendUnavailable:
            return False

    def close(self) -> None:
        """See `Home.close`."""
        with self._closing:
            if not self._closed:
                self._closed = True
                remove(self._container)

    def let_go(self) -> None:
        """See `Inherited.let_go`."""
        self._closing = threading.Lock()
        self._closed = True


def reap_doorways() -> list[str]:
    """Removes what dead owners left in this machine's folder for temporary files; returns the folders' names."""
    removed = []
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = _owner(folder.name)
        if owner is not None and owner.is_gone():
            _remove_folder(str(folder))
            if not folder.exists():
                removed.append(folder.name)
    return removed


def _remove_folder(folder: str) -> None:
    """Takes no descriptors, which may have run out; what it can't remove is left to `reap_doorways`."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(Path(folder, _DOOR))
    with contextlib.suppress(OSError):
        os.rmdir(folder)


def _tag(owner: Owner) -> str:
    """The owner as part of a folder's name, its host as a digest, so that the name holds nothing but letters."""
    return f"{_digest(owner.host)}.{owner.pid}.{owner.start_time}"


def _owner(folder_name: str) -> Owner | None:
    """The owner whose tag is in a folder's name; None for none and for those of other hosts."""
    host = current().host
    digest, *numbers = folder_name.removeprefix(_PREFIX).split(".")[:3]
    if digest != _digest(host):
        return None
    return Owner.parse(":".join((host, *numbers)))


def _digest(host: str) -> str:
    return hashlib.sha256(host.encode()).hexdigest()[:12]


def is_running(container: Container) -> bool:
    """Whether the container has neither ended nor been removed."""
    try:
        container.reload()
    except docker.errors.NotFound:
        return False
    return container.status in ("created", "running")
