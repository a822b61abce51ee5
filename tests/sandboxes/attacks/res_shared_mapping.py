# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to hold shared memory that it has unmapped page by page, so that no process's account shows it
# CORRECT: the job is ended by its memory limit, or it can't hold 256 MiB that way
# KIND: res; group: yes; stopped_by: memory_bytes, none; says: held; limits: memory_bytes=67108864 disk_bytes=8388608
import mmap
import time

STEP = 4 << 20
MOST = 256 << 20
held = []
try:
    while len(held) * STEP < MOST:
        shared = mmap.mmap(-1, STEP)
        shared.write(b"x" * STEP)
        shared.madvise(mmap.MADV_DONTNEED)
        held.append(shared)
        time.sleep(0.005)
except (OSError, MemoryError, ValueError) as error:
    print(error)
total = sum(shared[STEP - 1] == ord("x") for shared in held) * STEP
if total >= MOST:
    print("PWNED", total >> 20, "MiB in shared memory", flush=True)
print("held", total >> 20, "MiB", flush=True)
time.sleep(0.2)
