# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to open each setting of /proc/sys, /sys and the control groups for writing, and to add files to /dev
# CORRECT: none opens, and no file can be made outside /work and /tmp
# KIND: iso
import os

SETTINGS = ("/proc/sys", "/proc/irq", "/proc/acpi", "/sys/fs/cgroup", "/sys/kernel", "/sys/power", "/sys/bus")
SINGLE = ("/proc/sysrq-trigger", "/proc/mtrr", "/proc/scsi/scsi", "/proc/bus/pci/devices")
OWN = {"oom_score_adj": "-1000", "uid_map": "0 0 1", "gid_map": "0 0 1", "setgroups": "allow"}
FOLDERS = ("/", "/dev", "/dev/shm", "/dev/mqueue", "/dev/pts", "/run", "/var/tmp", "/etc", "/usr/lib", "/home", "/sys")


def settings():
    for top in SETTINGS:
        for folder, _, names in os.walk(top):
            yield from (os.path.join(folder, name) for name in names)
            if top == "/sys/fs/cgroup":
                yield os.path.join(folder, "made", "")
    yield from SINGLE


opened = 0
for path in settings():
    try:
        if path.endswith("/"):
            os.mkdir(path)
        else:
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        continue
    opened += 1
    if opened <= 20:
        print("PWNED may write", path)
for folder in FOLDERS:
    try:
        with open(f"{folder}/written", "w"):
            print("PWNED made a file in", folder)
    except OSError as error:
        print(folder, error.strerror)
for name, text in OWN.items():
    try:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
        print("PWNED wrote", text, "to", name)
    except OSError as error:
        print(name, error.strerror)
print("tried")
