# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Hostile programs and what their first lines say of them.

Ours stand in `attacks/` and begin, after the licence, with

    # TRIES: what the program attempts
    # CORRECT: what has to come of it
    # KIND: res; stopped_by: wall_s, none; says: ENOSPC; limits: wall_s=2

`iso` programs print PWNED where they get out of their own job, and "tried" last; `res` programs are ended by their
limits; `out` programs attack whoever reads their output. The other settings are the fields of `Attack`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from rsi_sandboxes import ExecResult, Limits

OURS = Path(__file__).parent / "attacks"
SHARED = Path(os.environ.get("RSI_SHARED") or Path(__file__).parents[2].parent / "shared") / "attacks"
KINDS = ("iso", "res", "out")
LAST_WORD = b"tried"
ESCAPE = b"PWNED"
LATE_S = 4.0
"""How much later than its wall limit a program may end on a busy machine."""

_LIMITS = Limits(wall_s=30)
_BY_A_CLOCK = "stopped_by: wall_s, cpu_s; limits: wall_s=1.5"
# Of the shared programs only the kind is written for a program to read; the rest is prose, put in our terms here.
_SHARED_SETTINGS = {
    "iso_leak_between_jobs": "runs: 2",
    "res_busy_loop": _BY_A_CLOCK,
    "res_disk_fill": "says: stopped after; limits: wall_s=20",
    "res_fork_bomb": "says: children; limits: wall_s=20",
    "res_ignore_sigterm": _BY_A_CLOCK,
    "res_memory_bomb": "stopped_by: memory_bytes, none; exits: 1; limits: wall_s=20",
    "out_infinite": f"{_BY_A_CLOCK}; truncated: yes",
    "out_invalid_bytes": "truncated: yes",
}


@dataclass(frozen=True, slots=True)
class Attack:
    """A hostile program and what containing it means."""

    name: str
    kind: str
    tries: str
    correct: str
    source: str
    ours: bool
    stopped_by: tuple[str | None, ...] = (None,)
    """What may end it; None stands for its own end."""
    exits: int = 0
    """Its exit status when it comes to its own end."""
    says: tuple[str, ...] = ()
    """What it prints before it comes to its own end."""
    truncated: bool | None = False
    """Whether its output exceeds the limit; None where that depends on the moment."""
    runs: int = 1
    """How many jobs run it."""
    at_once: bool = False
    """Whether these run side by side rather than one after the other."""
    limits: Limits = _LIMITS
    takes_group: bool = False
    """Whether nothing but a control group counts the memory that it is after."""


def our_attacks() -> list[Attack]:
    return _read(OURS, ours=True)


def attack_named(name: str) -> Attack:
    """One of ours."""
    return next(attack for attack in our_attacks() if attack.name == name)


def shared_attacks() -> list[Attack]:
    """Empty where there is no such folder; graders' attacks are not among them."""
    return _read(SHARED, ours=False)


def shared_forgeries() -> dict[str, str]:
    """Programs that attack a grader, by name."""
    return {path.stem: path.read_text() for path in sorted(SHARED.glob("grade_*.py"))}


def shortcomings(attack: Attack, result: ExecResult) -> list[str]:
    """In what ways a run was not contained as its program says it must be."""
    found = [line.decode(errors="replace") for line in _lines(result) if line.startswith(ESCAPE)]
    limits = attack.limits
    if result.stopped_by not in attack.stopped_by:
        found.append(f"ended by {result.stopped_by}, expected {attack.stopped_by}; {_tail(result)}")
    elif result.stopped_by is None:
        if result.exit_code != attack.exits:
            found.append(f"exit status {result.exit_code}, signal {result.signal}; {_tail(result)}")
        unsaid = [word for word in attack.says if word.encode() not in result.stdout]
        found += [f"does not say {word!r}; {_tail(result)}" for word in unsaid]
        if attack.kind == "iso" and attack.ours and LAST_WORD not in result.stdout.splitlines()[-1:]:
            found.append(f"did not run to its end; {_tail(result)}")
    if attack.truncated not in (None, result.truncated):
        found.append(f"truncated is {result.truncated}")
    if max(len(result.stdout), len(result.stderr)) > limits.output_bytes:
        found.append(f"{len(result.stdout)} and {len(result.stderr)} bytes of output")
    if result.wall_s > limits.wall_s + LATE_S:
        found.append(f"ended {result.wall_s - limits.wall_s:.1f} s after its wall limit")
    return found


def _lines(result: ExecResult) -> list[bytes]:
    return [*result.stdout.splitlines(), *result.stderr.splitlines()]


def _tail(result: ExecResult) -> str:
    return f"last words {result.stdout[-200:]!r} {result.stderr[-300:]!r}"


def _read(folder: Path, *, ours: bool) -> list[Attack]:
    texts = {path.stem: path.read_text() for path in sorted(folder.glob("*.py"))}
    return [_parse(name, text, ours) for name, text in texts.items() if name.startswith(KINDS)]


def _parse(name: str, source: str, ours: bool) -> Attack:
    head = dict(re.findall(r"^# (TRY|TRIES|CORRECT|KIND):? (.*)$", source, re.MULTILINE))
    kind, _, settings = head["KIND"].partition(";")
    if kind not in KINDS or not name.startswith(f"{kind}_"):
        raise ValueError(f"{name}: its kind is {kind!r}, which should be one of {KINDS} and begin its name")
    if ours:
        tries, correct = head["TRIES"], head["CORRECT"]
    else:
        tries, _, correct = head["TRY"].partition(" | CORRECT ")
        settings = _SHARED_SETTINGS.get(name, "")
    return Attack(name, kind, tries, correct, source, ours, **_settings(name, settings))


def _settings(name: str, text: str) -> dict[str, object]:
    settings: dict[str, object] = {}
    for part in filter(str.strip, text.split(";")):
        key, _, value = (word.strip() for word in part.partition(":"))
        words = tuple(word.strip() for word in value.split(","))
        match key:
            case "stopped_by":
                settings[key] = tuple(None if word == "none" else word for word in words)
            case "exits":
                settings[key] = int(value)
            case "says":
                settings[key] = words
            case "truncated":
                settings[key] = {"yes": True, "no": False, "any": None}[value]
            case "runs":
                settings |= {"runs": int(value.split()[0]), "at_once": value.endswith("at once")}
            case "limits":
                bounds = dict(pair.split("=") for pair in value.split())
                settings[key] = Limits(**{k: float(v) if k.endswith("_s") else int(v) for k, v in bounds.items()})
            case "group":
                settings["takes_group"] = value == "yes"
            case _:
                raise ValueError(f"{name}: no setting is called {key!r}")
    return settings
