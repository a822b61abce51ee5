# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to escape its wall limit by standing still: it stops its children and itself with SIGSTOP
# CORRECT: ended by its wall limit all the same
# KIND: res; stopped_by: wall_s; limits: wall_s=1
import os
import signal
import time

for _ in range(3):
    if os.fork() == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
os.kill(os.getpid(), signal.SIGSTOP)
time.sleep(60)
