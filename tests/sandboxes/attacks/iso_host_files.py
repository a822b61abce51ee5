# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to read the host's secrets, sockets and kernel memory, by their own paths and round about
# CORRECT: none of them is there or readable
# KIND: iso
import os
import socket

canary = os.environ.get("CANARY_FILE", "/var/tmp/canary_secret")
ways = ["", "/proc/self/root", "/proc/self/cwd/../../..", "/proc/1/root", "/proc/thread-self/root", "/../../.."]
for path in [way + canary for way in ways]:
    if os.path.exists(path):
        print("PWNED the canary is at", path)
for root, folders, files in os.walk("/"):
    if root == "/":
        folders[:] = set(folders) - {"proc", "sys", "usr"}
    if os.path.basename(canary) in files or "rsi_sandboxes" in folders:
        print("PWNED a file of the host in", root)
for path in (
    "/etc/shadow", "/etc/gshadow", "/etc/ssh/ssh_host_ed25519_key", "/root/.ssh", "/root/.bash_history", "/proc/kcore",
    "/proc/kmsg", "/proc/vmallocinfo", "/proc/sched_debug", "/proc/timer_list", "/sys/firmware/dmi/tables/DMI",
    "/sys/kernel/debug/sched", "/sys/kernel/security/lsm", "/var/lib/docker", "/run/containerd", "/proc/1/root/etc",
):  # fmt: skip
    if path.startswith("/proc/1/") and os.getpid() == 1:
        continue  # its own root
    try:
        got = os.listdir(path) if os.path.isdir(path) else os.read(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 64)
        print("PWNED" if got else "empty", path, got)
    except OSError as error:
        print(path, error.strerror)
for path in ("/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock", "/run/systemd/private"):
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print("PWNED reached", path)
    except OSError as error:
        print(path, error.strerror)
try:
    with open("/proc/kallsyms") as file:
        if int(file.readline().split()[0], 16):
            print("PWNED the kernel's addresses")
except (OSError, IndexError):
    print("no kernel symbols")
print("tried")
