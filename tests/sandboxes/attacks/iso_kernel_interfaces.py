# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: io_uring, userfaultfd, bpf and perf events: large parts of the kernel that a job has no use for
# CORRECT: each call is refused
# KIND: iso
import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
IO_URING_SETUP = 425
BPF, PERF_EVENT_OPEN, USERFAULTFD = {"x86_64": (321, 298, 323), "aarch64": (280, 241, 282)}[os.uname().machine]
USER_MODE_ONLY = 1
BPF_MAP_CREATE, BPF_PROG_LOAD = 0, 5
SOFTWARE, ATTRIBUTE_BYTES, EXCLUDE_KERNEL = 1, 112, 1 << 5 | 1 << 6


def try_call(name, number, *arguments):
    words = (a if isinstance(a, (bytes, ctypes.Array)) else ctypes.c_long(a) for a in arguments)
    if libc.syscall(ctypes.c_long(number), *words) >= 0:
        print("PWNED", name)
    else:
        print(name, os.strerror(ctypes.get_errno()))


nothing = struct.pack("=BBhi", 0xB7, 0, 0, 0) + struct.pack("=BBhi", 0x95, 0, 0, 0)
instructions = ctypes.create_string_buffer(nothing)
licence = ctypes.create_string_buffer(b"GPL")
program = struct.pack("=IIQQ", 1, 2, ctypes.addressof(instructions), ctypes.addressof(licence)) + bytes(96)
event = struct.pack("=IIQQQQQ", SOFTWARE, ATTRIBUTE_BYTES, 0, 0, 0, 0, EXCLUDE_KERNEL).ljust(ATTRIBUTE_BYTES, b"\0")
try_call("io_uring_setup", IO_URING_SETUP, 8, ctypes.create_string_buffer(256))
for flags in (0, USER_MODE_ONLY, USER_MODE_ONLY | os.O_CLOEXEC | os.O_NONBLOCK):
    try_call("userfaultfd", USERFAULTFD, flags)
try_call("bpf map", BPF, BPF_MAP_CREATE, struct.pack("=IIII", 2, 4, 4, 1) + bytes(112), 128)
try_call("bpf program", BPF, BPF_PROG_LOAD, program, len(program))
for pid, processor in ((0, -1), (-1, 0)):
    try_call("perf_event_open", PERF_EVENT_OPEN, event, pid, processor, -1, 0)
print("tried")
