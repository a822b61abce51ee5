# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What an Inspect task may say about its sandbox, and the sandboxes that tasks of one configuration share."""

from __future__ import annotations

from dataclasses import fields
from threading import Lock
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rsi_sandboxes.limits import MIB, Limits
from rsi_sandboxes.protocol import Sandbox
from rsi_sandboxes.registry import AUTO, make_sandbox


class SandboxConfig(BaseModel):
    """A backend and the bounds of each sample's world; `Limits` says what each bound means.

    The defaults are wider than those of `Limits`, since an agent works in the world for a whole sample. What a program
    may print is not here: that is bounded by Inspect, by `INSPECT_SANDBOX_MAX_EXEC_OUTPUT_SIZE`.

    Raises:
        pydantic.ValidationError: A field is unknown, or a bound is none that `Limits` takes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: str = AUTO
    """A backend's name as `make_sandbox` takes it."""
    options: dict[str, str | int | bool] = Field(default_factory=dict)
    """Passed to the backend, such as `{"image": "rsi-sandbox-languages:1"}`; "auto" takes none."""
    wall_s: float = 3600.0
    """Bounds each program, and whatever `timeout` it is run with."""
    cpu_s: float = 3600.0
    memory_bytes: int = 1024 * MIB
    processes: int = 256
    open_files: int = 1024
    file_bytes: int = 128 * MIB
    disk_bytes: int = 256 * MIB

    def __hash__(self) -> int:
        return hash(self.model_dump_json())  # Inspect looks configurations up

    @model_validator(mode="after")
    def _check_limits(self) -> Self:
        self.limits()
        return self

    def limits(self) -> Limits:
        """The bounds of a world and of each program in it."""
        return Limits(**{bound: getattr(self, bound) for bound in BOUNDS})


BOUNDS = tuple(field.name for field in fields(Limits) if field.name in SandboxConfig.model_fields)


def resolve(config: BaseModel | str | None) -> SandboxConfig:
    """Returns what a task's sandbox is configured to be.

    Args:
        config: As Inspect hands it on; a string is a backend's name, and None the defaults.

    Raises:
        TypeError: It is another provider's configuration.
    """
    if config is None:
        return SandboxConfig()
    if isinstance(config, str):
        return SandboxConfig(backend=config)
    if isinstance(config, SandboxConfig):
        return config
    raise TypeError(f"the sandbox 'rsi' is configured by a SandboxConfig or a backend's name, not by {config!r}")


class SharedSandboxes:
    """Sandboxes by configuration, each made for the first that asks for it and closed when the last gives it back.

    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: dict[str, tuple[Sandbox, int]] = {}

    def acquire(self, config: SandboxConfig) -> Sandbox:
        """Returns the sandbox of this configuration; raises as `make_sandbox` does."""
        key = _key(config)
        with self._lock:
            sandbox, holders = self._held.get(key) or (make_sandbox(config.backend, **config.options), 0)
            self._held[key] = sandbox, holders + 1
            return sandbox

    def release(self, config: SandboxConfig) -> None:
        """Gives a sandbox back that was acquired."""
        key = _key(config)
        with self._lock:
            sandbox, holders = self._held.pop(key)
            if holders > 1:
                self._held[key] = sandbox, holders - 1
                return
        sandbox.close()


def _key(config: SandboxConfig) -> str:
    return config.model_dump_json(include={"backend", "options"})
