# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to hold System V segments that no process is attached to
# CORRECT: none can be made, or the job is ended by its memory limit
# KIND: res; stopped_by: none, memory_bytes; says: held; limits: memory_bytes=67108864 disk_bytes=8388608 wall_s=15
import ctypes
import os
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
SEGMENT = 16 << 20
MOST = 256 << 20
total = 0
while total < MOST:
    made = libc.shmget(0, ctypes.c_size_t(SEGMENT), 0o1600)
    memory = libc.shmat(made, None, 0) if made >= 0 else ctypes.c_void_p(-1).value
    if memory == ctypes.c_void_p(-1).value:
        print(os.strerror(ctypes.get_errno()))
        break
    ctypes.memset(memory, 1, SEGMENT)
    libc.shmdt(ctypes.c_void_p(memory))
    total += SEGMENT
if total >= MOST:
    print("PWNED", total >> 20, "MiB in segments", flush=True)
print("held", total >> 20, "MiB", flush=True)
time.sleep(0.2)
