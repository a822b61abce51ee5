# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to spin on by ignoring the signal that announces the CPU limit
# CORRECT: killed a second later, and the result names the CPU limit
# KIND: res; stopped_by: cpu_s; limits: cpu_s=1 wall_s=10
import signal

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
while True:
    pass
