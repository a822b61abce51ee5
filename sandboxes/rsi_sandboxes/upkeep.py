# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a person does to sandboxes by hand; loads the docker SDK only when called."""

from __future__ import annotations

from collections.abc import Callable


def build_image(
    name: str = "python", *, air_gapped: bool = False, progress: Callable[[str], None] = lambda line: None
) -> str:
    """Builds an image; see `rsi_sandboxes.docker.images.build_image`."""
    from rsi_sandboxes.docker import images

    return images.build_image(name, air_gapped=air_gapped, progress=progress)


def reap() -> list[str]:
    """Removes what dead owners left; see `rsi_sandboxes.docker.sandbox.reap`. Bubblewrap worlds leave nothing."""
    from rsi_sandboxes.docker import sandbox

    return sandbox.reap()
