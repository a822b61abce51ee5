# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to find what its maker left open or set: descriptors, variables, a controlling terminal, a foreign group
# CORRECT: three descriptors, none of them a file or terminal; four variables and those of the job; no terminal
# KIND: iso
import fcntl
import os

GIVEN = {"PATH", "HOME", "LANG", "LC_CTYPE", "PWD", "CANARY_FILE"}
for name in set(os.environ) - GIVEN:
    print("PWNED variable", name)
for number in range(3, 4096):
    try:
        fcntl.fcntl(number, fcntl.F_GETFD)
    except OSError:
        continue
    print("PWNED descriptor", number)
for number in range(3):
    try:
        target = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        continue
    if os.isatty(number) or (target.startswith("/") and target != os.devnull):
        print("PWNED descriptor", number, "leads to", target)
for name in filter(str.isdigit, os.listdir("/proc")):
    for kind in ("environ", "cmdline"):
        try:
            with open(f"/proc/{name}/{kind}", "rb") as file:
                text = file.read()
        except OSError:
            continue
        # Written in two parts, for the command line holds this program's text.
        if b"SBX_" + b"SECRET" in text:
            print("PWNED a secret in", kind, "of", name)
try:
    os.close(os.open("/dev/tty", os.O_RDWR))
    print("PWNED a controlling terminal")
except OSError as error:
    print(error)
print("tried")
