# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to look finished: it closes stdout and stderr and sleeps on
# CORRECT: it counts as running until its wall limit ends it; what it wrote before is kept
# KIND: out; stopped_by: wall_s; says: before; limits: wall_s=1
import os
import time

os.write(1, b"before\n")
os.closerange(0, 64)
time.sleep(60)
