# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: one endless line, which a reader of lines would gather for ever
# CORRECT: cut at the limit, and the job is ended by its wall limit
# KIND: out; stopped_by: wall_s, cpu_s; truncated: yes; limits: wall_s=1
import os

while True:
    os.write(1, b"x" * 65536)
