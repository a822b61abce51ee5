# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Objects by name: `module:attribute`."""

from __future__ import annotations

import importlib
from operator import attrgetter
from typing import Any


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
