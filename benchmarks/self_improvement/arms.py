# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Arms of a measurement: loops that begin with the same base and play the same held-out tasks, one against another."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from benchmarks.self_improvement.expressions import EXPRESSIONS, KINDS, Kind, make_expression
from benchmarks.self_improvement.small_model import write_small_model
from rsi_agents.leaderboard import Interval
from rsi_agents.loops.config import LoopConfig, read_config
from rsi_agents.loops.drive import HELD_OUT_RUN, improve
from rsi_agents.loops.folder import LoopFolder, read_rounds
from rsi_agents.loops.lessons import Example, Origin, write_lessons
from rsi_agents.loops.rounds import RoundRecord, round_path
from rsi_agents.loops.updaters.trl import TRAINING_FILE, TrlUpdater
from rsi_agents.paired import Paired, paired
from rsi_agents.records.reading import LOOP_FILE, read_records

NEVER = {"confidence": 0.9999, "least_diversity": None, "patience": None}
"""Brakes that let every arm have all its rounds."""
APART = 10_000_000
"""How far the numbers of tasks that bases of different seeds are shown lie apart."""


def measure(
    about: str | None,
    arms: Sequence[str],
    *,
    make_base: Callable[[Path, int], None],
    arm_config: Callable[[str, Path, int, int | None], LoopConfig],
    report: Callable[[Path, Sequence[int], Sequence[str]], str],
) -> None:
    """Makes a base, or measures arms and prints what was found, as the command line asks.

    Args:
        about: What the command line says of itself.
        arms: All that there are.
        make_base: Trains the base of a seed, unless it is there.
        arm_config: Settles what an arm does, by its name, base and seed, and rounds; None for the configuration's.
        report: Writes what was found by seeds and arms.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("base", "run"))
    parser.add_argument("--out", type=Path, required=True, help="the folder that everything goes to")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--arms", nargs="+", choices=arms, default=list(arms))
    parser.add_argument("--rounds", type=int, help="instead of the configuration's")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.what == "base":
        make_base(options.out, options.seeds[0])
        return
    began = time.process_time()
    for arm in options.arms:
        for seed in options.seeds:
            folder = options.out / f"seed-{seed}"
            make_base(folder / "base", seed)
            _go_on(folder / arm, arm_config(arm, folder / "base", seed, options.rounds))
    minutes = (time.process_time() - began) / 60
    print(report(options.out, options.seeds, options.arms))
    print(f"\n{_machine()}; seeds {', '.join(map(str, options.seeds))}; {minutes:.1f} minutes of one core.")


def train_base(folder: Path, seed: int, examples: Iterable[Example], updater: TrlUpdater, **model: Any) -> None:
    """Trains a model from nothing on examples, unless it is there.

    Args:
        folder: Where the base goes; beside it, "untrained" and the rows "demonstrations.jsonl".
        seed: What weights are drawn by.
        examples: What it is shown; looked at only where it is trained.
        updater: How it learns.
        **model: What `write_small_model` takes besides.
    """
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    untrained, rows = folder.parent / "untrained", demonstrations_of(folder)
    write_small_model(untrained, seed, **model)
    write_lessons(rows, list(examples))
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    updater.train(f"transformers:{untrained}", rows, unfinished, seed=seed)
    unfinished.rename(folder)


def demonstrations_of(base: Path) -> Path:
    """Says where the rows are that a base has learned from."""
    return base.parent / "demonstrations.jsonl"


def demonstration(number: int, env_id: str = EXPRESSIONS, kinds: Sequence[Kind] = KINDS) -> Example:
    """Shows how a task of the train split is done."""
    task = make_expression("train", number, kinds)
    asked = {"role": "user", "content": task.assignment}
    said = {"role": "assistant", "content": task.value}
    return Example((asked,), (said,), 1.0, Origin(env_id, task.id, number, "train", "reference:right"))


def asked_of_all(config: Path, base: Path, seed: int, rounds: int | None) -> dict[str, Any]:
    """Gives what a configuration asks of every arm, with the same base and the same seeds of held-out tasks."""
    asked = read_config(config).model_dump()
    asked |= {"base": f"transformers:{base}?max_tokens=8", "seed": seed, "brakes": NEVER}
    return asked | ({"rounds": rounds} if rounds else {})


def rounds_table(out: Path, seeds: Sequence[int], arms: Sequence[str]) -> list[str]:
    """Writes every arm's rounds, and what they took, in lines of Markdown."""
    rounds = {(seed, arm): read_rounds(out / f"seed-{seed}" / arm) for seed in seeds for arm in arms}
    last = max(record.number for records in rounds.values() for record in records)
    heads = ["base", *(f"round {number}" for number in range(1, last + 1))]
    lines = [f"| seed | arm | {' | '.join(heads)} | tokens trained on | tokens sampled | core seconds |"]
    lines += ["|---:|---|" + "---:|" * (len(heads) + 3)]
    for (seed, arm), records in rounds.items():
        path = out / f"seed-{seed}" / arm
        lines += [f"| {seed} | {arm} | {' | '.join(map(_accuracy, records))} | {_account(path, records)} |"]
    return lines


