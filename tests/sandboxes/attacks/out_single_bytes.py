# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to wear its reader out with a frame for each single byte
# CORRECT: cut at the limit, and the job is ended by its wall limit
# KIND: out; stopped_by: wall_s, cpu_s; truncated: yes; limits: wall_s=1.5 output_bytes=10000
import os

while True:
    os.write(1, b"x")
    os.write(2, b"y")
