# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Building the images that Docker worlds start from."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path

import docker.errors

from rsi_sandboxes.docker.engine import IMAGES, connect, failures_named
from rsi_sandboxes.errors import ImageBuildFailed
from rsi_sandboxes.languages import LANGUAGES

_DEBIAN = "bookworm"
_PYTHON = LANGUAGES["python"].packages
"""What an air-gapped base has in any case; an official Python image has a Python of its own instead."""
_PACKAGES = {
    "languages": tuple(
        package for language in LANGUAGES.values() for package in language.packages if package not in _PYTHON
    )
}
"""Debian packages by the image whose Dockerfile installs them."""


def build_image(
    name: str = "python", *, air_gapped: bool = False, progress: Callable[[str], None] = lambda line: None
) -> str:
    """Builds one of the images on the Docker engine.

    Args:
        name: A key of `IMAGES`.
        air_gapped: Builds the base from Debian packages with mmdebstrap, for machines that reach a Debian mirror
            but no image registry, instead of starting from an official Python image.
        progress: Called with each line of the builder's output.

    Returns:
        The image's name.

    Raises:
        ImageBuildFailed: No such image is known, mmdebstrap is missing, or a build step failed.
        BackendUnavailable: No engine answers, or it stopped answering.
    """
    if name not in IMAGES:
        near = get_close_matches(name, IMAGES, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ImageBuildFailed(f"there is no image {name!r}{hint} There are: {', '.join(IMAGES)}")
    packages = _PACKAGES.get(name, ())
    arguments = {"PACKAGES": " ".join(packages)} if packages else {}
    if air_gapped:
        arguments["BASE"] = _import_debian(name, (*_PYTHON, *packages), progress)
    with failures_named():
        _build(name, arguments, progress)
    return IMAGES[name]


def _build(name: str, arguments: dict[str, str], progress: Callable[[str], None]) -> None:
    client = connect()
    try:
        _, log = client.images.build(
            path=str(_folder(name)), tag=IMAGES[name], buildargs=arguments, rm=True, forcerm=True
        )
        for entry in log:
            line = entry.get("stream") if isinstance(entry, dict) else None
            if isinstance(line, str) and line.strip():
                progress(line.strip())
    except docker.errors.BuildError as error:
        lines = [str(entry.get("stream", entry.get("error", ""))).strip() for entry in error.build_log]
        raise ImageBuildFailed(f"building {IMAGES[name]} failed: {error.msg}\n" + "\n".join(lines[-10:])) from error
    except docker.errors.APIError as error:
        raise ImageBuildFailed(
            f"building {IMAGES[name]} failed: {error.explanation}. Where no image registry is reachable, "
            "build with --air-gapped"
        ) from error


def _folder(name: str) -> Path:
    package = Path(__file__).parent.parent
    # In the wheel the images lie in the package, in a checkout beside it.
    return next(folder for folder in (package / "images" / name, package.parent / "images" / name) if folder.is_dir())


def _import_debian(name: str, packages: Iterable[str], progress: Callable[[str], None]) -> str:
    """Makes a Debian with these packages and puts it on the engine; returns its name there."""
    program = shutil.which("mmdebstrap")
    if program is None:
        raise ImageBuildFailed("--air-gapped needs mmdebstrap; as root run: apt-get install mmdebstrap")
    with tempfile.TemporaryDirectory(prefix="rsi-image-") as folder:
        archive = Path(folder, "base.tar")
        progress(f"making a Debian {_DEBIAN} with {', '.join(packages)} by mmdebstrap")
        made = subprocess.run(
            [program, "--quiet", "--variant=essential", f"--include={','.join(packages)}", _DEBIAN, str(archive)],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise ImageBuildFailed(f"mmdebstrap failed: {made.stderr.strip()[-2000:]}")
        repository, tag = "rsi-sandbox-base", f"{_DEBIAN}-{name}"
        with failures_named():
            connect().api.import_image_from_file(str(archive), repository=repository, tag=tag)
        progress(f"imported {repository}:{tag}")
    return f"{repository}:{tag}"
