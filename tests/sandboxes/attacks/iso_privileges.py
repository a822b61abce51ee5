# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to gain an id or a capability: by setuid programs, a setuid copy of its own, file capabilities and the calls
# CORRECT: no program that it starts has another effective id, and each call is refused
# KIND: iso
import ctypes
import os
import shutil
import stat
import subprocess

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 38, 39
CAPSET_VERSION_3 = 0x20080522


def setuid_programs():
    for folder in ("/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/lib/openssh", "/usr/libexec"):
        for path in (entry.path for entry in os.scandir(folder)) if os.path.isdir(folder) else ():
            try:
                if os.stat(path).st_mode & (stat.S_ISUID | stat.S_ISGID):
                    yield path
            except OSError:
                continue


def ids_of(pid):
    """Its real, effective, saved and file system ids; a program that has ended keeps them until it is waited for."""
    with open(f"/proc/{pid}/status") as status:
        return [line.split()[1:] for line in status if line.startswith(("Uid:", "Gid:"))]


own = ids_of("self")
copy = shutil.copy("/bin/sleep", "/work/copy")
os.chmod(copy, 0o6755)
for path in (*sorted({os.path.realpath(path) for path in setuid_programs()})[:20], copy):
    try:
        child = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        print(path, error.strerror)
        continue
    if ids_of(child.pid) != own:
        print("PWNED", path, "runs as", ids_of(child.pid))
    else:
        print(path, "has no other ids")
    child.kill()
    child.wait()
attempts = {
    "setuid": lambda: os.setuid(0),
    "setresuid": lambda: os.setresuid(0, 0, 0),
    "setgid": lambda: os.setgid(0),
    "setgroups": lambda: os.setgroups([0]),
    "chown": lambda: os.chown(copy, 0, 0),
    "file capability": lambda: os.setxattr(copy, "security.capability", b"\1\0\0\2" + b"\xff" * 8 + bytes(8)),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except OSError as error:
        print(name, error.strerror)
    else:
        print("PWNED", name)
header = (ctypes.c_uint32 * 2)(CAPSET_VERSION_3, 0)
if libc.capset(header, (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)) == 0:
    print("PWNED capset")
if libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 or libc.prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0:
    print("PWNED new privileges are possible")
print("tried")
