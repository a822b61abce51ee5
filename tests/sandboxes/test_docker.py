# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A Docker engine's failures come out as the sandboxes' own errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import docker
import docker.errors
import pytest
import requests.exceptions

from rsi_sandboxes import BackendUnavailable, ImageNotFound, Job, WorldLost, make_sandbox
from rsi_sandboxes.docker import engine
from tests.components import need


class BrokenEngine(BaseHTTPRequestHandler):
    """Answers pings and fails at everything else."""

    def do_GET(self) -> None:
        known = {"ping": b"OK", "version": b'{"ApiVersion": "1.43", "Version": "1", "MinAPIVersion": "1.12"}'}
        body = next((body for word, body in known.items() if word in self.path), None)
        self.send_response(200 if body else 500)
        body = body or b'{"message": "boom"}'
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
def fresh_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_connection", engine._Connection())


@pytest.fixture
def broken_engine(monkeypatch: pytest.MonkeyPatch, fresh_connection: None) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BrokenEngine)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("broken_engine")
def test_an_engine_that_pings_but_fails_is_unavailable() -> None:
    with pytest.raises(BackendUnavailable, match="boom"):
        make_sandbox("docker")


@pytest.mark.usefixtures("broken_engine")
def test_auto_falls_back_to_bubblewrap_when_the_engine_fails() -> None:
    need("bubblewrap")
    assert make_sandbox().name == "bubblewrap"


@pytest.mark.parametrize(
    ("raised", "named"),
    [
        (docker.errors.ImageNotFound("none"), ImageNotFound),
        (docker.errors.APIError("no"), WorldLost),
        (docker.errors.DockerException("no"), BackendUnavailable),
        (requests.exceptions.ReadTimeout("slow"), BackendUnavailable),
        (BrokenPipeError("gone"), BackendUnavailable),
    ],
)
def test_every_failure_of_the_sdk_gets_a_name(raised: Exception, named: type[Exception]) -> None:
    with pytest.raises(named) as caught, engine.failures_named(refusal=WorldLost):
        raise raised
    assert caught.type is named


def test_an_engine_that_is_slow_to_remove_a_world_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    need("docker")
    from docker.models.containers import Container

    real = Container.remove

    def slow(self: Container, **options: object) -> None:
        real(self, **options)
        raise requests.exceptions.ReadTimeout("slow")

    sandbox = make_sandbox("docker", runtime="runc")  # nobody else's pool
    sandbox.run(Job(("true",)))
    monkeypatch.setattr(Container, "remove", slow)
    with pytest.raises(BackendUnavailable, match="slow"):
        sandbox.close()


def test_threads_share_one_client(monkeypatch: pytest.MonkeyPatch, fresh_connection: None) -> None:
    need("docker")
    made = []
    real = docker.from_env

    def from_env(**options: object) -> docker.DockerClient:
        made.append(options)
        threading.Event().wait(0.2)
        return real(**options)

    monkeypatch.setattr(docker, "from_env", from_env)
    threads = [threading.Thread(target=engine.connect) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
