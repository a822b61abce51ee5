# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to hold memory in page tables alone, by reading one byte in every 2 MiB of a terabyte that is never written
# CORRECT: the job is ended by its memory limit, or it can't hold 256 MiB that way
# KIND: res; stopped_by: memory_bytes, none; says: held; limits: memory_bytes=67108864 disk_bytes=8388608 wall_s=15
import mmap
import time

SPAN = 1 << 40
STEP = 2 << 20
MOST = 256 << 20


def page_tables():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmPTE:"))


try:
    space = mmap.mmap(-1, SPAN, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)
    for number, place in enumerate(range(0, SPAN, STEP)):
        space[place]
        if number % 1024 == 0:
            time.sleep(0.005)
            if page_tables() >= MOST:
                print("PWNED", page_tables() >> 20, "MiB of page tables", flush=True)
                break
except (OSError, MemoryError, ValueError) as error:
    print(error)
print("held", page_tables() >> 20, "MiB", flush=True)
time.sleep(0.2)
