# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to meet another job that runs at the same time: by loopback, abstract sockets, shared memory, files, locks
# CORRECT: no job sees a sign of the other
# KIND: iso; runs: 2 at once; limits: wall_s=10
import contextlib
import ctypes
import os
import socket
import time

NAME = "\0rsi-rendezvous"
PORT = 47993
KEY = 0x525350
PLACES = ("/tmp", "/work", "/dev", "/dev/shm", "/dev/mqueue", "/var/tmp", "/run", "/")
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
mine = os.urandom(8).hex().encode()


def servers():
    for family, address in ((socket.AF_UNIX, NAME), (socket.AF_INET, ("127.0.0.1", PORT))):
        server = socket.socket(family)
        try:
            server.bind(address)
        except OSError as error:
            print("PWNED somebody is at", address, error)
            continue
        server.listen()
        server.setblocking(False)
        yield server


def visitor(family, address):
    """Whether something answers there that isn't this job's own server."""
    with contextlib.suppress(OSError), socket.socket(family) as client:
        client.settimeout(0.2)
        client.connect(address)
        return client.recv(16) not in (mine, b"")
    return False


def answer(server):
    with contextlib.suppress(OSError), server.accept()[0] as caller:
        caller.sendall(mine)


datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
datagrams.bind(("127.0.0.1", PORT))
datagrams.setblocking(False)
listening = list(servers())
segment = libc.shmget(KEY, ctypes.c_size_t(4096), 0o1666)
memory = libc.shmat(segment, None, 0) if segment >= 0 else None
if memory:
    ctypes.memmove(memory, mine, len(mine))
for place in PLACES:
    with contextlib.suppress(OSError), open(f"{place}/rsi-{mine.decode()}", "w"):
        continue
end = time.monotonic() + 0.8
while time.monotonic() < end:
    for address in ("127.0.0.1", "127.255.255.255", "255.255.255.255"):
        with contextlib.suppress(OSError):
            datagrams.sendto(mine, (address, PORT))
    with contextlib.suppress(OSError):
        while datagrams.recv(16) == mine:
            continue
        print("PWNED a datagram of another job")
    for server in listening:
        answer(server)
    if memory and ctypes.string_at(memory, len(mine)) != mine:
        print("PWNED another job's shared memory")
    for place in PLACES:
        with contextlib.suppress(OSError):
            others = [n for n in os.listdir(place) if n.startswith("rsi-") and n != f"rsi-{mine.decode()}"]
            if others:
                print("PWNED another job's file in", place, others)
    time.sleep(0.02)
for server in listening:
    server.close()
for family, address in ((socket.AF_UNIX, NAME), (socket.AF_INET, ("127.0.0.1", PORT))):
    if visitor(family, address):
        print("PWNED another job answers at", address)
print("tried")
