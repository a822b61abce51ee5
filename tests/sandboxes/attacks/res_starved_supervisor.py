# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to starve its supervisor of the processor, by demoting it and by spinning in many processes beside it
# CORRECT: ended by a limit of time, no more than seconds late
# KIND: res; stopped_by: wall_s, cpu_s; limits: wall_s=1.5
import os

visible = {int(name) for name in os.listdir("/proc") if name.isdigit()}
for pid in (visible | {1, os.getppid()}) - {0, os.getpid()}:
    attempts = (
        lambda pid=pid: os.setpriority(os.PRIO_PROCESS, pid, 19),
        lambda pid=pid: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)),
        lambda pid=pid: os.sched_setaffinity(pid, {min(os.sched_getaffinity(0))}),
    )
    for attempt in attempts:
        try:
            attempt()
        except OSError as error:
            print(pid, error.strerror, flush=True)
for _ in range(16):
    if os.fork() == 0:
        break
while True:
    pass
