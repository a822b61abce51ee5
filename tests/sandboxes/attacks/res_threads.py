# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: 4,000 threads
# CORRECT: starting one fails when the processes that the job may have are used up; threads count as processes
# KIND: res; says: no more than; limits: processes=32 wall_s=10
import _thread
import time

started = 0
try:
    while started < 4000:
        _thread.start_new_thread(time.sleep, (30,))
        started += 1
except RuntimeError as error:
    print("no more than", started, error)
if started > 32:
    print("PWNED", started, "threads")
