# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Sandboxes doing the same job in turns: the job, who runs it, how it is timed, what is shown.

What every benchmark shares: `command` (the command line), `interleaved` (rounds), `sheet` (tables), `workers` and
`fresh` (processes of their own), `text_floor` (the least environment).

`jobs`, `contenders`, `peers`, `peer_worker` and `workers` keep to the standard library, so that they also run in an
environment that has peers and none of this suite.
"""

__all__: list[str] = []