def against_table(out: Path, seeds: Sequence[int], arms: Sequence[str], subject: str) -> list[str]:
    """Writes how an arm did in the end against each other, in lines of Markdown; none where it is not among them."""
    rivals = [arm for arm in arms if arm != subject and subject in arms]
    lines = ["", "| in the end | seed | accuracy more | p |", "|---|---:|---:|---:|"] if rivals else []
    for rival in rivals:
        found = [_against(out / f"seed-{seed}", subject, rival) for seed in seeds]
        head = f"| {subject} against {rival}"
        lines += [f"{head} | {seed} | {_points(one)} | {one.p:.4f} |" for seed, one in zip(seeds, found, strict=True)]
        lines += [f"{head} | mean | **{100 * fmean(one.difference for one in found):+.1f}** | |"]
    return lines


def _go_on(path: Path, config: LoopConfig) -> None:
    """Runs the rounds that an arm lacks, and adds up the seconds of processor time that they took."""
    begun, began = (path / LOOP_FILE).exists(), time.process_time()
    with LoopFolder.open(path) if begun else LoopFolder.create(path, config) as folder:
        improve(folder)
    cpu = path / "cpu_s.json"
    before = json.loads(cpu.read_text()) if cpu.exists() else 0.0
    cpu.write_text(json.dumps(before + time.process_time() - began))


def _accuracy(record: RoundRecord) -> str:
    """Tells what a generation got right at the first try, and in one of two tries."""
    held_out = record.held_out
    if held_out is None or held_out.pass_rate is None or held_out.pass_at_k is None:
        return "none"
    return f"{100 * held_out.pass_rate:.1f}% ({100 * held_out.pass_at_k:.1f}%)"


def _account(path: Path, records: Sequence[RoundRecord]) -> str:
    """Tells what an arm has consumed, all rounds together."""
    trained = sum(json.loads(file.read_text())["tokens"] for file in path.glob(f"round-*/generation/{TRAINING_FILE}"))
    played = (record for folder in path.glob("round-*/samples") for record in read_records(folder))
    sampled = sum(record.usage.total_tokens for record in played)
    return f"{trained:,} | {sampled:,} | {json.loads((path / 'cpu_s.json').read_text()):.0f}"


def _against(path: Path, subject: str, rival: str) -> Paired:
    """Compares the newest generations of two arms, by the tasks that both played."""
    found = paired(_by_task(path / rival), _by_task(path / subject))
    if found is None:
        raise SystemExit(f"{path}: {subject} and {rival} have no task in common")
    return found


def _by_task(path: Path) -> Mapping[Any, float]:
    """Gives the accuracy of an arm's newest generation by task."""
    number = max(record.number for record in read_rounds(path) if record.kept)
    scores = defaultdict(list)
    for record in read_records(round_path(path, number) / HELD_OUT_RUN):
        if record.score is not None:
            scores[record.task_id].append(record.score)
    return {task: fmean(of_task) for task, of_task in scores.items()}


def _points(found: Paired) -> str:
    """Writes a difference in percentage points, with its interval."""
    return f"{100 * found.difference:+.1f} {_spread(found.interval)}"


def _spread(interval: Interval | None) -> str:
    """Writes an interval in percentage points."""
    return f"[{100 * interval.low:+.1f}, {100 * interval.high:+.1f}]" if interval else ""


def _machine() -> str:
    """Says when and on what this ran."""
    parts = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "trl"))
    return f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores of which one was used, {parts}"
