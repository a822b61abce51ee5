# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to fill the writable places, with files that stay and with files that are deleted but open
# CORRECT: each place refuses more with ENOSPC at the disk limit
# KIND: res; says: ENOSPC in /work, ENOSPC in /tmp; limits: disk_bytes=16777216 wall_s=15
import errno
import os

MIB = 1 << 20
LIMIT = 16
held = []
for place in ("/work", "/tmp"):
    written = 0
    try:
        while written < 8 * LIMIT:
            path = f"{place}/{written}"
            held.append(os.open(path, os.O_RDWR | os.O_CREAT))
            if written % 2:
                os.unlink(path)
            os.posix_fallocate(held[-1], 0, MIB)
            written += 1
    except OSError as error:
        print(errno.errorcode[error.errno], "in", place)
    if written > LIMIT:
        print("PWNED", written, "MiB in", place)
for place in ("/dev/shm", "/dev", "/dev/mqueue", "/run", "/var/tmp"):
    try:
        with open(f"{place}/filled", "wb") as file:
            file.write(bytes(MIB))
        print("PWNED a file in", place)
    except OSError as error:
        print(errno.errorcode[error.errno], "in", place)
