# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: 100,000 empty files in each writable place, whose inodes would be kernel memory that no size counts
# CORRECT: both places refuse more with ENOSPC long before, or the job ends by its memory limit
# KIND: res; stopped_by: none, memory_bytes; says: ENOSPC in /work, ENOSPC in /tmp; limits: wall_s=20 cpu_s=20
import errno
import os
import stat

MOST = 100_000
for place in ("/work", "/tmp"):
    made = 0
    try:
        while made < MOST:
            os.mknod(f"{place}/{made}", stat.S_IFREG)
            made += 1
    except OSError as error:
        print(errno.errorcode[error.errno], "in", place, "after", made, flush=True)
    if made == MOST:
        print("PWNED", made, "files in", place, flush=True)
