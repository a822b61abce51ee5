# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: a file beyond the file limit: by truncate, by fallocate, by writing at a far offset
# CORRECT: each way is refused with EFBIG, and the file's size stays within the limit
# KIND: res; says: EFBIG by truncate, EFBIG by fallocate, EFBIG by pwrite; limits: file_bytes=1048576 wall_s=5
import errno
import os
import signal

LIMIT = 1 << 20
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
file = os.open("/work/large", os.O_RDWR | os.O_CREAT)
ways = {
    "truncate": lambda: os.ftruncate(file, 1 << 40),
    "fallocate": lambda: os.posix_fallocate(file, 0, LIMIT + 1),
    "pwrite": lambda: os.pwrite(file, b"x", 1 << 40),
}
for name, way in ways.items():
    try:
        way()
    except OSError as error:
        print(errno.errorcode[error.errno], "by", name)
if os.fstat(file).st_size > LIMIT:
    print("PWNED a file of", os.fstat(file).st_size, "bytes")
