# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Improvers: programs that improve programs. `running.py` runs one in a sandbox, `inside.py` is what runs it there.

Source: E. Zelikman et al., Self-taught optimizer (STOP): recursively self-improving code generation, 2023 (2310.02304).
"""

__all__: list[str] = []
