# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to type into a terminal (TIOCSTI, TIOCLINUX): one that it inherited, the console, one of its own
# CORRECT: there is none to be had but its own, and typing is refused there too
# KIND: iso
import fcntl
import os
import termios

TIOCLINUX = 0x541C
PASTE = bytes([3])


def try_to_type(name, number):
    for call, argument in ((termios.TIOCSTI, b"#"), (TIOCLINUX, PASTE)):
        try:
            fcntl.ioctl(number, call, argument)
        except OSError as error:
            print(name, hex(call), error.strerror)
        else:
            print("PWNED typed into", name, flush=True)


for number in range(3):
    try_to_type(f"descriptor {number}", number)
for path in ("/dev/tty", "/dev/console", "/dev/tty0", "/dev/tty1", "/dev/pts/0"):
    try:
        try_to_type(path, os.open(path, os.O_RDWR | os.O_NOCTTY))
    except OSError as error:
        print(path, error.strerror)
if os.fork() == 0:
    try:
        os.setsid()
        _, own = os.openpty()
        fcntl.ioctl(own, termios.TIOCSCTTY, 0)
        try_to_type("its own terminal", own)
    except OSError as error:
        print("its own terminal", error.strerror, flush=True)
    os._exit(0)
os.wait()
print("tried")
