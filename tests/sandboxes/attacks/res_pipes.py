# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to hold memory in full pipes, which belong to no process's account
# CORRECT: the job is ended by its memory limit, or the kernel's own bounds keep the pipes below 256 MiB
# KIND: res; stopped_by: memory_bytes, none; says: held; limits: memory_bytes=67108864 disk_bytes=8388608 wall_s=15
import fcntl
import os
import time

MOST = 256 << 20
BLOCK = bytes(1 << 16)


def fill():
    """Fills as many pipes as one process may hold; returns their bytes."""
    held = 0
    try:
        while True:
            _, end = os.pipe()
            try:
                fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 1 << 20)
            except OSError:
                pass  # the user's share of large pipes is used up; a small one does too
            os.set_blocking(end, False)
            try:
                while True:
                    held += os.write(end, BLOCK)
            except BlockingIOError:
                continue
    except OSError:
        return held


total = 0
tally, tell = os.pipe()
for _ in range(50):
    try:
        if os.fork() == 0:
            os.write(tell, fill().to_bytes(8, "big"))
            time.sleep(30)
            os._exit(0)
    except OSError:
        break
    total += int.from_bytes(os.read(tally, 8), "big")
    if total > MOST:
        print("PWNED", total >> 20, "MiB in pipes", flush=True)
        break
print("held", total >> 20, "MiB", flush=True)
time.sleep(0.2)
