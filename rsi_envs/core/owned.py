# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Programs that end with the process that started them, however it ended."""

from __future__ import annotations

import shutil
import subprocess
from functools import lru_cache


@lru_cache
def ending_with_owner() -> tuple[str, ...]:
    """Gives the command that makes the kernel kill what it starts as soon as the thread that started it is gone.

    Such programs are best started by a thread that lives as long as the process.

    Returns:
        What to put before a command: util-linux's `setpriv`; empty where there is none. BusyBox's lacks the option, so
        it is tried.

    Source: prctl(2), PR_SET_PDEATHSIG.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    guard = (setpriv, "--pdeathsig", "KILL", "--")
    tried = subprocess.run([*guard, "true"], capture_output=True, check=False)
    return guard if tried.returncode == 0 else ()
