# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to take memory, processor time and descriptors from its supervisor by prlimit, and to run on for ever
# CORRECT: it is ended by its wall limit, and its owner gets a result as for any other job
# KIND: res; stopped_by: wall_s; limits: wall_s=1.5
import os
import resource
import time

visible = {int(name) for name in os.listdir("/proc") if name.isdigit()}
for pid in (visible | {1, os.getppid()}) - {0, os.getpid()}:
    for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_DATA, resource.RLIMIT_AS,
                 resource.RLIMIT_CPU):  # fmt: skip
        try:
            resource.prlimit(pid, kind, (0, 0))
        except OSError as error:
            print(pid, kind, error.strerror, flush=True)
print("x" * 200_000, flush=True)
time.sleep(60)
