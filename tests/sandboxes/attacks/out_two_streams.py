# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to flood stdout and stderr at once, from several processes
# CORRECT: both are cut at the limit while the job runs on, and it is ended by its wall limit
# KIND: out; stopped_by: wall_s, cpu_s; truncated: yes; limits: wall_s=1
import os

os.fork()
number = 1 if os.fork() else 2
block = (b"%d" % number) * 65536
while True:
    os.write(number, block)
