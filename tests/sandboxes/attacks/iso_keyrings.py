# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to keep a key in each keyring it can name, and to find one that another run of this program kept
# CORRECT: no keyring takes a key
# KIND: iso; runs: 2
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
ADD_KEY, REQUEST_KEY, KEYCTL = {"x86_64": (248, 249, 250), "aarch64": (217, 218, 219)}[os.uname().machine]
THREAD, PROCESS, SESSION, USER, USER_SESSION = -1, -2, -3, -4, -5
JOIN_SESSION = 1


def call(number, *arguments):
    words = (a if isinstance(a, bytes) or a is None else ctypes.c_long(a) for a in arguments)
    return libc.syscall(ctypes.c_long(number), *words)


if call(REQUEST_KEY, b"user", b"kept", None, 0) >= 0:
    print("PWNED found an earlier run's key")
for ring in (THREAD, PROCESS, SESSION, USER, USER_SESSION):
    if call(ADD_KEY, b"user", b"kept", b"secret", 6, ring) >= 0:
        print("PWNED keyring", ring, "took a key")
    else:
        print(ring, os.strerror(ctypes.get_errno()))
if call(KEYCTL, JOIN_SESSION, b"shared") >= 0:
    print("PWNED joined a session keyring")
print("tried")
