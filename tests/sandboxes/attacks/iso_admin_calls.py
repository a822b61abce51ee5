# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: what only the machine's administrator may do: clocks, modules, swap, names, ports, the kernel's log, reboot
# CORRECT: each call is refused for want of privilege
# KIND: iso
import ctypes
import errno
import os
import time

libc = ctypes.CDLL(None, use_errno=True)
REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)
REBOOT_CAD_OFF = 0
SYSLOG_CLEAR = 5
now = (ctypes.c_long * 2)(int(time.time()), 0)
# Each would change nothing, or next to nothing, if it were carried out.
CALLS = {
    "settimeofday": (now, None),
    "clock_settime": (0, now),
    "sethostname": (os.uname().nodename.encode(), len(os.uname().nodename)),
    "setdomainname": (b"(none)", 6),
    "reboot": (REBOOT_CAD_OFF,),
    "swapon": (b"/none", 0),
    "swapoff": (b"/none",),
    "acct": (b"/none",),
    "init_module": (None, 0, b""),
    "delete_module": (b"none", 0),
    "klogctl": (SYSLOG_CLEAR, None, 0),
    "vhangup": (),
    "iopl": (3,),
    "ioperm": (0x80, 1, 1),
}
for name, arguments in CALLS.items():
    if not hasattr(libc, name):
        print(name, "is not there")
        continue
    ctypes.set_errno(0)
    result = getattr(libc, name)(*arguments)
    if result == 0 or ctypes.get_errno() not in REFUSALS:
        print("PWNED", name, os.strerror(ctypes.get_errno()))
print("tried")
