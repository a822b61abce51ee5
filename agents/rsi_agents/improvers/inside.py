# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Runs an improver in a world: asks the host in its name, and tells the host what it attempts.

Handed as text to the world's Python, from 3.9 on. What is told here is told by the improver's own process, which could
keep it to itself by going below Python; the walls are the world's, and hold either way.

A line of JSON a message. From the host: first what to do, then `{"answer": …}` or `{"refused": why}` to each call. To
the host: `{"call": "utility", "program": …}`, `{"call": "language_model", "prompts": […]}`,
`{"attempt": kind, "what": …}`, and at the end `{"done": program}` or `{"failed": why}`.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

WRITABLE = ("/work", "/tmp", "/dev/null")  # noqa: S108 - the world's own
READABLE = (*WRITABLE, "/dev/urandom", "/usr/share/zoneinfo")
NETWORK = {
    *("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"),
    *("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"),
}
PROCESSES = {
    *("subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"),
    *("os.kill", "os.killpg", "signal.pthread_kill"),
}
NATIVE = {"ctypes.dlopen", "ctypes.dlsym"}
FILES = {
    **dict.fromkeys(("open", "os.listdir", "os.scandir", "os.chdir", "os.mkdir", "os.rmdir", "os.remove"), 1),
    **dict.fromkeys(("os.truncate", "os.chmod", "os.chown", "os.utime"), 1),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink"), 2),
}
"""How many paths an event begins with."""


class CallRefused(RuntimeError):
    """The host does not answer this call: there were too many, say."""


class Channel:
    """The way to the host, out of reach of what the improver prints."""

    def __init__(self) -> None:
        self._orders = os.fdopen(os.dup(0), "rb")
        self._out = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        os.close(nothing)
        self._lock = threading.RLock()

    def next_order(self) -> Any:
        return json.loads(self._orders.readline())

    def say(self, **message: Any) -> None:
        data = json.dumps(message).encode("ascii") + b"\n"
        with self._lock:
            while data:
                data = data[os.write(self._out, data) :]

    def ask(self, **message: Any) -> Any:
        with self._lock:
            self.say(**message)
            order = self.next_order()
        if "refused" in order:
            raise CallRefused(order["refused"])
        return order["answer"]


class Utility:
    """Tells how good a program is: `utility(program)` is a number, the greater the better.

    `task` says what programs are for, `left` how often it may still be asked.
    """

    def __init__(self, channel: Channel, task: str, left: int) -> None:
        self._channel, self.task, self.left = channel, task, left

    def __call__(self, program: str) -> float:
        if not isinstance(program, str):
            raise TypeError(f"a program is a str, not {type(program).__name__}")
        self.left -= 1
        return float(self._channel.ask(call="utility", program=program))


class LanguageModel:
    """Answers prompts: `language_model(prompts)` is a list of replies, one for each.

    `left` says how many prompts it still takes.
    """

    def __init__(self, channel: Channel, left: int) -> None:
        self._channel, self.left = channel, left

    def __call__(self, prompts: list[str]) -> list[str]:
        prompts = list(prompts)
        if not all(isinstance(prompt, str) and len(prompt) > 0 for prompt in prompts):
            raise TypeError("prompts are a list of str, none of them empty")
        self.left -= len(prompts)
        return list(self._channel.ask(call="language_model", prompts=prompts))


def watch(channel: Channel) -> None:
    """Tells the host from here on of all that an improver has no business with."""
    readable = (*READABLE, *filter(None, sys.path))

    def within(path: Any, folders: tuple[str, ...]) -> bool:
        if path is None or isinstance(path, int):
            return True  # the working directory, or a descriptor that was had by a path
        # Links are followed, so that one that lies in the world and leads out of it is seen through.
        real = os.path.realpath(os.fsdecode(path))
        return any(real == folder or real.startswith(folder + "/") for folder in folders)

    def writes(args: tuple[Any, ...]) -> bool:
        _, mode, flags = args
        flags = flags if isinstance(flags, int) else 0
        return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)) or bool(set(mode or "") & set("wax+"))

    def kind_of(event: str, args: tuple[Any, ...]) -> str | None:
        if event in FILES:
            reads = event in ("os.listdir", "os.scandir", "os.chdir") or (event == "open" and not writes(args))
            inside = all(within(path, readable if reads else WRITABLE) for path in args[: FILES[event]])
            return None if inside else "files"
        for kind, events in (("network", NETWORK), ("processes", PROCESSES), ("native", NATIVE)):
            if event in events:
                return kind
        return None

    def is_plain(value: Any) -> bool:
        return type(value) in (str, bytes) or (type(value) is tuple and all(type(one) in (str, int) for one in value))

    def hook(event: str, args: tuple[Any, ...]) -> None:
        kind = kind_of(event, args)
        if kind is not None:
            shown = [repr(one) for one in args if is_plain(one)]
            channel.say(attempt=kind, what=" ".join([event, *shown])[:200])

    sys.addaudithook(hook)


def main() -> None:
    channel = Channel()
    order = channel.next_order()
    utility = Utility(channel, order["task"], order["utility_calls"])
    language_model = LanguageModel(channel, order["prompts"])
    module: dict[str, Any] = {"__name__": "improver"}
    watch(channel)
    try:
        exec(compile(order["source"], "improver.py", "exec", dont_inherit=True), module)
        improved = module["improve"](order["program"], utility, language_model)
        if not isinstance(improved, str):
            raise TypeError(f"improve returned {type(improved).__name__}, not a program's text")
        channel.say(done=improved)
    except BaseException as error:
        channel.say(failed=f"{type(error).__name__}: {str(error)[:500]}")
    # Threads that the improver left running must not keep the world up.
    os._exit(0)


if __name__ == "__main__":
    main()
