# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to trap who reads its files: links out, pipes, sockets, loops, files that change or are leased meanwhile
# CORRECT: the reader refuses each, or gets the file's own content, and never waits
# KIND: iso
import fcntl
import os
import signal
import socket
import time

os.makedirs("/work/traps", exist_ok=True)
os.chdir("/work/traps")
os.symlink("/etc/hostname", "link")
os.symlink("/proc/1/environ", "environ-link")
os.symlink("/dev/zero", "zeros")
os.symlink("loop", "loop")
os.symlink("/proc/self", "self")
os.mkfifo("pipe")
os.mkdir("folder")
socket.socket(socket.AF_UNIX).bind("socket")
for name in ("leased", "unreadable", "changing", "growing"):
    with open(name, "w") as file:
        file.write("content")
os.chmod("unreadable", 0)
ready, tell = os.pipe()
if os.fork() == 0:
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    fcntl.fcntl(os.open("leased", os.O_RDWR), fcntl.F_SETLEASE, fcntl.F_WRLCK)
    os.write(tell, b"leased")
    os.closerange(0, 3)
    growing = os.open("growing", os.O_WRONLY | os.O_APPEND)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for target in ("/proc/1/environ", "pipe"):
            os.symlink(target, "next")
            os.rename("next", "changing")
            with open("next", "w") as file:
                file.write("content")
            os.rename("next", "changing")
        try:
            os.write(growing, b"x" * 4096)
        except OSError:
            time.sleep(0.01)
    os._exit(0)
os.close(tell)
os.read(ready, 16)
print("tried", flush=True)
