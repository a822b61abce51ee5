# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to kill and to stop everyone: by kill(-1), by every process id there may be, by group, thread and pidfd
# CORRECT: nobody outside the job notices, and the supervisor still tells the job's own exit status
# KIND: iso; exits: 5
import os
import signal
import sys

me = os.getpid()
for number in (signal.SIGSTOP, signal.SIGKILL):
    for pid in range(1, 70_000):
        if pid != me:
            try:
                os.kill(pid, number)
            except OSError:
                continue
    for pid in {1, os.getppid()} - {me}:
        try:
            signal.pidfd_send_signal(os.pidfd_open(pid), number)
        except OSError as error:
            print("pidfd", pid, error.strerror)
        try:
            os.killpg(pid, number)
        except OSError as error:
            print("group", pid, error.strerror)
try:
    os.kill(-1, signal.SIGKILL)
except OSError as error:
    print("everyone", error.strerror)
print("tried", flush=True)
sys.exit(5)
