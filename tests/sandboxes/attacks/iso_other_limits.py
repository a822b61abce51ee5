# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to set limits, priority, scheduler and processors of every process but its own
# CORRECT: each call is refused, or there is no other process to name
# KIND: iso
import os
import resource

visible = {int(name) for name in os.listdir("/proc") if name.isdigit()}
for pid in (visible | {1, os.getppid()}) - {0, os.getpid()}:
    attempts = {
        "core size": lambda pid=pid: resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0)),
        "priority": lambda pid=pid: os.setpriority(os.PRIO_PROCESS, pid, 1),
        "scheduler": lambda pid=pid: os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0)),
        "processors": lambda pid=pid: os.sched_setaffinity(pid, os.sched_getaffinity(0)),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except OSError as error:
            print(name, pid, error.strerror)
        else:
            print("PWNED set", name, "of", pid)
print("tried")
