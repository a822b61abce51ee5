# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
r"""Does a model that learns from its own verified answers beat one that spends the same compute on imitation alone?

    pip install 'rsi-envs[train]'
    OMP_NUM_THREADS=1 python -m benchmarks.self_improvement run --out self-improvement
    OMP_NUM_THREADS=1 python -m benchmarks.self_improvement base --out base
    rsi improve rest_em --config benchmarks/loops/rest_em_weights.toml

A transformer of 250,000 weights is trained from nothing, on one core, to imitate a small set of demonstrations in
`bench/Expressions-v0`. What comes out is the base of three arms:

- rest_em: the loop `rest_em` samples new tasks, keeps what the verifier passes, and trains the base on all that was
  kept so far and the demonstrations.
- imitation: training goes on with the demonstrations alone, for 2.2 times the steps of rest_em, which takes about as
  long as its training and its sampling together.
- unverified: the loop `rest_em` keeps everything that it sampled.

Every generation plays the same held-out tasks. Run again with the same --out, it goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from benchmarks.self_improvement.expressions import ASKS, ENDS, EXPRESSIONS, make_expression
from benchmarks.self_improvement.small_model import write_small_model
from rsi_agents.leaderboard import Interval
from rsi_agents.loops.config import LoopConfig, checked_config, read_config
from rsi_agents.loops.drive import HELD_OUT_RUN, improve
from rsi_agents.loops.folder import LoopFolder, read_rounds
from rsi_agents.loops.lessons import Example, Origin, write_lessons
from rsi_agents.loops.rounds import RoundRecord, round_path
from rsi_agents.loops.updaters.trl import TRAINING_FILE, TrlUpdater
from rsi_agents.paired import Paired, paired
from rsi_agents.records.reading import LOOP_FILE, read_records

CONFIG = Path(__file__).parents[1] / "loops/rest_em_weights.toml"
REST_EM, IMITATION, UNVERIFIED = ARMS = ("rest_em", "imitation", "unverified")
DEMONSTRATIONS, BASE_STEPS = 600, 200
FURTHER = 2.2
"""How many steps imitation has for each one of the other arms, which also sample."""
NEVER = {"confidence": 0.9999, "least_diversity": None, "patience": None}
"""Brakes that let every arm have all its rounds."""
_APART = 10_000_000


def main() -> None:
    """Makes a base, or measures the three arms and prints what was found."""
    options = read_options()
    torch.set_num_threads(1)
    if options.what == "base":
        make_base(options.out, options.seeds[0])
        return
    began = time.process_time()
    for arm in options.arms:
        for seed in options.seeds:
            folder = options.out / f"seed-{seed}"
            make_base(folder / "base", seed)
            go_on(folder / arm, arm_config(arm, folder / "base", seed, options.rounds))
    minutes = (time.process_time() - began) / 60
    print(report(options.out, options.seeds, options.arms))
    print(f"\n{machine()}; seeds {', '.join(map(str, options.seeds))}; {minutes:.1f} minutes of one core.")


def read_options() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("base", "run"))
    parser.add_argument("--out", type=Path, required=True, help="the folder that everything goes to")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--rounds", type=int, help="instead of the configuration's")
    return parser.parse_args()


def make_base(folder: Path, seed: int) -> None:
    """Trains a model from nothing on the demonstrations, unless it is there.

    Args:
        folder: Where the base goes; beside it, "untrained" and the rows "demonstrations.jsonl".
        seed: What weights and demonstrations are drawn by.
    """
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    untrained, rows = folder.parent / "untrained", demonstrations_of(folder)
    write_small_model(untrained, seed)
    write_lessons(rows, [demonstration(_APART * seed + number) for number in range(DEMONSTRATIONS)])
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    updater(steps=BASE_STEPS).train(f"transformers:{untrained}", rows, unfinished, seed=seed)
    unfinished.rename(folder)


def updater(**changes: Any) -> TrlUpdater:
    """Makes the configured updater, with changes."""
    settings = {**read_config(CONFIG).updater, **changes}
    return TrlUpdater(**{key: value for key, value in settings.items() if key != "name"})


def demonstrations_of(base: Path) -> Path:
    """Says where the rows are that a base has learned from."""
    return base.parent / "demonstrations.jsonl"


def demonstration(number: int) -> Example:
    """Shows how a task of the train split is done."""
    task = make_expression("train", number)
    asked = {"role": "user", "content": f"{ASKS}{task.source}{ENDS}"}
    said = {"role": "assistant", "content": task.value}
    return Example((asked,), (said,), 1.0, Origin(EXPRESSIONS, task.id, number, "train", "reference:right"))


def arm_config(arm: str, base: Path, seed: int, rounds: int | None) -> LoopConfig:
    """Settles what an arm does; all begin with the same base and play the same held-out tasks with the same seeds."""
    asked = read_config(CONFIG).model_dump()
    asked |= {"base": f"transformers:{base}?max_tokens=8", "seed": seed, "brakes": NEVER}
    asked |= {"rounds": rounds} if rounds else {}
    asked["settings"]["demonstrations"] = str(demonstrations_of(base))
    if arm == UNVERIFIED:
        asked["settings"] |= {"thresholds": [0.0]}
    if arm == IMITATION:
        asked |= {"loop": "benchmarks.self_improvement.imitation:Imitation"}
        asked["settings"] = {"demonstrations": asked["settings"]["demonstrations"]}
        asked["updater"] |= {"steps": round(FURTHER * asked["updater"]["steps"])}
    return checked_config(asked, arm)


def go_on(path: Path, config: LoopConfig) -> None:
    """Runs the rounds that an arm lacks, and adds up the seconds of processor time that they took."""
    begun, began = (path / LOOP_FILE).exists(), time.process_time()
    with LoopFolder.open(path) if begun else LoopFolder.create(path, config) as folder:
        improve(folder)
    cpu = path / "cpu_s.json"
    before = json.loads(cpu.read_text()) if cpu.exists() else 0.0
    cpu.write_text(json.dumps(before + time.process_time() - began))


def report(out: Path, seeds: Sequence[int], arms: Sequence[str]) -> str:
    """Writes tables in Markdown: every arm's rounds, and rest_em against the others."""
    rounds = {(seed, arm): read_rounds(out / f"seed-{seed}" / arm) for seed in seeds for arm in arms}
    last = max(record.number for records in rounds.values() for record in records)
    heads = ["base", *(f"round {number}" for number in range(1, last + 1))]
    lines = [f"| seed | arm | {' | '.join(heads)} | tokens trained on | tokens sampled | core seconds |"]
    lines += ["|---:|---|" + "---:|" * (len(heads) + 3)]
    for (seed, arm), records in rounds.items():
        path = out / f"seed-{seed}" / arm
        lines += [f"| {seed} | {arm} | {' | '.join(map(accuracy, records))} | {account(path, records)} |"]
    rivals = [arm for arm in arms if arm != REST_EM and REST_EM in arms]
    lines += ["", "| in the end | seed | accuracy more | p |", "|---|---:|---:|---:|"] if rivals else []
    for rival in rivals:
        found = [against(out / f"seed-{seed}", rival) for seed in seeds]
        head = f"| rest_em against {rival}"
        lines += [f"{head} | {seed} | {points(one)} | {one.p:.4f} |" for seed, one in zip(seeds, found, strict=True)]
        lines += [f"{head} | mean | **{100 * fmean(one.difference for one in found):+.1f}** | |"]
    return "\n".join(lines)


