# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a bubblewrap world shows of the host, and how it fails."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from rsi_sandboxes import BackendUnavailable, Job, make_sandbox
from rsi_sandboxes.bubblewrap import maker
from rsi_sandboxes.bubblewrap.maker import Maker
from rsi_sandboxes.bubblewrap.sandbox import BubblewrapSandbox
from tests.components import need

PACKAGES = """
import glob, os, sys
for prefix in ('/usr', '/usr/local', os.path.dirname(os.path.dirname(os.path.realpath(sys.executable)))):
    for kind in ('site', 'dist'):
        for folder in glob.glob(f'{prefix}/lib*/python3*/{kind}-packages'):
            print(folder, os.listdir(folder))
            try:
                open(folder + '/written', 'w').close()
                print('written')
            except OSError:
                pass
"""


def hidden(command: list[str]) -> set[str]:
    return {command[at + 1] for at, word in enumerate(command) if word == "--tmpfs"}


def test_installed_packages_are_out_of_sight() -> None:
    need("bubblewrap")
    result = make_sandbox("bubblewrap").run(Job(("python3", "-I", "-S", "-c", PACKAGES)))
    assert result.ok, result
    assert all(line.endswith("[]") for line in result.stdout.decode().splitlines()), result.stdout


def test_packages_below_the_interpreter_s_prefix_are_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = tmp_path / "lib/python3.11/site-packages"
    checkout = tmp_path / "src"
    for folder in (packages, checkout / "rsi_sandboxes/bubblewrap"):
        folder.mkdir(parents=True)
    monkeypatch.setattr(maker, "__file__", str(checkout / "rsi_sandboxes/bubblewrap/maker.py"))
    parts = maker._hidden_packages(str(tmp_path / "bin/python3"))
    assert {str(packages), str(checkout)} <= hidden(parts)
    assert parts.count("--remount-ro") == parts.count("--tmpfs")


@pytest.mark.parametrize(
    ("prefix", "shown"),
    [("/", False), ("/home/me", False), ("/home", False), ("/home/me/.pyenv/versions/3.11.7", True), ("/usr", True)],
)
def test_a_python_whose_prefix_is_a_home_or_the_disk_is_no_candidate(
    prefix: str, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert maker._may_be_shown(Path(prefix)) is shown


def test_a_home_is_never_offered_as_a_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "bin/python3"
    python.parent.mkdir()
    python.touch()
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("HOME", "/home/me")
    assert str(python) in maker._pythons()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(python) not in maker._pythons()


def test_a_binary_that_went_away_is_an_unavailable_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    need("bubblewrap")
    gone = Maker("/nonexistent/bwrap", maker.find_maker().python)
    monkeypatch.setattr("rsi_sandboxes.bubblewrap.sandbox.find_maker", lambda: gone)
    sandbox = BubblewrapSandbox()
    with pytest.raises(BackendUnavailable, match="nonexistent"):
        sandbox.run(Job(("true",)))


# add_key, keyctl: their numbers; -3 is the session keyring, 1 joins one, 10 searches.
KEY_OWNER = """
import ctypes, sys
from rsi_sandboxes import Job, make_sandbox
libc = ctypes.CDLL(None)
libc.syscall.restype = ctypes.c_long
add_key, keyctl = map(ctypes.c_long, (ADD_KEY, KEYCTL))
if libc.syscall(keyctl, ctypes.c_long(1), None) < 0:
    sys.exit("no keyrings here")
assert libc.syscall(add_key, b"user", b"owners", b"secret", ctypes.c_long(6), ctypes.c_long(-3)) > 0
prelude = "import ctypes; c = ctypes.CDLL(None); c.syscall.restype = l = ctypes.c_long;"
add = f"print(c.syscall(l({ADD_KEY}), b'user', b'jobs', b'x', l(1), l(-3)));"
search = f"print(c.syscall(l({KEYCTL}), l(10), l(-3), b'user', b'owners', l(0)))"
print(make_sandbox("bubblewrap").run(Job(("python3", "-I", "-S", "-c", prelude + add + search))).stdout.decode())
"""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="knows no number of keyctl here")
def test_programs_neither_find_their_owner_s_keys_nor_keep_any() -> None:
    need("bubblewrap")
    add_key, keyctl = {"x86_64": (248, 250), "aarch64": (217, 219)}[platform.machine()]
    source = f"ADD_KEY, KEYCTL = {add_key}, {keyctl}\n{KEY_OWNER}"
    path = ":".join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    if "no keyrings here" in done.stderr:
        pytest.skip("the kernel or its filter grants no keyrings here")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["-1", "-1"]
