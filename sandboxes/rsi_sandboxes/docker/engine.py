# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The way to a Docker engine, with each way of failing named."""

from __future__ import annotations

import os
from functools import lru_cache

import docker
import docker.errors
import requests.exceptions

from rsi_sandboxes.errors import BackendUnavailable, ImageNotFound

DEFAULT_IMAGE = "rsi-sandbox-python:1"
_TIMEOUT_S = 120
_CONNECTIONS = 64


def connect() -> docker.DockerClient:
    """Connects to the engine that `DOCKER_HOST` or the default socket leads to; one client a process.

    Raises:
        BackendUnavailable: No engine answers there.
    """
    # By process id: a forked child must not talk over its parent's connections.
    return _connect(os.getpid())


@lru_cache(maxsize=1)
def _connect(pid: int) -> docker.DockerClient:
    try:
        client = docker.from_env(timeout=_TIMEOUT_S, max_pool_size=_CONNECTIONS)
        client.ping()
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        raise BackendUnavailable(
            f"no Docker engine answers ({error}). Start one (`sudo systemctl start docker`), install one "
            "(`sudo apt-get install docker.io`), set DOCKER_HOST, or use the bubblewrap backend"
        ) from error
    return client


def require_image(client: docker.DockerClient, image: str) -> None:
    """Makes sure that the engine has the image.

    Raises:
        ImageNotFound: It has not.
    """
    try:
        client.images.get(image)
    except docker.errors.ImageNotFound as error:
        raise ImageNotFound(missing_image_message(image)) from error


def missing_image_message(image: str) -> str:
    """Says what to do about an image that is not there."""
    how = "rsi sandbox images build" if image == DEFAULT_IMAGE else f"docker pull {image}"
    return f"the Docker engine has no image {image!r}; run `{how}`"
