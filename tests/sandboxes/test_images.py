# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What the docker images hold, and what is said where one is missing."""

from __future__ import annotations

from pathlib import Path

import docker.errors
import pytest

from rsi_sandboxes import ImageBuildFailed, ImageNotFound, build_image, languages_in, make_sandbox
from rsi_sandboxes.docker import engine
from rsi_sandboxes.languages import LANGUAGES_IMAGE
from tests.components import need


def test_the_image_has_every_language() -> None:
    need("languages-image")
    with_all = make_sandbox("docker", image=LANGUAGES_IMAGE)
    assert [name for name, version in languages_in(with_all).items() if version is None] == []
    with_all.close()


@pytest.mark.parametrize(
    ("image", "command"),
    [
        ("rsi-sandbox-python:1", "`rsi sandbox images build`"),
        ("rsi-sandbox-languages:1", "`rsi sandbox images build languages`"),
        ("other:2", "`docker pull other:2`"),
    ],
)
def test_a_missing_image_is_named_with_the_command_that_brings_it(image: str, command: str) -> None:
    with pytest.raises(ImageNotFound) as caught, engine.failures_named(image=image):
        raise docker.errors.ImageNotFound("none")
    assert str(caught.value) == f"the Docker engine has no image '{image}'; run {command}"


def test_an_air_gapped_image_has_the_packages_of_every_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "mmdebstrap"
    told.write_text('#!/bin/sh\necho "$@" >&2\nexit 1\n')
    told.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ImageBuildFailed, match=r"--include=python3,gcc,libc6-dev,g\+\+,nodejs,bash,sqlite3 "):
        build_image("languages", air_gapped=True)
    with pytest.raises(ImageBuildFailed, match=r"--include=python3 "):
        build_image(air_gapped=True)
