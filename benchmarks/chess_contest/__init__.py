# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Chess environments playing random games in turns: who plays, how it is timed, what is shown.

All but `rounds` and `report` also run in an environment that has peers and none of this suite.
"""

__all__: list[str] = []
