# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The way to a Docker engine, with each way of failing named."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker
import docker.errors
import requests.exceptions
from docker.models.containers import Container
from docker.transport import UnixHTTPAdapter
from docker.utils import convert_filters

from rsi_sandboxes.errors import BackendUnavailable, ImageNotFound, SandboxError
from rsi_sandboxes.forks import let_go_in_children
from rsi_sandboxes.languages import LANGUAGES_IMAGE

DEFAULT_IMAGE = "rsi-sandbox-python:1"
IMAGES = {"python": DEFAULT_IMAGE, "languages": LANGUAGES_IMAGE}
"""Image names by what `rsi sandbox images build` calls them: the folder below `images/` that holds the Dockerfile."""
_LOCAL = "http+docker://localhost"
"""What the SDK calls every engine behind a Unix socket."""
_TIMEOUT_S = 120
_CONNECTIONS = 64


def connect() -> docker.DockerClient:
    """Connects to the engine that `DOCKER_HOST` or the default socket leads to; one client a process.

    Raises:
        BackendUnavailable: No engine answers there.
    """
    let_go_in_children(_connection)
    return _connection.client()


class _Connection:
    """The process's client, made at its first use."""

    def __init__(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        """See `Inherited.let_go`: a forked child must not talk over its parent's connections."""
        self._making = threading.Lock()
        self._client: docker.DockerClient | None = None

    def client(self) -> docker.DockerClient:
        with self._making:
            if self._client is None:
                self._client = _new_client()
            return self._client


_connection = _Connection()


class _OnePool(UnixHTTPAdapter):
    """Keeps one pool of connections for all URLs.

    The SDK's own keeps one for each URL, a container's id among its parts, and closes the longest unused of more than
    25, though a thread may be about to use it and then fails. Source: docker/compose#3586.
    """

    def get_connection(self, url: Any, proxies: Any = None) -> Any:
        return super().get_connection(_LOCAL, proxies)


def is_local(client: docker.DockerClient) -> bool:
    """Whether the engine is reached over a Unix socket, so that it sees this machine's files."""
    return bool(client.api.base_url == _LOCAL)


def _new_client() -> docker.DockerClient:
    try:
        client = docker.from_env(timeout=_TIMEOUT_S, max_pool_size=_CONNECTIONS)
        adapter = client.api.get_adapter(client.api.base_url)
        if isinstance(adapter, UnixHTTPAdapter):
            client.api.mount(_LOCAL, _OnePool(adapter.socket_path, _TIMEOUT_S, max_pool_size=_CONNECTIONS))
        client.ping()
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        raise BackendUnavailable(
            f"no Docker engine answers ({error}). Start one (`sudo systemctl start docker`), install one "
            "(`sudo apt-get install docker.io`), set DOCKER_HOST, or use the bubblewrap backend"
        ) from error
    return client


@contextmanager
def failures_named(*, image: str = DEFAULT_IMAGE, refusal: type[SandboxError] = BackendUnavailable) -> Iterator[None]:
    """Names what the docker SDK and the libraries beneath it raise.

    Args:
        image: What an image that isn't there was.
        refusal: Raised when the engine answers that it can't or won't.

    Raises:
        ImageNotFound: The engine lacks the image.
        BackendUnavailable: The engine can't be reached or stopped answering.
    """
    try:
        yield
    except SandboxError:
        raise
    except docker.errors.ImageNotFound as error:
        raise ImageNotFound(missing_image_message(image)) from error
    except docker.errors.APIError as error:
        raise refusal(f"the Docker engine refused: {error.explanation or error}") from error
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        raise BackendUnavailable(f"the Docker engine stopped answering: {error}") from error


def remembers(container: Container, event: str, since: float) -> bool:
    """Whether an event of a container, which may be gone, is among the last few hundred of the engine's.

    Args:
        container: Whose.
        event: As the engine calls it.
        since: Seconds since the epoch.

    Raises:
        BackendUnavailable: The engine does not say.
    """
    api = connect().api
    params = {
        "since": f"{since:.6f}",
        "until": f"{time.time():.6f}",
        "filters": convert_filters({"container": container.id, "event": event}),
    }
    with failures_named():
        # Not the SDK's own call for events, which waits for ever for an engine that hangs.
        answer = api.get(f"{api.base_url}/v{api.api_version}/events", params=params, timeout=_TIMEOUT_S)
        answer.raise_for_status()
    return bool(answer.content)


def require_image(client: docker.DockerClient, image: str) -> None:
    """Makes sure that the engine has the image.

    Raises:
        ImageNotFound: It has not.
        BackendUnavailable: The engine does not say.
    """
    with failures_named(image=image):
        client.images.get(image)


def missing_image_message(image: str) -> str:
    """Says what to do about an image that is not there."""
    if image == DEFAULT_IMAGE:
        how = "rsi sandbox images build"
    else:
        names = [name for name, built in IMAGES.items() if built == image]
        how = f"rsi sandbox images build {names[0]}" if names else f"docker pull {image}"
    return f"the Docker engine has no image {image!r}; run `{how}`"
