# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to wait in the kernel for a child of vfork that never lets go, where few signals reach
# CORRECT: ended by its wall limit all the same
# KIND: res; stopped_by: wall_s; limits: wall_s=1
import ctypes
import os
import signal
import time

CLONE_VFORK = 0x4000
CLONE = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
libc = ctypes.CDLL(None)
libc.syscall.restype = ctypes.c_long
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
for _ in range(3):
    # Without the parent's memory, so that the child may run on; with its wait.
    if libc.syscall(*map(ctypes.c_long, (CLONE, CLONE_VFORK | signal.SIGCHLD, 0, 0, 0, 0))) == 0:
        time.sleep(60)
        os._exit(0)
print("PWNED waited for a minute", flush=True)
