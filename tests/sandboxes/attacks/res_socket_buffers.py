# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to hold memory in the buffers of socket pairs that nobody reads
# CORRECT: the job is ended by its memory limit, or it can't hold 256 MiB that way
# KIND: res; group: yes; stopped_by: memory_bytes, none; says: held; limits: memory_bytes=67108864 disk_bytes=8388608
import os
import socket
import time

MOST = 256 << 20
BLOCK = bytes(1 << 16)


def fill():
    """Fills as many pairs as one process may hold; returns their bytes."""
    held, pairs = 0, []
    try:
        while held < MOST:
            pairs.append(socket.socketpair())
            for end in pairs[-1]:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
                end.setblocking(False)
                try:
                    while held < MOST:
                        held += end.send(BLOCK)
                except BlockingIOError:
                    continue
    except OSError:
        pass
    return held, pairs


total = 0
tally, tell = os.pipe()
for _ in range(50):
    try:
        if os.fork() == 0:
            held, pairs = fill()
            os.write(tell, held.to_bytes(8, "big"))
            time.sleep(30)
            os._exit(0)
    except OSError:
        break
    total += int.from_bytes(os.read(tally, 8), "big")
    if total >= MOST:
        print("PWNED", total >> 20, "MiB in socket buffers", flush=True)
        break
print("held", total >> 20, "MiB", flush=True)
time.sleep(0.2)
