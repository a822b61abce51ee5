# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Programs on a terminal of their own."""

from __future__ import annotations

import time

from rsi_sandboxes.checks.suite import Theme, expect, ok
from rsi_sandboxes.errors import InvalidJob
from rsi_sandboxes.protocol import Process, Sandbox
from rsi_sandboxes.terminal import Terminal

check = Theme()


def _shown(process: Process, awaited: bytes) -> bytes:
    """What the terminal shows up to the awaited text, or within some seconds."""
    shown, deadline = b"", time.monotonic() + 10
    while awaited not in shown and time.monotonic() < deadline:
        try:
            shown += process.read(1)
        except TimeoutError:
            continue
    return shown


@check
def a_terminal_is_the_program_s_own(sandbox: Sandbox) -> None:
    source = """
import os
size = os.get_terminal_size()
with open('/dev/tty', 'w') as terminal: print('controls', file=terminal, flush=True)
print([os.isatty(fd) for fd in (0, 1, 2)], size.lines, size.columns, os.environ['TERM'], os.getsid(0) == os.getpid())
"""
    with sandbox.session() as session:
        process = session.start(["python3", "-I", "-S", "-c", source], terminal=Terminal(rows=30, columns=100))
        result = ok(process.wait())
        lines = result.stdout.decode().splitlines()
        said = "[True, True, True] 30 100 xterm-256color True"
        expect(lines == ["controls", said] or lines == ["^D", "controls", said], "a terminal of 30 by 100", result)
        process = session.start(["sh", "-c", "echo $TERM"], terminal=Terminal(), env={"TERM": "dumb"})
        expect(b"dumb" in process.wait().stdout, "TERM as given", None)


@check
def a_shell_converses_on_a_terminal_while_calls_go_on(sandbox: Sandbox) -> None:
    with sandbox.session() as session:
        shell = session.start(["sh", "-i"], terminal=Terminal(), env={"PS1": "> "})
        expect(_shown(shell, b"> ").endswith(b"> "), "a prompt", None)
        shell.send(b"name=world; echo hello, $name\n")
        shown = _shown(shell, b"\r\nhello, world\r\n> ")
        expect(shown.startswith(b"name=world; echo hello, $name\r\n"), "an echo of what was typed", shown)
        expect(shown.endswith(b"\r\nhello, world\r\n> "), "an answer and a prompt", shown)
        ok(session.exec(["true"]))
        shell.send(b"echo $name again > file; echo written\n")
        _shown(shell, b"\r\nwritten\r\n> ")
        expect(ok(session.exec(["cat", "file"])).stdout == b"world again\n", "what the shell remembers", None)
        ok(shell.wait())


@check
def ctrl_c_interrupts_the_foreground_and_not_the_shell(sandbox: Sandbox) -> None:
    with sandbox.session() as session, session.start(["sh", "-i"], terminal=Terminal(), env={"PS1": "> "}) as shell:
        _shown(shell, b"> ")
        # Python heeds a signal that comes just before a sleep after it, so none may be long.
        session.write_file("wait.py", b"import time; print('begun', flush=True)\nwhile True: time.sleep(0.1)")
        shell.send(b"python3 -I -S wait.py\n")
        expect(b"begun" in _shown(shell, b"begun"), "a program that runs", None)
        shell.send(b"\x03")
        _shown(shell, b"> ")
        shell.send(b"echo still he''re\n")
        shown = _shown(shell, b"still here")
        expect(b"still here" in shown, "a shell that lives on", shown)


@check
def a_terminal_that_is_resized_tells_its_program(sandbox: Sandbox) -> None:
    source = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])
print('ready', flush=True)
while True:
    signal.sigwait([signal.SIGWINCH])
    print(*os.get_terminal_size(), flush=True)
"""
    with sandbox.session() as session:
        with session.start(["python3", "-I", "-S", "-c", source], terminal=Terminal()) as process:
            _shown(process, b"ready")
            process.resize(rows=50, columns=132)
            shown = _shown(process, b"132 50")
            expect(b"132 50" in shown, "132 columns and 50 rows", shown)
        with session.start(["cat"]) as process:
            try:
                process.resize(50, 132)
            except InvalidJob:
                return
            expect(False, "InvalidJob where there is no terminal", None)


@check
def nobody_else_sees_a_terminal(sandbox: Sandbox) -> None:
    look = ["python3", "-I", "-S", "-c", "import os; print(sorted(os.listdir('/dev/pts')), flush=True); input()"]
    with sandbox.session() as one, sandbox.session() as other:
        first, second = (session.start(look, terminal=Terminal()) for session in (one, other))
        lists = [process.read_line(10) for process in (first, second)]
        expect(lists == [b"['0', 'ptmx']\r"] * 2, "each session's own terminal alone", lists)


@check
def nothing_types_into_a_terminal_but_its_owner(sandbox: Sandbox) -> None:
    source = (
        "import fcntl\ntry: fcntl.ioctl(0, 0x5412, b'x'); print('ty' + 'ped')\nexcept OSError: print('re' + 'fused')"
    )
    with sandbox.session() as session:
        result = ok(session.start(["python3", "-I", "-S", "-c", source], terminal=Terminal()).wait())
        expect(b"refused" in result.stdout and b"typed" not in result.stdout, "TIOCSTI refused", result)
