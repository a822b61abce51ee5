# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to spin on by handing over to a fresh child before its own CPU seconds are used up
# CORRECT: ended by its wall limit, for the CPU limit is each process's own
# KIND: res; stopped_by: wall_s, cpu_s; limits: cpu_s=1 wall_s=1.5
import os
import time

while True:
    child = os.fork()
    if child == 0:
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass
        os._exit(0)
    os.waitpid(child, 0)
