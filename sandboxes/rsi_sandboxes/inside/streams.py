# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A program's standard streams: pipes, or a terminal of the world's own."""

from __future__ import annotations

import fcntl
import os
import struct
from typing import Any

# Source: ioctl_tty(2), include/uapi/asm-generic/ioctls.h.
TIOCSWINSZ = 0x5414
WINSIZE = struct.Struct("HHHH")
END_OF_INPUT = b"\x04"
"""What one types at a terminal to end a program's input: Ctrl-D."""


class Streams:
    """Both ends of the streams of a program that is about to start.

    Args:
        terminal: Rows and columns of the terminal that all three are to be; None makes pipes.

    Raises:
        OSError: There are no descriptors or no terminals left.
    """

    def __init__(self, terminal: dict[str, Any] | None) -> None:
        self.is_terminal = terminal is not None
        made: list[int] = []
        try:
            if terminal is None:
                for _ in range(3):
                    made += os.pipe()
                stdin, self.stdin, self.stdout, stdout, self.stderr, stderr = made
                self.childs = stdin, stdout, stderr
            else:
                made += os.openpty()
                self.stdout = self.stderr = made[0]
                self.childs = (made[1],) * 3
                set_size(self.stdout, terminal)
                # Another descriptor of the same, so that reading and writing are watched apart.
                self.stdin = os.dup(self.stdout)
                made.append(self.stdin)
        except OSError:
            for fd in made:
                os.close(fd)
            raise
        self.outputs = {self.stdout, self.stderr}
        for fd in (self.stdin, *self.outputs):
            os.set_blocking(fd, False)

    def hand_over(self) -> None:
        """Closes the child's ends, once it has them."""
        for fd in set(self.childs):
            os.close(fd)

    def close(self) -> None:
        """Closes the ends that stay here."""
        for fd in (self.stdin, *self.outputs):
            os.close(fd)


def set_size(terminal: int, size: dict[str, Any]) -> None:
    """Tells the terminal how large it is; the kernel tells the programs on it."""
    fcntl.ioctl(terminal, TIOCSWINSZ, WINSIZE.pack(size["rows"], size["columns"], 0, 0))
