# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A nursery in a container: how its owner and it find each other, and its end."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import docker.errors
from docker.models.containers import Container

from rsi_sandboxes.docker.channel import remove
from rsi_sandboxes.errors import WorldLost

FOLDER_PREFIX = "rsi-nursery-"
_START_TIMEOUT_S = 30.0
_LOOK_S = 0.5


class Doorway:
    """A socket in a folder that nobody else may enter, mounted into the container until the nursery has come."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix=FOLDER_PREFIX)
        self.path = str(Path(self._folder, "door"))
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def __enter__(self) -> Self:
        try:
            self._socket.bind(self.path)
            # The nursery is nobody, and only the folder keeps others out.
            Path(self.path).chmod(0o666)
            self._socket.listen(1)
        except BaseException:
            self.__exit__(None, None, None)
            raise
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
        self._socket.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class ContainerHome:
    """The `Home` of a nursery that is the first process of a container."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._closing = threading.Lock()
        self._closed = False

    def last_words(self) -> str:
        """See `Home.last_words`; the engine keeps none."""
        return ""

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


def is_running(container: Container) -> bool:
    """Whether the container has neither ended nor been removed."""
    try:
        container.reload()
    except docker.errors.NotFound:
        return False
    return container.status in ("created", "running")
