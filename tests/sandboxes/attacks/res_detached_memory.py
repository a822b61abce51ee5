# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to hold memory in many detached grandchildren, each far below any limit of one process
# CORRECT: the sum counts, and the job is ended by its memory limit
# KIND: res; stopped_by: memory_bytes; limits: memory_bytes=67108864 disk_bytes=8388608 wall_s=15
import os
import time

for _ in range(40):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            held = bytearray(b"x") * 8_000_000
            time.sleep(30)
        os._exit(0)
    time.sleep(0.02)
print("PWNED holds 320 MB", flush=True)
time.sleep(5)
