# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How long a panel takes to judge, and how often it asks, beside asking one question after the other.

    python benchmarks/judging_speed.py [--candidates 4] [--judges 3] [--delay 0.2] [--rounds 5]

Models are served from this machine by a server that answers each request after the same delay, so that what is measured
is how questions are asked, not how fast a model is. All ways take turns in each round; medians are shown.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rich.console import Console
from rich.table import Table

from contest.command import count, progress, read
from contest.report import machine
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.judgements import written
from rsi_envs.core.judging import JudgingTask, Ranking
from rsi_envs.core.panel import Panel, Seat

SEQUENTIAL = "one after the other, in pairs"
_USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def main() -> int:
    """Measures and prints the table."""
    options = read_options()
    console = Console()
    task = JudgingTask("Which is best?", tuple(f"candidate number {i}" for i in range(options.candidates)))
    spent: dict[str, list[float]] = {}
    asked: dict[str, int] = {}
    with served(options.delay) as (base, requests):
        names = [f"llm:openai/judge-{i}?api_base={base}" for i in range(options.judges)]
        judges = [AgentJudge(name) for name in names]
        judges[0].judge(task.shown_as((0, 1)))  # imports litellm
        ways = ways_of(task, judges, options.concurrency)
        with progress(console, "rounds", options.rounds * len(ways)) as step:
            for _ in range(options.rounds):
                for name, judge_all in ways.items():
                    before, began = len(requests), time.perf_counter()
                    judge_all()
                    spent.setdefault(name, []).append(time.perf_counter() - began)
                    asked[name] = len(requests) - before
                    step()
    table = Table("way", "requests", "s", "ratio")
    for name, seconds in spent.items():
        ratio = statistics.median(slow / fast for slow, fast in zip(spent[SEQUENTIAL], seconds, strict=True))
        table.add_row(name, str(asked[name]), f"{statistics.median(seconds):.2f}", f"{ratio:.1f}")
    console.print(table)
    console.print(
        f"{datetime.now(UTC):%Y-%m-%d}; {machine()}; {options.candidates} candidates, {options.judges} judges, "
        f"{options.concurrency} at the same time, {options.delay:g} s a reply, {options.rounds} rounds",
        soft_wrap=True,
    )
    return 0


def read_options() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Seconds and requests of a panel, beside a sequential loop.")
    parser.add_argument("--candidates", type=count, default=4, help="texts to rank (default: %(default)s)")
    parser.add_argument("--judges", type=count, default=3, help="judges of the panel (default: %(default)s)")
    parser.add_argument("--concurrency", type=count, default=16, help="requests at once (default: %(default)s)")
    parser.add_argument("--delay", type=float, default=0.2, help="seconds that a reply takes (default: %(default)s)")
    parser.add_argument("--rounds", type=count, default=5, help="rounds (default: %(default)s)")
    return read(parser, rounds=1)


def ways_of(task: JudgingTask, judges: list[AgentJudge], concurrency: int) -> dict[str, Callable[[], object]]:
    """Gives the ways to have the candidates ranked, by name."""
    seats = [Seat(judge) for judge in judges]
    everyone = range(len(task.candidates))

    def sequential() -> None:
        for judge in judges:
            for pair in itertools.permutations(everyone, 2):
                judge.judge(task.shown_as(pair))

    def asked(**how: str) -> Callable[[], object]:
        panel = Panel(seats, concurrency=concurrency, **how)  # type: ignore[arg-type]
        return lambda: panel.judge(task)

    return {SEQUENTIAL: sequential, "panel, in pairs": asked(comparing="pairs"), "panel, as lists": asked()}


@contextmanager
def served(delay_s: float) -> Iterator[tuple[str, list[float]]]:
    """Serves models that rank candidates as they are shown; yields the address and the times of all requests."""
    requests: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append(time.monotonic())
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            shown = asked["messages"][-1]["content"].count("[[end of candidate ")
            time.sleep(delay_s)
            text = written(Ranking(tuple((i,) for i in range(shown)), "as shown"))
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            reply = {"id": "r", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
            body = json.dumps(reply | {"usage": _USAGE}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
