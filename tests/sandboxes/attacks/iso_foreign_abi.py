# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: system calls by the numbers of other ABIs (i386 by int 0x80, x32), which a filter for one ABI would not see
# CORRECT: the program that makes one is killed, or the kernel knows no such ABI; nothing to try but on x86_64
# KIND: iso
import ctypes
import mmap
import os

GETPID_I386, GETPID_X86_64, X32 = 20, 39, 0x40000000
# mov eax, number; int 0x80; ret - and the same by syscall
CODES = {
    "i386": b"\xb8" + GETPID_I386.to_bytes(4, "little") + b"\xcd\x80\xc3",
    "x32": b"\xb8" + (GETPID_X86_64 | X32).to_bytes(4, "little") + b"\x0f\x05\xc3",
    "x86_64": b"\xb8" + GETPID_X86_64.to_bytes(4, "little") + b"\x0f\x05\xc3",
}


def run(code):
    """Runs machine code in a child; returns whether it gave the child's process id."""
    child = os.fork()
    if child == 0:
        memory = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
        memory.write(code)
        function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
        os._exit(0 if function() == os.getpid() else 1)
    return os.waitpid(child, 0)[1]


if os.uname().machine == "x86_64":
    for name, code in CODES.items():
        status = run(code)
        print(name, "ended with", status)
        if name == "x86_64":
            print("machine code runs" if status == 0 else "machine code does not run")
        elif status == 0:
            print("PWNED a system call by the", name, "ABI")
print("tried")
