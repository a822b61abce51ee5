# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to change how its memory is laid out, so that addresses can be foretold and data be executed
# CORRECT: each change is refused, here and after exec
# KIND: iso
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
ASK = 0xFFFFFFFF
KINDS = {"no random addresses": 0x0040000, "data is code": 0x0400000, "map page zero": 0x0100000, "32 bits": 0x0008}
before = libc.personality(ctypes.c_ulong(ASK))
for name, flags in KINDS.items():
    libc.personality(ctypes.c_ulong(flags))
    if libc.personality(ctypes.c_ulong(ASK)) != before:
        print("PWNED", name)
        libc.personality(ctypes.c_ulong(max(before, 0)))
    else:
        print(name, os.strerror(ctypes.get_errno()))
print("tried")
