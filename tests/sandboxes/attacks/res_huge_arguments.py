# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: arguments beyond the kernel's bound, and many programs whose arguments are just within it
# CORRECT: the first is refused with E2BIG; the memory of the others counts, and the job ends by its memory limit
# KIND: res; stopped_by: memory_bytes; limits: memory_bytes=67108864 disk_bytes=8388608 wall_s=15
import errno
import os
import resource
import time

WORD = "x" * 100_000
hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
resource.setrlimit(resource.RLIMIT_STACK, (hard, hard))
try:
    os.execv("/bin/sleep", ["sleep", "0", *[WORD] * 80])
except OSError as error:
    print(errno.errorcode[error.errno], flush=True)
for _ in range(50):
    if os.fork() == 0:
        for words in (60, 40, 18):
            try:
                os.execv("/bin/sh", ["sh", "-c", "sleep 30; true", *[WORD] * words])
            except OSError:
                continue
        os._exit(1)
    time.sleep(0.01)
time.sleep(1)
print("PWNED holds the arguments of 50 programs", flush=True)
