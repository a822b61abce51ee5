# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Worlds made by a Docker engine, local or remote, with any OCI runtime it knows."""

from rsi_sandboxes.docker.sandbox import DockerSandbox

__all__ = ["DockerSandbox"]
