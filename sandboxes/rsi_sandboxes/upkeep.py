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
    """Removes what dead owners left: containers, and control groups of bubblewrap worlds.

    Returns:
        The names of what was removed.

    Raises:
        BackendUnavailable: No Docker engine answers, or it refuses; the groups have been removed by then.
    """
    from rsi_sandboxes.bubblewrap.control_group import reap_groups
    from rsi_sandboxes.docker import sandbox

    return [*reap_groups(), *sandbox.reap()]
