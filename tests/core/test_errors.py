# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every package's errors have one root, and the tree in the docstring is the tree there is."""

from __future__ import annotations

import inspect
import re
from types import ModuleType

import pytest

import rsi_agents.errors
import rsi_envs.core.errors
import rsi_sandboxes.errors

PACKAGES = {
    "RsiError": rsi_envs.core.errors,
    "SandboxError": rsi_sandboxes.errors,
    "AgentsError": rsi_agents.errors,
}


@pytest.mark.parametrize(("root", "module"), PACKAGES.items(), ids=PACKAGES)
def test_the_tree_drawn_is_the_tree_there_is(root: str, module: ModuleType) -> None:
    drawn = re.findall(r"^ *[│ ├└─]*(\w+)(?: \((\w+(?:, \w+)*)\))?(?:  |$)", module.__doc__ or "", re.MULTILINE)
    bases = {name: extra for name, extra in drawn if hasattr(module, name)}
    classes = {
        name: cls for name, cls in inspect.getmembers(module, inspect.isclass) if cls.__module__ == module.__name__
    }
    assert set(bases) == set(classes)
    for name, cls in classes.items():
        assert issubclass(cls, classes[root])
        for builtin in filter(None, bases[name].split(", ")):
            assert builtin in {base.__name__ for base in cls.__mro__}, name
