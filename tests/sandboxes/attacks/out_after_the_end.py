# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to keep its reader reading: a daemon floods stdout after the program itself has ended
# CORRECT: the result comes at once, with what was written until then
# KIND: out; says: main; truncated: any; limits: wall_s=10
import os

os.write(1, b"main\n")
if os.fork() == 0:
    os.setsid()
    while True:
        os.write(1, b"x" * 4096)
