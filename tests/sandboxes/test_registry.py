# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Backends are chosen by name, and what is missing is named with its remedy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from rsi_sandboxes import (
    BackendNotFound,
    BackendUnavailable,
    ImageBuildFailed,
    ImageNotFound,
    build_image,
    diagnose,
    diagnosis,
    make_sandbox,
    registry,
)
from rsi_sandboxes.backend import WorldSandbox
from rsi_sandboxes.fake import FakeSandbox, exited
from tests.components import need


def run_python(source: str, **env: str) -> subprocess.CompletedProcess[str]:
    path = ":".join(entry for entry in sys.path if entry)
    return subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False,
        env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin", **env},
    )  # fmt: skip


def test_an_unknown_backend_is_answered_with_the_nearest() -> None:
    with pytest.raises(BackendNotFound, match="did you mean 'bubblewrap'"):
        make_sandbox("bublewrap")


def test_a_missing_engine_says_how_to_get_one() -> None:
    source = (
        "from rsi_sandboxes import make_sandbox, BackendUnavailable\n"
        "try: make_sandbox('docker')\n"
        "except BackendUnavailable as error: print(error)"
    )
    done = run_python(source, DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert "no Docker engine answers" in done.stdout
    assert "apt-get install docker.io" in done.stdout


def test_auto_falls_back_to_bubblewrap_when_no_engine_answers() -> None:
    need("bubblewrap")
    source = "from rsi_sandboxes import make_sandbox\nprint(make_sandbox().name)"
    done = run_python(source, DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert done.stdout.strip() == "bubblewrap", done.stderr


def test_auto_takes_docker_when_it_works() -> None:
    need("docker")
    assert make_sandbox().name == "docker"


def test_auto_without_any_backend_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "TABLE", {"docker": "tests.sandboxes.test_registry:FakeUnavailable"})
    monkeypatch.setattr(registry, "_load", lambda name: FakeUnavailable)
    with pytest.raises(BackendUnavailable, match=r"no sandbox works on this machine\. docker: not today"):
        make_sandbox()


class FakeUnavailable:
    """A backend that never works."""

    def __init__(self) -> None:
        raise BackendUnavailable("not today")


def test_a_missing_image_says_which_command_builds_it() -> None:
    need("docker")
    with pytest.raises(ImageNotFound, match="docker pull no-such-image:7"):
        make_sandbox("docker", image="no-such-image:7")


def test_an_unknown_image_cannot_be_built() -> None:
    with pytest.raises(ImageBuildFailed, match=r"'cobol'\. There are: python, languages"):
        build_image("cobol")
    with pytest.raises(ImageBuildFailed, match="did you mean 'languages'"):
        build_image("language")


def test_diagnosis_names_every_backend_and_a_remedy_for_what_is_wrong() -> None:
    findings = diagnose()
    assert [finding.name for finding in findings] == ["docker", "bubblewrap"]
    for finding in findings:
        assert bool(finding.remedy) != finding.ok
        assert "isolated Python 3" in finding.detail or not finding.ok


def test_diagnosis_is_not_content_with_a_python_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = FakeSandbox(lambda job: exited(1, stderr=b"no libc"))
    monkeypatch.setattr(diagnosis, "make_sandbox", lambda name: broken)
    assert all(not found.ok and "no libc" in found.detail and found.remedy for found in diagnose())


def test_an_engine_without_control_groups_is_not_said_to_bound_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    need("docker")
    from docker import DockerClient

    sandbox = make_sandbox("docker")
    assert isinstance(sandbox, WorldSandbox)
    with_groups = sandbox.memory_bound_by_kernel, sandbox.bound_processes
    # Source: what `docker info` says of a rootless engine 20.10 on control groups of version 1.
    rootless = {"CgroupDriver": "none", "MemoryLimit": False, "PidsLimit": False}
    monkeypatch.setattr(DockerClient, "info", lambda _: rootless)
    assert (sandbox.memory_bound_by_kernel, sandbox.bound_processes) == (False, True)
    assert "bounded by samples" in next(found.detail for found in diagnose() if found.name == "docker")
    monkeypatch.setattr(DockerClient, "info", lambda _: {"CgroupDriver": "cgroupfs", "MemoryLimit": True})
    assert (sandbox.memory_bound_by_kernel, sandbox.bound_processes) == (True, False)
    assert with_groups in {(True, False), (False, True)}
    sandbox.close()


def test_importing_loads_neither_the_docker_sdk_nor_gymnasium() -> None:
    source = "import sys, rsi_sandboxes; print([m for m in ('docker', 'gymnasium', 'numpy') if m in sys.modules])"
    assert run_python(source).stdout.strip() == "[]"


def test_the_supervisor_and_the_owner_agree_on_the_frame_format() -> None:
    from rsi_sandboxes import frames
    from rsi_sandboxes.inside import owner, program

    assert owner.HEADER.format == frames.HEADER.format
    assert program.STAMP.format == frames.STAMP.format
    assert program.COUNT.format == frames.COUNT.format


def test_the_nursery_and_the_owner_agree_on_the_packets() -> None:
    from rsi_sandboxes import lone, slot
    from rsi_sandboxes.inside import nursery

    assert nursery.ENDED.format == slot.ENDED.format
    assert nursery.RESULT.format == lone.RESULT.format
    assert nursery.REASONS == lone.REASONS


def test_what_runs_inside_worlds_needs_the_standard_library_alone() -> None:
    from rsi_sandboxes import inside

    for path in Path(inside.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(), feature_version=(3, 9))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            foreign = [name for name in modules if name.split(".")[0] not in sys.stdlib_module_names]
            assert [name for name in foreign if not name.startswith("rsi_sandboxes.inside")] == [], path.name
