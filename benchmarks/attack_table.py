# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Which hostile programs each sandbox contains, how each of them ends, and how long it takes.

    python benchmarks/attack_table.py [--backend bubblewrap] [--only iso_mounts] [--markdown [PAGE]]

The programs are those of `tests/sandboxes/attacks` and, where it is there, of the folder `shared/attacks` beside the
checkout. The exit status is 1 when one of them was not contained.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

# An editable install finds the tests too; a checkout alone has to be told where they are.
sys.path.append(str(Path(__file__).resolve().parents[1]))

from contest.command import read
from contest.report import machine, put_into_page
from rsi_sandboxes import BackendUnavailable, ExecResult, Sandbox, SandboxError, make_sandbox
from tests.sandboxes.containment import Bait, bait, look_around, run_attack, survivors
from tests.sandboxes.corpus import Attack, our_attacks, shared_attacks, shortcomings

CONTAINED = "contained"


def ending(result: ExecResult) -> str:
    """How a run ended, in a few words."""
    if result.stopped_by:
        return f"ended by {result.stopped_by}"
    return f"signal {result.signal}" if result.signal else f"exit {result.exit_code}"


def outcome(attack: Attack, sandbox: Sandbox, put_out: Bait, ordinary: dict[str, Any]) -> tuple[str, str]:
    """How it ended, and whether that was as it must be; else the first thing that was not."""
    try:
        results = run_attack(sandbox, attack, put_out.canary)
    except SandboxError as error:
        return type(error).__name__, str(error).splitlines()[0]
    problems = [problem for result in results for problem in shortcomings(attack, result)] + put_out.harm()
    problems += ["the next job sees it"] if look_around(sandbox) != ordinary else []
    problems += [f"left {pids}" for pids in [survivors()] if pids]
    return ending(results[-1]), problems[0].splitlines()[0] if problems else CONTAINED


def main() -> int:
    """Runs the programs and prints the table."""
    parser = argparse.ArgumentParser(description="Which hostile programs each sandbox contains.")
    parser.add_argument("--backend", action="append", help="a backend's name (default: bubblewrap and docker)")
    parser.add_argument("--only", action="append", help="a program's name (default: all)")
    parser.add_argument(
        "--markdown", nargs="?", const="", metavar="PAGE",
        help="print Markdown, or put it between the marks of this page",
    )  # fmt: skip
    arguments = read(parser)
    attacks = [a for a in our_attacks() + shared_attacks() if not arguments.only or a.name in arguments.only]
    found: dict[str, list[str]] = {attack.name: [attack.name, attack.tries] for attack in attacks}
    backends = []
    uncontained = 0
    with bait() as put_out:
        for backend in arguments.backend or ("bubblewrap", "docker"):
            try:
                sandbox = make_sandbox(backend)
            except BackendUnavailable as error:
                print(f"left out {backend}: {error}", file=sys.stderr)
                continue
            backends.append(backend)
            ordinary = look_around(sandbox)
            for attack in attacks:
                started = time.perf_counter()
                end, verdict = outcome(attack, sandbox, put_out, ordinary)
                uncontained += verdict != CONTAINED
                found[attack.name].append(f"{verdict}: {end}, {time.perf_counter() - started:.1f} s")
            sandbox.close()
    runs = len(attacks) * len(backends)
    words = f"{runs - uncontained} of {runs} contained. {datetime.now(UTC):%Y-%m-%d}; {machine()}."
    if arguments.markdown is None:
        table = Table("program", "what it tries", *backends, box=box.SIMPLE)
        for row in found.values():
            table.add_row(*row)
        console = Console()
        console.print(table)
        console.print(words)
    else:
        titles = ["program", "what it tries", *backends]
        rows = [titles, ["---"] * len(titles), *([cell.replace("|", "\\|") for cell in row] for row in found.values())]
        text = "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", words, ""])
        if arguments.markdown:
            put_into_page(Path(arguments.markdown), text)
        else:
            print(text)
    return 1 if uncontained else 0


if __name__ == "__main__":
    sys.exit(main())
