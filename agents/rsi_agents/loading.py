# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Objects by name, `module:attribute`, and packages that need not be there."""

from __future__ import annotations

import importlib
from operator import attrgetter
from types import ModuleType
from typing import Any

from rsi_envs.core.errors import MissingExtra


def load_object(target: str, missing: type[Exception]) -> Any:
    """Imports what `module:attribute` names; the attribute may be dotted.

    Args:
        target: Such as "rsi_agents.policies.random:RandomAgent".
        missing: The exception to raise when there is no such thing.
    """
    module, _, attribute = target.partition(":")
    if not module or not attribute:
        raise missing(f"{target!r} names no object; write module:Class")
    try:
        return attrgetter(attribute)(importlib.import_module(module))
    except (ImportError, AttributeError) as error:
        raise missing(f"can't load {target!r}: {error}") from error


def load_extra(module: str, extra: str, wanted: str) -> ModuleType:
    """Imports a module of an optional dependency.

    Args:
        module: Such as "torch".
        extra: The extra of this distribution that installs it.
        wanted: What needs it, in the plural, for the message.

    Raises:
        MissingExtra: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(f"{wanted} need more packages ({error}): pip install 'rsi-envs[{extra}]'") from error
