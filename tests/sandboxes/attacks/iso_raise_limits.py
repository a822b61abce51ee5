# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to raise each of its limits, its priority and its share of the processors, and to lock memory
# CORRECT: no hard limit rises and no privileged scheduling is given
# KIND: iso
import os
import resource

KINDS = [name for name in dir(resource) if name.startswith("RLIMIT_")]
for name in KINDS:
    number = getattr(resource, name)
    soft, hard = resource.getrlimit(number)
    for wanted in (resource.RLIM_INFINITY, hard + 1, 2**62):
        if hard == resource.RLIM_INFINITY or (wanted != resource.RLIM_INFINITY and wanted <= hard):
            continue
        for set_limit in (
            lambda pair, number=number: resource.setrlimit(number, pair),
            lambda pair, number=number: resource.prlimit(os.getpid(), number, pair),
        ):
            try:
                set_limit((soft, wanted))
            except (OSError, ValueError):
                continue
            print("PWNED raised", name, "from", hard, "to", wanted)
attempts = {
    "niceness": lambda: os.nice(-5),
    "real time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10)),
    "round robin": lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10)),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except OSError as error:
        print(name, error.strerror)
    else:
        print("PWNED", name)
print("tried")
