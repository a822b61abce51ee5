# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to open files by handle rather than by path, which knows of no root and no mount
# CORRECT: no handle opens, neither one that was given nor one that was guessed
# KIND: iso
import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
MOST = 128


class Handle(ctypes.Structure):
    """The kernel's struct file_handle."""

    _fields_ = (("length", ctypes.c_uint), ("kind", ctypes.c_int), ("content", ctypes.c_ubyte * MOST))


def given(path):
    handle, mount = Handle(length=MOST), ctypes.c_int()
    if libc.name_to_handle_at(AT_FDCWD, path.encode(), ctypes.byref(handle), ctypes.byref(mount), 0) == 0:
        yield handle
    else:
        print(path, os.strerror(ctypes.get_errno()))


def guessed():
    for inode in (2, 64, 128, 256):  # where ext4, XFS and Btrfs have their root
        content = struct.pack("II", inode, 0)
        yield Handle(len(content), 1, (ctypes.c_ubyte * MOST)(*content))


for path in ("/", "/usr", "/etc", "/work", "/proc", "/dev"):
    try:
        mount = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        print(path, error.strerror)
        continue
    for handle in [*given(path), *guessed()]:
        if libc.open_by_handle_at(mount, ctypes.byref(handle), os.O_RDONLY) >= 0:
            print("PWNED opened by handle on", path)
print("tried")
