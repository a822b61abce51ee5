# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to have the kernel kill its keeper in its stead: it asks to be spared and takes all memory by a small process
# CORRECT: it can't ask, and is ended by its memory limit, or can't hold 1 GiB
# KIND: res; group: yes; stopped_by: memory_bytes, none; says: held; limits: open_files=4096 memory_bytes=67108864
import socket

MOST = 1 << 30

try:
    with open("/proc/self/oom_score_adj", "w") as choice:
        choice.write("0")
    print("PWNED is spared", flush=True)
except OSError as error:
    print(error.strerror, flush=True)
held, pairs = 0, []
try:
    while held < MOST:
        pairs.append(socket.socketpair())
        for end in pairs[-1]:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
            end.setblocking(False)
            try:
                while held < MOST:
                    held += end.send(bytes(1 << 16))
            except BlockingIOError:
                continue
    print("PWNED holds", held >> 20, "MiB", flush=True)
except OSError as error:
    print(error.strerror, flush=True)
print("held", held >> 20, "MiB", flush=True)
