# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to open and to make device nodes: memory, disks, KVM, FUSE, tunnels, loop and log devices
# CORRECT: /dev holds nothing but the harmless few, and mknod is refused
# KIND: iso
import os
import stat

HARMLESS = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "console"}
WANTED = {
    "mem": (1, 1), "port": (1, 4), "kmsg": (1, 11), "kvm": (10, 232), "fuse": (10, 229), "tun": (10, 200),
    "loop-control": (10, 237), "userfaultfd": (10, 126), "vhost-vsock": (10, 241), "null": (1, 3),
}  # fmt: skip
DISKS = {"sda": (8, 0), "vda": (254, 0), "loop0": (7, 0), "ram0": (1, 0)}


def try_to_open(path):
    for flags in (os.O_RDWR, os.O_RDONLY):
        try:
            os.close(os.open(path, flags | os.O_NONBLOCK))
        except OSError:
            continue
        print("PWNED opened", path)


for folder, _, names in os.walk("/dev"):
    for name in names:
        path = os.path.join(folder, name)
        device = stat.S_ISCHR(os.lstat(path).st_mode) or stat.S_ISBLK(os.lstat(path).st_mode)
        if device and name not in HARMLESS and not folder.startswith("/dev/pts"):
            try_to_open(path)
for kind, table in ((stat.S_IFCHR, WANTED), (stat.S_IFBLK, DISKS)):
    for name, numbers in table.items():
        if name not in HARMLESS:
            try_to_open(f"/dev/{name}")
        for folder in ("/work", "/tmp", "/dev"):
            try:
                os.mknod(f"{folder}/made-{name}", kind | 0o666, os.makedev(*numbers))
            except OSError as error:
                print(folder, name, error.strerror)
            else:
                print("PWNED made", name, "in", folder)
print("tried")
