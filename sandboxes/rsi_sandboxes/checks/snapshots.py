# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Sessions that begin with the files of another."""

from __future__ import annotations

from rsi_sandboxes.checks.suite import Theme, expect, ok
from rsi_sandboxes.errors import SandboxFileError, SessionClosed
from rsi_sandboxes.limits import MIB, Limits
from rsi_sandboxes.protocol import Sandbox

check = Theme()

_PREPARE = r"""
import os
os.makedirs('deep/er/empty')
open('deep/text', 'w').write('text')
open('/tmp/note', 'w').write('note')
open('big', 'wb').write(bytes(range(256)) * 36_000)
open('tool', 'w').write('#!/bin/sh\necho ran')
os.chmod('tool', 0o755)
open(b'name \\ \n \xff', 'w').close()
os.symlink('deep/text', 'link')
os.symlink('/proc/1', 'away')
os.link('deep/text', 'second')
os.mkfifo('fifo')
open('denied', 'w').write('denied')
os.mkdir('closed')
open('closed/inner', 'w').write('inner')
os.chmod('denied', 0)
os.chmod('closed', 0)
os.utime('deep/text', ns=(10**18 + 1, 10**18 + 1))
os.utime('deep', ns=(10**18 + 2, 10**18 + 2))
"""
_DESCRIBE = r"""
import hashlib, os, stat
for top in ('/work', '/tmp'):
    for folder, folders, files in os.walk(top):
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            facts = os.lstat(path)
            if not facts.st_mode & stat.S_IRUSR and not stat.S_ISLNK(facts.st_mode):
                os.chmod(path, 0o700)
            what = os.readlink(path) if os.path.islink(path) else ''
            if stat.S_ISREG(facts.st_mode):
                what = hashlib.sha256(open(path, 'rb').read()).hexdigest()
            print(ascii(path), oct(facts.st_mode), facts.st_mtime_ns, facts.st_nlink, what)
        folders.sort()
"""


@check
def a_snapshot_begins_other_sessions_as_this_one_was(sandbox: Sandbox) -> None:
    describe = ["python3", "-I", "-S", "-c", _DESCRIBE]
    with sandbox.session() as session:
        ok(session.exec(["python3", "-I", "-S", "-c", _PREPARE]))
        session.start(["sleep", "60"])
        snapshot = session.snapshot()
        expected = ok(session.exec(describe)).stdout
        expect(expected.count(b"\n") == 15, "15 things to keep", expected)
        session.write_file("later", b"")
    for _ in range(2):
        with sandbox.session(snapshot=snapshot) as session:
            result = ok(session.exec(describe))
            expect(result.stdout == expected, expected.decode(), result)
            expect(ok(session.exec(["./tool"])).stdout == b"ran\n", "a program that still runs", None)
            session.write_file("deep/text", b"other")
            expect(session.read_file("second") == b"other", "one file under two names", None)
            sleepers = "import os; print(sum(name.isdigit() for name in os.listdir('/proc')))"
            result = ok(session.exec(["python3", "-I", "-S", "-c", sleepers]))
            expect(result.stdout == b"2\n", "no process but the supervisor and this one", result)


@check
def a_snapshot_that_does_not_fit_is_refused(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        session.write_file("big", bytes(3 * MIB))
        snapshot = session.snapshot()
        ok(session.exec(["rm", "big"]))
        source = "for name in range(20): open(str(name), 'wb').truncate(60_000_000)"
        ok(session.exec(["python3", "-I", "-S", "-c", source]))
        try:
            session.snapshot()
        except SandboxFileError:
            ok(session.exec(["true"]))
        else:
            expect(False, "SandboxFileError for holes beyond all bounds", None)
    try:
        sandbox.session(Limits(disk_bytes=MIB), snapshot=snapshot)
    except SandboxFileError:
        return
    expect(False, "SandboxFileError for a world too small", None)


@check
def a_closed_session_gives_no_snapshot(sandbox: Sandbox) -> None:
    session = sandbox.session()
    session.close()
    try:
        snapshot = session.snapshot()
    except SessionClosed:
        return
    expect(False, "SessionClosed", snapshot)
