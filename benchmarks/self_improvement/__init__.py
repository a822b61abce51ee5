# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Whether learning from one's own verified answers beats imitation: `python -m benchmarks.self_improvement`."""

__all__: list[str] = []
