# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to leave daemons: one that keeps stdout open, one that closed all, one that begets its successor for ever
# CORRECT: the job ends when its first process does, and all daemons with it
# KIND: iso; limits: wall_s=10
import os
import signal
import time


def detach(run):
    """Runs something in a grandchild of a session of its own."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            run()
        os._exit(0)
    os.wait()


def hold():
    time.sleep(60)


def vanish():
    os.closerange(0, 256)
    os.chdir("/")
    time.sleep(60)


def beget():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if os.fork():
                os._exit(0)
        except OSError:
            continue


for life in (hold, vanish, beget):
    detach(life)
print("tried", flush=True)
