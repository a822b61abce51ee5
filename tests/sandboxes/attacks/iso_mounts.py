# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to change what is mounted, by the old calls and the new ones, and to leave its root by chroot and pivot_root
# CORRECT: each call is refused
# KIND: iso
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}[os.uname().machine]
OPEN_TREE, MOVE_MOUNT, FSOPEN, FSPICK, MOUNT_SETATTR = 428, 429, 430, 433, 442
AT_FDCWD = -100
OPEN_TREE_CLONE = 1
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_MOVE = 1, 32, 4096, 8192


def through(name, result):
    if result >= 0:
        print("PWNED", name)
    else:
        print(name, os.strerror(ctypes.get_errno()))


def call(name, number, *arguments):
    words = (a if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments)
    through(name, libc.syscall(ctypes.c_long(number), *words))


os.makedirs("/tmp/new/old", exist_ok=True)
through("mount tmpfs", libc.mount(b"none", b"/tmp/new", b"tmpfs", 0, None))
through("mount proc", libc.mount(b"none", b"/tmp/new", b"proc", 0, None))
through("mount overlay", libc.mount(b"none", b"/tmp/new", b"overlay", 0, b"lowerdir=/usr:/tmp"))
through("bind", libc.mount(b"/", b"/tmp/new", None, MS_BIND, None))
through("move", libc.mount(b"/proc", b"/tmp/new", None, MS_MOVE, None))
for place in (b"/", b"/usr", b"/dev", b"/proc", b"/work"):
    through(f"remount {place!r}", libc.mount(None, place, None, MS_REMOUNT | MS_BIND, None))
    through(f"unmount {place!r}", libc.umount2(place, 2))
call("open_tree", OPEN_TREE, AT_FDCWD, b"/", OPEN_TREE_CLONE)
call("fsopen", FSOPEN, b"tmpfs", 0)
call("fspick", FSPICK, AT_FDCWD, b"/tmp", 0)
call("move_mount", MOVE_MOUNT, AT_FDCWD, b"/proc", AT_FDCWD, b"/tmp/new", 0)
call("mount_setattr", MOUNT_SETATTR, AT_FDCWD, b"/", 0, bytes(32), 32)
call("pivot_root", PIVOT_ROOT, b"/tmp/new", b"/tmp/new/old")
through("chroot", libc.chroot(b"/tmp/new"))
print("tried")
