# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The filter of system calls that every world's programs run under, assembled for the kernel.

What is refused stands in `RULES`, with the reason; what depends on an argument follows below. Refused calls fail with
an error that libraries understand; calls by another architecture's numbers end the process. There are filters for
x86-64 and AArch64; worlds on other machines have none.

Source: seccomp(2); the kernel's syscall tables (arch/x86/entry/syscalls/syscall_64.tbl, and
include/uapi/asm-generic/unistd.h for AArch64).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from errno import EAFNOSUPPORT, ENOSYS, EPERM
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Rule:
    """System calls refused for one reason."""

    reason: str
    """What such a call does that a program here must not."""
    error: int
    """The errno that the call fails with."""
    calls: dict[str, tuple[int, int | None]]
    """The calls' numbers by their names: on x86-64, and on AArch64 or None where it has no such call."""
    nursery_calls: bool = False
    """Whether a nursery makes such calls for a job, so that they can be refused only behind that."""


RULES = (
    Rule(
        "reads or steers other processes",
        EPERM,
        {
            "ptrace": (101, 117),
            "process_vm_readv": (310, 270),
            "process_vm_writev": (311, 271),
            "pidfd_getfd": (438, 438),
            "kcmp": (312, 272),
        },
    ),
    Rule(
        "makes or enters namespaces, in which a program has every capability again",
        EPERM,
        {
            "unshare": (272, 97),
            "setns": (308, 268),
        },
    ),
    Rule(
        "hides its namespace flags from this filter behind a pointer; libraries fall back to clone",
        ENOSYS,
        {
            "clone3": (435, 435),
        },
    ),
    Rule(
        "changes what the file system looks like",
        EPERM,
        {
            "mount": (165, 40),
            "umount2": (166, 39),
            "pivot_root": (155, 41),
            "chroot": (161, 51),
            "open_tree": (428, 428),
            "move_mount": (429, 429),
            "fsopen": (430, 430),
            "fsconfig": (431, 431),
            "fsmount": (432, 432),
            "fspick": (433, 433),
            "mount_setattr": (442, 442),
        },
        nursery_calls=True,
    ),
    Rule(
        "opens files by handle, past the folders above them",
        EPERM,
        {
            "name_to_handle_at": (303, 264),
            "open_by_handle_at": (304, 265),
            "fanotify_init": (300, 262),
        },
    ),
    Rule(
        "keeps keys that no namespace separates",
        EPERM,
        {
            "add_key": (248, 217),
            "request_key": (249, 218),
            "keyctl": (250, 219),
        },
        nursery_calls=True,
    ),
    Rule(
        "holds memory that no process maps, so that no limit of ours counts it",
        EPERM,
        {
            "shmget": (29, 194),
            "shmat": (30, 196),
            "shmctl": (31, 195),
            "shmdt": (67, 197),
            "semget": (64, 190),
            "semop": (65, 193),
            "semctl": (66, 191),
            "semtimedop": (220, 192),
            "msgget": (68, 186),
            "msgsnd": (69, 189),
            "msgrcv": (70, 188),
            "msgctl": (71, 187),
            "mq_open": (240, 180),
        },
    ),
    Rule(
        "holds memory that no process maps; libraries fall back to files",
        ENOSYS,
        {
            "memfd_create": (319, 279),
            "memfd_secret": (447, 447),
        },
    ),
    Rule(
        "makes calls that this filter doesn't see; libraries fall back to plain ones",
        ENOSYS,
        {
            "io_uring_setup": (425, 425),
            "io_uring_enter": (426, 426),
            "io_uring_register": (427, 427),
        },
    ),
    Rule(
        "has given way to kernel exploits more often than others, and no program needs it",
        EPERM,
        {
            "bpf": (321, 280),
            "perf_event_open": (298, 241),
            "userfaultfd": (323, 282),
            "modify_ldt": (154, None),
            "lookup_dcookie": (212, 18),
        },
    ),
    Rule(
        "is for administrators, who have no business here",
        EPERM,
        {
            "acct": (163, 89),
            "quotactl": (179, 60),
            "swapon": (167, 224),
            "swapoff": (168, 225),
            "reboot": (169, 142),
            "init_module": (175, 105),
            "finit_module": (313, 273),
            "delete_module": (176, 106),
            "kexec_load": (246, 104),
            "kexec_file_load": (320, 294),
            "syslog": (103, 116),
            "settimeofday": (164, 170),
            "clock_settime": (227, 112),
            "adjtimex": (159, 171),
            "clock_adjtime": (305, 266),
            "sethostname": (170, 161),
            "setdomainname": (171, 162),
            "iopl": (172, None),
            "ioperm": (173, None),
            "vhangup": (153, 58),
        },
    ),
)

ONLY_SELF = {
    "prlimit64": (302, 261, 0),
    "sched_setaffinity": (203, 122, 0),
    "sched_setattr": (314, 274, 0),
    "sched_setparam": (142, 118, 0),
    "sched_setscheduler": (144, 119, 0),
    "setpriority": (141, 140, 1),
    "ioprio_set": (251, 30, 1),
}
"""Calls that may change only the caller, for the supervisor is the same user: their numbers on x86-64 and AArch64, and
which argument says whom they change, 0 meaning the caller."""

