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
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
PR_CAPBSET_DROP = 24
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
# Found once here, not once in every job.
before_fork = ctypes.pythonapi.PyOS_BeforeFork
after_fork_in_child = ctypes.pythonapi.PyOS_AfterFork_Child
after_fork_in_parent = ctypes.pythonapi.PyOS_AfterFork_Parent
FUNCTIONS = (libc.mount, libc.prctl, libc.capset, held_libc.syscall)


def clone() -> int:
    """Forks into fresh namespaces of every kind but the network's; returns as os.fork does.

    Raises:
        OSError: The kernel does not allow it.
    """
    number = CLONE[os.uname().machine]
    before_fork()
    flags = CLONE_FLAGS | signal.SIGCHLD
    pid = held_libc.syscall(ctypes.c_long(number), ctypes.c_ulong(flags), *[ctypes.c_long(0)] * 4)
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


def close_in(disk_bytes: int, uid: int, gid: int, call_filter: bytes) -> None:
    """Builds the walls around this process, the first of fresh namespaces, and gives up the power to change them.

    Args:
        disk_bytes: Size of all files together in each of the private folders.
        uid: The user, as numbered in the world outside.
        gid: The group likewise.
        call_filter: The closing seccomp program, as in `struct sock_filter[]`; empty for none.

    Raises:
        OSError: A wall could not be built.
    """
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"{uid} {uid} 1")
    write("/proc/self/gid_map", f"{gid} {gid} 1")
    for folder in PRIVATE_FOLDERS:
        mount("tmpfs", folder, MS_NOSUID | MS_NODEV, f"size={disk_bytes},nr_inodes={INODES},mode=0755")
    # Terminals of the job's own: nobody else sees them, and it sees nobody's.
    mount("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, f"newinstance,ptmxmode=0666,mode=0620,max={TERMINALS}")
    mount("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "")
    make_read_only("/proc/sys")
    if os.path.isdir(QUEUES):
        # A container's message queues are its own, whatever namespace a job is in.
        mount("tmpfs", QUEUES, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4096")
    os.chdir(PRIVATE_FOLDERS[0])
    drop_privileges()
    if call_filter:
        load_filter(call_filter)
    else:
        leave_keyring()


def leave_keyring() -> None:
    """Joins a session keyring of the world's own, so that programs don't hold the owner's keys."""
    number = KEYCTL.get(os.uname().machine)
    if number is not None:
        libc.syscall(ctypes.c_long(number), ctypes.c_long(KEYCTL_JOIN_SESSION_KEYRING), None)


def write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY)
    os.write(fd, text.encode())
    os.close(fd)


def mount(kind: str, folder: str, flags: int, data: str) -> None:
    """Mounts a file system of its own, or what `kind` names as a path, on a folder."""
    if libc.mount(kind.encode(), folder.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"can't mount {kind} on {folder}: {os.strerror(number)}")


def make_read_only(folder: str) -> None:
    """Lets nobody change what is below a folder, though the files there may be theirs."""
    mount(folder, folder, MS_BIND, "")
    mount(folder, folder, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "")


def drop_privileges() -> None:
    """Empties every set of capabilities, for this process and for whatever it starts."""
    capability = 0
    drop = libc.prctl
    while drop(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    checked(libc.capset(header, bytes(24)), "capabilities")
    checked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "new privileges")


class FilterProgram(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def load_filter(call_filter: bytes) -> None:
    """Puts this process and whatever it starts under a seccomp program."""
    program = FilterProgram(len(call_filter) // 8, call_filter)
    checked(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0), "the filter of system calls")


def checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"can't give up {what}: {os.strerror(number)}")
