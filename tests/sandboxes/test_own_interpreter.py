# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A program run by a Python that was up already does what one run by a Python of its own does."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from rsi_sandboxes import InvalidJob, Job, Limits, Sandbox, SandboxFileError

PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin")
PROGRAMS = {
    "ends": "print('out')",
    "exits_with_nothing": "raise SystemExit",
    "exits_with_a_number": "import sys; sys.exit(3)",
    "exits_with_a_large_number": "import sys; sys.exit(259)",
    "exits_with_words": "import sys; sys.exit('words')",
    "raises": "def f(): raise ValueError('why')\nf()",
    "raises_with_a_cause": "try: 1 / 0\nexcept ZeroDivisionError as error: raise KeyError('k') from error",
    "raises_what_is_no_exception": "raise BaseException('base')",
    "has_a_syntax_error": "print('a'\nx = = 1",
    "has_an_excepthook": "import sys\nsys.excepthook = lambda *them: print('hook', them[0].__name__)\n1 / 0",
    "runs_exit_functions": "import atexit; atexit.register(print, 'at exit'); print('before')",
    "waits_for_threads": (
        "import threading, time\n"
        "threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()\nprint('main')"
    ),
    "leaves_a_daemon_thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nprint('main')"
    ),
    "leaves_output_unflushed": "import sys; sys.stdout.write('no newline'); sys.stderr.write('err')",
    "leaves_a_file_open": "f = open('/tmp/left', 'w'); f.write('x' * 10); print(repr(open('/tmp/left').read()))",
    "replaces_stdout": "import io, sys; print('first'); sys.stdout = io.StringIO(); print('kept to itself')",
    "closes_stdout": "import sys; print('first'); sys.stdout.close()",
    "reads_to_the_end": "import sys; print(sys.stdin.read().upper(), end=''); print(input())",
    "prints_surrogates": "import sys; print('\\udc80 ä'); print('\\udc80', file=sys.stderr)",
    "reads_bytes": "import sys; print(sys.stdin.buffer.read())",
    "looks_at_itself": "import sys; print(__name__, sys.argv, sys.flags.isolated, sys.flags.no_site)",
    "has_builtins": "print(__builtins__, sorted(n for n in globals() if n != '__builtins__'))",
    "recurses": "def f(n): return f(n + 1)\ntry: f(0)\nexcept RecursionError: print('deep')",
    "ignores_pipe_signals": "import signal; print([signal.getsignal(n) for n in (signal.SIGPIPE, signal.SIGXFSZ)])",
    "interrupts_itself": "import signal\ntry: signal.raise_signal(2)\nexcept KeyboardInterrupt: print('caught')",
    "collects_garbage": "import gc; print(gc.isenabled())",
    "prints_its_encoding": "import sys; print(sys.stdin.encoding, sys.stdout.errors, sys.stderr.errors)",
    "exits_in_a_finally": "import sys\ntry: 1 / 0\nfinally: sys.exit(5)",
    "deletes_on_exit": "class C:\n    def __del__(self): print('deleted')\nc = C()",
}


@pytest.fixture(scope="module")
def plain() -> dict[str, subprocess.CompletedProcess[bytes]]:
    """What a Python of its own makes of each program."""
    if PYTHON is None:
        pytest.skip("no python3 of the system's to compare with")
    environment = {"LANG": "C.UTF-8", "HOME": "/work", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    return {
        name: subprocess.run(
            [PYTHON, "-I", "-S", "-c", source, "argument"],
            input="ein wört\n".encode(), capture_output=True, env=environment, check=False, timeout=60,
        )
        for name, source in PROGRAMS.items()
    }  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_does_the_same(name: str, sandbox: Sandbox, plain: dict[str, subprocess.CompletedProcess[bytes]]) -> None:
    job = Job(("python3", "-I", "-S", "-c", PROGRAMS[name], "argument"), stdin="ein wört\n".encode())
    got, wanted = sandbox.run(job), plain[name]
    assert (got.stdout, got.exit_code) == (wanted.stdout, wanted.returncode)
    assert got.stderr == wanted.stderr


def run(sandbox: Sandbox, source: str, **options: object) -> bytes:
    result = sandbox.run(Job(("python3", "-I", "-S", "-c", source), **options))  # type: ignore[arg-type]
    assert result.ok, result
    return result.stdout


def test_it_has_its_files_its_environment_and_no_more(sandbox: Sandbox) -> None:
    source = "import os; print(sorted(os.environ), os.environ['WORD'], open('a/b').read(), os.getcwd())"
    got = run(sandbox, source, env={"WORD": "wört"}, files={"a/b": b"content"})
    assert got.decode() == "['HOME', 'LANG', 'PATH', 'WORD'] wört content /work\n"
    assert run(sandbox, "import os; print(sorted(os.environ))") == b"['HOME', 'LANG', 'PATH']\n"


def test_it_reads_and_writes_more_than_a_pipe_holds(sandbox: Sandbox) -> None:
    data = bytes(range(256)) * 8192
    source = "import sys; data = sys.stdin.buffer.read(); sys.stdout.buffer.write(data[::-1])"
    assert run(sandbox, source, stdin=data, limits=Limits(output_bytes=len(data))) == data[::-1]


def test_it_may_leave_its_stdin_unread(sandbox: Sandbox) -> None:
    assert run(sandbox, "print('done')", stdin=bytes(4_000_000)) == b"done\n"


def test_what_cannot_be_started_is_refused_and_the_next_runs(sandbox: Sandbox) -> None:
    for command, env in ((("-c", "a\0b"), {}), (("-c", "pass", "\ud800"), {}), (("-c", "pass"), {"A=B": "x"})):
        with pytest.raises(InvalidJob):
            sandbox.run(Job(("python3", "-I", "-S", *command), env=env))
    with pytest.raises(SandboxFileError):
        run(sandbox, "pass", files={"big": bytes(2_000_000)}, limits=Limits(disk_bytes=1_000_000))
    assert run(sandbox, "print('next')") == b"next\n"
