# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Backends by name, and the choice of one that works here."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, cast

from rsi_sandboxes.errors import BackendNotFound, BackendUnavailable
from rsi_sandboxes.protocol import Sandbox

AUTO = "auto"
ENTRY_POINT_GROUP = "rsi_sandboxes.backends"

TABLE = {
    "docker": "rsi_sandboxes.docker:DockerSandbox",
    "bubblewrap": "rsi_sandboxes.bubblewrap:BubblewrapSandbox",
}
"""Built-in backends, in the order in which "auto" tries them; others come in through the entry point group."""


def backend_names() -> list[str]:
    """Lists the names `make_sandbox` takes besides "auto": built-in ones first, then entry points."""
    return [*TABLE, *(point.name for point in entry_points(group=ENTRY_POINT_GROUP) if point.name not in TABLE)]


def make_sandbox(name: str = AUTO, **options: Any) -> Sandbox:
    """Makes a sandbox.

    Args:
        name: A backend's name, or "auto": Docker when its engine answers and the image is there, else bubblewrap.
            Nothing ever runs unisolated for want of either.
        **options: Passed to the backend's constructor; "auto" takes none.

    Raises:
        BackendNotFound: No backend has this name.
        BackendUnavailable: The backend can't work on this machine or, for "auto", none can.
    """
    if name == AUTO:
        return _first_that_works()
    return cast(Sandbox, _load(name)(**options))


def _first_that_works() -> Sandbox:
    problems = []
    for name in TABLE:
        try:
            return make_sandbox(name)
        except BackendUnavailable as error:
            problems.append(f"{name}: {error}")
    raise BackendUnavailable("no sandbox works on this machine. " + ". ".join(problems))


def _load(name: str) -> Any:
    target = TABLE.get(name)
    if target is not None:
        module, _, attribute = target.partition(":")
        return getattr(import_module(module), attribute)
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        return point.load()
    names = [AUTO, *backend_names()]
    near = get_close_matches(name, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise BackendNotFound(f"there is no sandbox backend {name!r}{hint} There are: {', '.join(names)}")
