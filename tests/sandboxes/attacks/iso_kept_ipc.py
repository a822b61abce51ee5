# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to keep System V memory, semaphores, messages and a POSIX queue from one job to the next, and to find them
# CORRECT: each call is refused, or what was kept is gone with the job
# KIND: iso; runs: 2
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
KEY = 0x525349
CREATE, EXCLUSIVE = 0o1000, 0o2000
MAKE = {
    "memory": lambda flags: libc.shmget(KEY, ctypes.c_size_t(4096), flags | 0o600),
    "semaphores": lambda flags: libc.semget(KEY, 1, flags | 0o600),
    "messages": lambda flags: libc.msgget(KEY, flags | 0o600),
    "queue": lambda flags: libc.mq_open(
        b"/rsi-kept", os.O_RDWR | (os.O_CREAT | os.O_EXCL if flags else 0), 0o600, None
    ),
}
for name, make in MAKE.items():
    if make(0) >= 0:
        print("PWNED an earlier job's", name)
    made = make(CREATE | EXCLUSIVE)
    print(name, "made" if made >= 0 else os.strerror(ctypes.get_errno()))
print("tried")
