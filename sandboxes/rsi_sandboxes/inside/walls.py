# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What closes a job in: namespaces of its own, fresh folders, no privileges, a filter of system calls.

Source: clone(2), user_namespaces(7), mount(2), capabilities(7), seccomp(2).
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
from typing import Any

# Not CLONE_NEWNET: making a network namespace takes longer than all else together. A job has that of its warm world,
# which holds nothing but loopback, which no job has any power over, and which no second job sees once it was used.
CLONE_FLAGS = (
    0x00020000  # CLONE_NEWNS
    | 0x02000000  # CLONE_NEWCGROUP
    | 0x04000000  # CLONE_NEWUTS
    | 0x08000000  # CLONE_NEWIPC
    | 0x10000000  # CLONE_NEWUSER
    | 0x20000000  # CLONE_NEWPID
)
CLONE = {"x86_64": 56, "aarch64": 220}
# Source: the kernel's syscall tables; libc has no function for it.
KEYCTL = {"x86_64": 250, "aarch64": 219}
KEYCTL_JOIN_SESSION_KEYRING = 1
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION_3 = 0x20080522
INODES = 65536
TERMINALS = 64
QUEUES = "/dev/mqueue"
PRIVATE_FOLDERS = ("/work", "/tmp")  # noqa: S108 - paths in the world

libc = ctypes.CDLL(None, use_errno=True)
held_libc = ctypes.PyDLL(None, use_errno=True)
held_libc.syscall.restype = ctypes.c_long
# All that a job's start calls is found and converted here once: what a forked child touches first, the kernel copies.
before_fork = ctypes.pythonapi.PyOS_BeforeFork
after_fork_in_child = ctypes.pythonapi.PyOS_AfterFork_Child
after_fork_in_parent = ctypes.pythonapi.PyOS_AfterFork_Parent
held_syscall = held_libc.syscall
raw_mount, prctl, capset = libc.mount, libc.prctl, libc.capset
CLONE_CALL = (
    ctypes.c_long(CLONE.get(os.uname().machine, -1)),
    ctypes.c_ulong(CLONE_FLAGS | signal.SIGCHLD),
    *[ctypes.c_long(0)] * 4,
)
NO_CAPABILITIES = (struct.pack("Ii", CAPABILITY_VERSION_3, 0), bytes(24))


def clone() -> int:
    """Forks into fresh namespaces of every kind but the network's; returns as os.fork does.

    Raises:
        OSError: The kernel does not allow it.
    """
    before_fork()
    pid = held_syscall(*CLONE_CALL)
    if pid == 0:
        after_fork_in_child()
        return 0
    trouble = ctypes.get_errno()
    after_fork_in_parent()
    if pid < 0:
        raise OSError(trouble, "no fresh namespaces: " + os.strerror(trouble))
    return int(pid)


def filters_here(filters: dict[str, list[str]]) -> tuple[bytes, bytes]:
    """The standing and the closing filter for this machine, out of all in hexadecimal; empty where there are none."""
    standing, closing = filters.get(os.uname().machine, ["", ""])
    return bytes.fromhex(standing), bytes.fromhex(closing)


class Walls:
    """The walls around every job of a warm world, planned ahead.

    Args:
        disk_bytes: Size of all files together in each of the private folders.
        call_filter: The closing seccomp program, as in `struct sock_filter[]`; empty for none.
    """

    def __init__(self, disk_bytes: int, call_filter: bytes) -> None:
        self.maps = [
            ("/proc/self/setgroups", b"deny"),
            # User and group keep the numbers that they have outside.
            ("/proc/self/uid_map", f"{os.getuid()} {os.getuid()} 1".encode()),
            ("/proc/self/gid_map", f"{os.getgid()} {os.getgid()} 1".encode()),
        ]
        room = f"size={disk_bytes},nr_inodes={INODES},mode=0755"
        self.mounts = [mount_call("tmpfs", folder, MS_NOSUID | MS_NODEV, room) for folder in PRIVATE_FOLDERS]
        # Terminals of the job's own: nobody else sees them, and it sees nobody's.
        terminals = f"newinstance,ptmxmode=0666,mode=0620,max={TERMINALS}"
        closed = MS_NOSUID | MS_NODEV | MS_NOEXEC
        self.mounts += [
            mount_call("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, terminals),
            # Nobody may change what is there, though the files may be theirs. A program could else take back that it is
            # the first to be killed when memory runs out, and so have its keeper killed.
            mount_call("proc", "/proc", MS_RDONLY | closed, ""),
        ]
        if os.path.isdir(QUEUES):
            # A container's message queues are its own, whatever namespace a job is in.
            self.mounts.append(mount_call("tmpfs", QUEUES, MS_RDONLY | closed, "size=4096"))
        self.filter = filter_call(call_filter) if call_filter else None

    def close_in(self) -> None:
        """Builds the walls around this process, the first of fresh namespaces; it can't change them afterwards.

        Raises:
            OSError: A wall could not be built.
        """
        for path, text in self.maps:
            fd = os.open(path, os.O_WRONLY)
            os.write(fd, text)
            os.close(fd)
        for call in self.mounts:
            if raw_mount(*call) != 0:
                number = ctypes.get_errno()
                raise OSError(number, f"can't mount {call[0].decode()} on {call[1].decode()}: {os.strerror(number)}")
        os.chdir(PRIVATE_FOLDERS[0])
        # The bounding set may stay full: what no program file can give any more, it need not hold back.
        checked(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "new privileges")
        checked(capset(*NO_CAPABILITIES), "capabilities")
        if self.filter is not None:
            checked(prctl(*self.filter), "the filter of system calls")
        else:
            leave_keyring()


def mount_call(kind: str, folder: str, flags: int, data: str) -> tuple[Any, ...]:
    """What to call mount(2) with: a file system of its own, or what `kind` names as a path, on a folder."""
    return kind.encode(), folder.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode()


def filter_call(call_filter: bytes) -> tuple[Any, ...]:
    """What to call prctl(2) with, so that this process and whatever it starts are under a seccomp program."""
    program = FilterProgram(len(call_filter) // 8, call_filter)
    return PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0


def leave_keyring() -> None:
    """Joins a session keyring of the world's own, so that programs don't hold the owner's keys."""
    number = KEYCTL.get(os.uname().machine)
    if number is not None:
        libc.syscall(ctypes.c_long(number), ctypes.c_long(KEYCTL_JOIN_SESSION_KEYRING), None)


class FilterProgram(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def load_filter(call_filter: bytes) -> None:
    """Puts this process and whatever it starts under a seccomp program."""
    checked(prctl(*filter_call(call_filter)), "the filter of system calls")


def checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"can't give up {what}: {os.strerror(number)}")
