# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The filter of system calls says what its tables say, by a machine that runs it as the kernel does."""

from __future__ import annotations

import errno
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_sandboxes import seccomp

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
I386 = 0x40000003
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000


def run_filter(program: bytes, number: int, architecture: int, arguments: tuple[int, ...] = ()) -> int:
    """Runs a classic BPF program on a `struct seccomp_data`; returns its verdict."""
    padded = (*arguments, *[0] * 6)[:6]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *padded)
    accumulator, at = 0, 0
    while True:
        code, yes, no, value = struct.unpack_from("<HBBI", program, 8 * at)
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x06:
            return int(value)
        elif code == 0x05:
            at += value
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[code]
            at += yes if holds else no


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What a call meets that passes both programs; the kernel takes the stricter verdict, which is the smaller."""
    filters = seccomp.call_filters()[machine]
    meets = architecture or ARCHITECTURES[machine][1]
    verdicts = [run_filter(program, number, meets, arguments) for program in (filters.standing, filters.closing)]
    return KILL if KILL in verdicts else min(verdicts)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_each_call_in_the_table_is_refused_with_its_error(machine: str) -> None:
    index, _ = ARCHITECTURES[machine]
    for rule in seccomp.RULES:
        for name, numbers in rule.calls.items():
            number = numbers[index]
            if number is not None:
                assert verdict(machine, number) == ERROR | rule.error, name


@pytest.mark.parametrize("machine", ARCHITECTURES)
@given(number=st.integers(0, 600), arguments=st.tuples(*[st.integers(0, 2**64 - 1)] * 6))
def test_no_other_call_is_refused(machine: str, number: int, arguments: tuple[int, ...]) -> None:
    index, _ = ARCHITECTURES[machine]
    refused = {numbers[index] for rule in seccomp.RULES for numbers in rule.calls.values()}
    by_arguments = {numbers[index] for numbers in seccomp.ONLY_SELF.values()}
    by_arguments |= {seccomp._CLONE[index], seccomp._SOCKET[index], seccomp._IOCTL[index], seccomp._PERSONALITY[index]}
    if number not in refused | by_arguments:
        assert verdict(machine, number, *arguments) == ALLOW


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_arguments_decide_where_they_must(machine: str) -> None:
    index, _ = ARCHITECTURES[machine]
    refused = ERROR | errno.EPERM
    fork = 17 | 0x01200000  # SIGCHLD and what glibc's fork adds
    assert verdict(machine, seccomp._CLONE[index], fork) == ALLOW
    for shift in (17, 25, 26, 27, 28, 29, 30):
        assert verdict(machine, seccomp._CLONE[index], fork | 1 << shift) == refused
    for family in range(64):
        expected = ALLOW if family in (1, 2, 10, 16) else ERROR | errno.EAFNOSUPPORT
        assert verdict(machine, seccomp._SOCKET[index], family) == expected
    assert [verdict(machine, seccomp._IOCTL[index], 0, call) for call in (0x5401, 0x5412, 0x541C)] == [
        ALLOW,
        refused,
        refused,
    ]
    assert [verdict(machine, seccomp._PERSONALITY[index], it) for it in (0, 0xFFFFFFFF, 0x0040000)] == [
        ALLOW,
        ALLOW,
        refused,
    ]
    for *numbers, whom in seccomp.ONLY_SELF.values():
        for pid, expected in ((0, ALLOW), (1, refused), (4711, refused)):
            assert verdict(machine, numbers[index], *[0] * whom, pid) == expected


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_foreign_architectures_end_the_process(machine: str) -> None:
    others = [number for name, (_, number) in ARCHITECTURES.items() if name != machine]
    for architecture in (I386, *others):
        assert verdict(machine, 20, architecture=architecture) == KILL
    if machine == "x86_64":
        assert verdict(machine, 0x40000000 + 20) == KILL


def test_the_documentation_lists_every_rule() -> None:
    page = Path(__file__).parents[2] / "docs/worlds.md"
    if not page.exists():
        pytest.skip("the documentation is not beside these tests")
    text = page.read_text()
    for rule in seccomp.RULES:
        row = f"| {', '.join(f'`{name}`' for name in rule.calls)} | {errno.errorcode[rule.error]} | {rule.reason} |"
        assert row in text
    assert all(f"`{name}`" in text for name in seccomp.ONLY_SELF)
