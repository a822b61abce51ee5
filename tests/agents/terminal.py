# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A real terminal, at which a test types."""

from __future__ import annotations

import fcntl
import os
import pty
import subprocess
import sys
import termios
import threading
from collections.abc import Iterable
from pathlib import Path

TIMEOUT_S = 120


def at_a_terminal(*words: str, answers: Iterable[str], cwd: Path, then: tuple[str, str] = ("", "")) -> tuple[int, str]:
    """Runs the command line with a terminal of its own, on which these lines are typed.

    Args:
        words: What stands behind `rsi`.
        answers: Typed at once, a line each.
        cwd: Where it runs.
        then: What to wait for, and what to type when it is shown, such as Ctrl-C.

    Returns:
        The exit code, and all that was shown.
    """
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "rsi_agents.cli", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
        start_new_session=True,
        # Else Ctrl-C, typed there, would reach nobody.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    os.write(ours, "".join(f"{line}\n" for line in answers).encode())
    shown, (awaited, typed) = b"", then
    limit = threading.Timer(TIMEOUT_S, running.kill)
    limit.start()
    try:
        while part := os.read(ours, 65536):
            shown += part
            if typed and awaited.encode() in shown:
                os.write(ours, typed.encode())
                typed = ""
    except OSError:  # a terminal whose other end is closed
        pass
    os.close(ours)
    code = running.wait()
    limit.cancel()
    return code, shown.decode()
