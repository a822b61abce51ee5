# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pieces as pictures, for whoever draws a board of its own; `rsi_envs.chess.view` draws whole boards."""

from __future__ import annotations

import chess.svg


def pieces() -> dict[str, str]:
    """Returns the twelve pieces as SVG by their letters in FEN, "P" to "k": a `<g>` each, on a grid of 45 by 45.

    Source: python-chess's, by Colin M. L. Burnett.
    """
    return dict(chess.svg.PIECES)