def accuracy(record: RoundRecord) -> str:
    """Tells what a generation got right at the first try, and in one of two tries."""
    held_out = record.held_out
    if held_out is None or held_out.pass_rate is None or held_out.pass_at_k is None:
        return "none"
    return f"{100 * held_out.pass_rate:.1f}% ({100 * held_out.pass_at_k:.1f}%)"


def account(path: Path, records: Sequence[RoundRecord]) -> str:
    """Tells what an arm has consumed, all rounds together."""
    trained = sum(json.loads(file.read_text())["tokens"] for file in path.glob(f"round-*/generation/{TRAINING_FILE}"))
    played = (record for folder in path.glob("round-*/samples") for record in read_records(folder))
    sampled = sum(record.usage.total_tokens for record in played)
    return f"{trained:,} | {sampled:,} | {json.loads((path / 'cpu_s.json').read_text()):.0f}"


def against(path: Path, rival: str) -> Paired:
    """Compares the newest generations of rest_em and another arm, by the tasks that both played."""
    found = paired(by_task(path / rival), by_task(path / REST_EM))
    if found is None:
        raise SystemExit(f"{path}: rest_em and {rival} have no task in common")
    return found


def by_task(path: Path) -> Mapping[Any, float]:
    """Gives the accuracy of an arm's newest generation by task."""
    number = max(record.number for record in read_rounds(path) if record.kept)
    scores = defaultdict(list)
    for record in read_records(round_path(path, number) / HELD_OUT_RUN):
        if record.score is not None:
            scores[record.task_id].append(record.score)
    return {task: fmean(of_task) for task, of_task in scores.items()}


def points(found: Paired) -> str:
    """Writes a difference in percentage points, with its interval."""
    return f"{100 * found.difference:+.1f} {spread(found.interval)}"


def spread(interval: Interval | None) -> str:
    """Writes an interval in percentage points."""
    return f"[{100 * interval.low:+.1f}, {100 * interval.high:+.1f}]" if interval else ""


def machine() -> str:
    """Says when and on what this ran."""
    parts = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "trl"))
    return f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores of which one was used, {parts}"


if __name__ == "__main__":
    main()
