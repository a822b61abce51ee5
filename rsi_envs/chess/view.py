# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a board: as text, as SVG, as pixels."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import chess
import numpy as np
from numpy.typing import NDArray

from rsi_envs.core.errors import MissingExtra

PIXELS = 400
"""Width and height of a picture."""


def as_text(board: chess.Board, orientation: chess.Color = chess.WHITE) -> str:
    """Draws a board as 9 lines of ASCII: ranks with their numbers, then the files. White's pieces are capitals.

    Args:
        board: The position.
        orientation: Whose side is at the bottom.
    """
    ranks = range(7, -1, -1) if orientation else range(8)
    files = range(8) if orientation else range(7, -1, -1)
    rows = []
    for rank in ranks:
        pieces = (board.piece_at(chess.square(file, rank)) for file in files)
        rows.append(f"{rank + 1} " + " ".join(piece.symbol() if piece else "." for piece in pieces))
    return "\n".join([*rows, "  " + " ".join(chess.FILE_NAMES[file] for file in files)])


def as_svg(board: chess.Board, orientation: chess.Color = chess.WHITE) -> str:
    """Draws a board as SVG, the last move and a king in check marked."""
    import chess.svg

    last = board.peek() if board.move_stack else None
    check = board.king(board.turn) if board.is_check() else None
    return chess.svg.board(board, orientation=orientation, lastmove=last, check=check, size=PIXELS)


def as_pixels(board: chess.Board, orientation: chess.Color = chess.WHITE) -> NDArray[np.uint8]:
    """Draws what `as_svg` draws as pixels; shape (400, 400, 3), RGB.

    Raises:
        MissingExtra: The packages that draw are not installed.
    """
    try:
        import resvg_py
        from PIL import Image
    except ImportError as error:
        raise MissingExtra("rgb_array needs two more packages: pip install 'rsi-envs[render]'") from error
    png = resvg_py.svg_to_bytes(
        svg_string=as_svg(board, orientation), width=PIXELS, height=PIXELS, skip_system_fonts=True
    )
    return np.array(Image.open(io.BytesIO(bytes(png))).convert("RGB"))


VIEWS: dict[str, Callable[[chess.Board, chess.Color], Any]] = {
    "ansi": as_text,
    "svg": as_svg,
    "rgb_array": as_pixels,
}
"""What draws a board in each render mode."""
