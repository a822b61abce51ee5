# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to read, trace and take descriptors from every process but its own, its supervisor first of all
# CORRECT: no memory, descriptor, environment or folder of another process can be had
# KIND: iso
import ctypes
import errno
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = libc.ptrace.restype = libc.process_vm_readv.restype = libc.process_vm_writev.restype = (
    ctypes.c_long
)
PIDFD_OPEN, PIDFD_GETFD = 434, 438
KCMP = {"x86_64": 312, "aarch64": 272}[os.uname().machine]
PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
REFUSALS = (errno.EPERM, errno.ESRCH, errno.ENOSYS, errno.EACCES)

visible = {int(name) for name in os.listdir("/proc") if name.isdigit()}
others = (visible | {1, 2, 3, os.getppid()}) - {0, os.getpid()}
buffer = ctypes.create_string_buffer(64)
here = struct.pack("PN", ctypes.addressof(buffer), 64)
there = struct.pack("PN", 0x400000, 64)


def system(number, *arguments):
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))


for pid in sorted(others):
    for name, request in (("attach", PTRACE_ATTACH), ("seize", PTRACE_SEIZE)):
        if libc.ptrace(ctypes.c_long(request), ctypes.c_long(pid), None, None) == 0:
            print("PWNED ptrace", name, pid)
    for call in (libc.process_vm_readv, libc.process_vm_writev):
        one, none = ctypes.c_ulong(1), ctypes.c_ulong(0)
        # A wrong address is told only to who may look at all.
        if call(pid, here, one, there, one, none) >= 0 or ctypes.get_errno() not in REFUSALS:
            print("PWNED process_vm", pid, os.strerror(ctypes.get_errno()))
    pidfd = system(PIDFD_OPEN, pid, 0)
    for number in range(5):
        if pidfd >= 0 and system(PIDFD_GETFD, pidfd, number, 0) >= 0:
            print("PWNED took descriptor", number, "of", pid)
    if system(KCMP, os.getpid(), pid, 1, 0, 0) >= 0:
        print("PWNED kcmp", pid)
    for name in ("mem", "environ", "maps", "auxv", "stack", "syscall", "io", "personality", "clear_refs", "pagemap"):
        try:
            with open(f"/proc/{pid}/{name}", "rb", buffering=0) as file:
                file.read(1)
        except OSError:
            continue
        print("PWNED read", name, "of", pid)
    for name in ("cwd", "root", "exe", "fd/0", "fd/1", "ns/mnt"):
        try:
            print("PWNED followed", name, "of", pid, "to", os.readlink(f"/proc/{pid}/{name}"))
        except OSError:
            continue
    for name in ("root", "cwd", "fd", "map_files", "task/1/fd"):
        try:
            print("PWNED listed", name, "of", pid, os.listdir(f"/proc/{pid}/{name}"))
        except OSError:
            continue
print("tried")
