# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The sandboxes as a provider of Inspect AI's, called "rsi" there; needs the `inspect` extra.

Inspect loads this by the entry point group `inspect_ai`; nothing else here does.
"""

from rsi_sandboxes.inspect_provider.config import SandboxConfig
from rsi_sandboxes.inspect_provider.environment import RsiSandboxEnvironment

__all__ = ["RsiSandboxEnvironment", "SandboxConfig"]
