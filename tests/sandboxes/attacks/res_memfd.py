# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to hold memory in files that lie nowhere (memfd_create, memfd_secret) and that no process maps
# CORRECT: neither can be made, or the job is ended by its memory limit
# KIND: res; stopped_by: none, memory_bytes; says: held; limits: memory_bytes=67108864 disk_bytes=8388608 wall_s=15
import ctypes
import os
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
MEMFD_SECRET = 447
MOST = 256 << 20
BLOCK = bytes(1 << 20)
total = 0
if libc.syscall(ctypes.c_long(MEMFD_SECRET), ctypes.c_long(0)) >= 0:
    print("PWNED memory that the kernel itself can't see")
try:
    while total < MOST:
        file = os.memfd_create(f"file-{total}")
        for _ in range(16):
            total += os.write(file, BLOCK)
except OSError as error:
    print(error.strerror)
if total >= MOST:
    print("PWNED", total >> 20, "MiB in files that lie nowhere", flush=True)
print("held", total >> 20, "MiB", flush=True)
time.sleep(0.2)