# Refused by their arguments.
_CLONE, _SOCKET, _IOCTL, _PERSONALITY = (56, 220), (41, 198), (16, 29), (135, 92)
NAMESPACE_FLAGS = 0x00020080 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
"""CLONE_NEW…: mount, time, cgroup, uts, ipc, user, pid, net."""
SOCKET_FAMILIES = (1, 2, 10, 16)
"""Unix, IPv4, IPv6 and netlink, which lists the network's devices; others reach past the network namespace."""
TERMINAL_TRICKS = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX type into a terminal."""
PERSONALITIES = (0, 0xFFFFFFFF)
"""The ordinary one, and the question which it is; others switch off address randomisation and the like."""

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_INSTRUCTION = struct.Struct("<HBBI")
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _JUMP, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x05, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_Instruction = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class CallFilter:
    """The filter for one architecture, in two programs as the kernel takes them: instructions of 8 bytes.

    A program's every call passes both. A nursery comes under the first one when it starts, and each job under the
    second, short one when its walls stand, for a filter takes the longer to load the longer it is.
    """

    standing: bytes
    closing: bytes


@lru_cache(maxsize=1)
def call_filters() -> dict[str, CallFilter]:
    """Returns the filters by the name that `uname` gives the machine."""
    return {
        machine: CallFilter(
            _program(architecture, _rules(index, nursery_calls=False), _standing_tests(index), x32=index == 0),
            _program(architecture, _rules(index, nursery_calls=True), _closing_tests(index)),
        )
        for index, (machine, architecture) in enumerate(_ARCHITECTURES.items())
    }


def _rules(index: int, *, nursery_calls: bool) -> dict[int, list[int]]:
    """The numbers of calls that are always refused, by the error."""
    refused: dict[int, list[int]] = {}
    for rule in RULES:
        if rule.nursery_calls == nursery_calls:
            numbers = [number[index] for number in rule.calls.values()]
            refused.setdefault(rule.error, []).extend(number for number in numbers if number is not None)
    return refused


def _standing_tests(index: int) -> list[tuple[int, list[_Instruction]]]:
    """What each call is held to whose arguments decide: its number, and instructions that end in a verdict."""
    tests = [
        (_SOCKET[index], _only(0, SOCKET_FAMILIES, EAFNOSUPPORT)),
        (_PERSONALITY[index], _only(0, PERSONALITIES, EPERM)),
        (_IOCTL[index], [*_argument(1), *_refuse(TERMINAL_TRICKS), _return(_ALLOW)]),
    ]
    for *numbers, whom in ONLY_SELF.values():
        tests.append((numbers[index], _only(whom, (0,), EPERM)))
    return tests


def _closing_tests(index: int) -> list[tuple[int, list[_Instruction]]]:
    flags = [*_argument(0), (_ANY_BIT, 0, 1, NAMESPACE_FLAGS), _return(_ERROR | EPERM), _return(_ALLOW)]
    return [(_CLONE[index], flags)]


def _program(
    architecture: int,
    refused: dict[int, list[int]],
    tests: list[tuple[int, list[_Instruction]]],
    *,
    x32: bool = False,
) -> bytes:
    """Assembles a filter: foreign architectures' calls kill, then come the tests, then the calls always refused."""
    body: list[_Instruction] = [(_LOAD, 0, 0, _NUMBER_AT)]
    if x32:
        body += [(_AT_LEAST, 0, 1, _X32_BIT), _return(_KILL)]
    for number, test in tests:
        body += [(_EQUAL, 0, len(test), number), *test]
    for error, numbers in refused.items():
        # Each jumps to the verdict behind the last of them, which the others skip.
        body += [(_EQUAL, len(numbers) - at, 0, number) for at, number in enumerate(numbers)]
        body += [(_JUMP, 0, 0, 1), _return(_ERROR | error)]
    known = [(_LOAD, 0, 0, _ARCHITECTURE_AT), (_EQUAL, 1, 0, architecture), _return(_KILL)]
    return b"".join(_INSTRUCTION.pack(*instruction) for instruction in [*known, *body, _return(_ALLOW)])


def _argument(index: int) -> list[_Instruction]:
    return [(_LOAD, 0, 0, _ARGUMENTS_AT + 8 * index)]


def _only(argument: int, values: tuple[int, ...], error: int) -> list[_Instruction]:
    allowed = [step for value in values for step in ((_EQUAL, 0, 1, value), _return(_ALLOW))]
    return [*_argument(argument), *allowed, _return(_ERROR | error)]


def _refuse(values: tuple[int, ...]) -> list[_Instruction]:
    return [step for value in values for step in ((_EQUAL, 0, 1, value), _return(_ERROR | EPERM))]


def _return(action: int) -> _Instruction:
    return (_RETURN, 0, 0, action)
