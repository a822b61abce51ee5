# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
r"""Does a model that judges its own answers, and prefers the better ones, beat one that goes on with imitation?

    pip install 'rsi-envs[train]'
    OMP_NUM_THREADS=1 python -m benchmarks.self_improvement.self_rewarding run --out self-rewarding
    OMP_NUM_THREADS=1 python -m benchmarks.self_improvement.self_rewarding base --out base
    rsi improve self_rewarding --config benchmarks/loops/self_rewarding_weights.toml

A transformer of 250,000 weights is trained from nothing, on one core, to imitate answers in `bench/Greatest-v0` and
judgements of such answers, which are asked for as of every judge. What comes out is the base of four arms:

- self_rewarding: the loop `self_rewarding`, in which each generation judges its own samples.
- informed: the same loop with a judge that is always right, for what a better judge would be worth.
- random: the same loop with judges that draw lots.
- imitation: training goes on with the initial data, of both roles, for about as long as self_rewarding takes.

Every generation plays the same held-out tasks. Run again with the same --out, it goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from benchmarks.self_improvement.__main__ import NEVER, account, accuracy, by_task, go_on, machine, points
from benchmarks.self_improvement.judgements import NONCE, judgement, phrases, shown
from benchmarks.self_improvement.small_model import write_small_model
from rsi_agents.loops.config import LoopConfig, checked_config, read_config
from rsi_agents.loops.folder import read_rounds
from rsi_agents.loops.lessons import write_lessons
from rsi_agents.loops.rounds import RoundRecord
from rsi_agents.loops.updaters.trl import TrlUpdater
from rsi_agents.paired import paired

CONFIG = Path(__file__).parents[1] / "loops/self_rewarding_weights.toml"
SELF_REWARDING, INFORMED, RANDOM, IMITATION = ARMS = ("self_rewarding", "informed", "random", "imitation")
JUDGES = {INFORMED: "python:benchmarks.self_improvement.judgements:InformedJudge", RANDOM: "random"}
DEMONSTRATIONS, JUDGEMENTS = 1500, 6000
"""Of the same tasks, so that judgements tell no answer that demonstrations do not."""
IMITATING = {"name": "trl", "lora": False, "batch": 64, "learning_rate": 2e-3}
BASE_STEPS, FURTHER_STEPS = 900, 400
_APART = 10_000_000


def main() -> None:
    """Makes a base, or measures the arms and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("base", "run"))
    parser.add_argument("--out", type=Path, required=True, help="the folder that everything goes to")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--rounds", type=int, help="instead of the configuration's")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.what == "base":
        make_base(options.out, options.seeds[0])
        return
    began = time.process_time()
    for seed in options.seeds:
        folder = options.out / f"seed-{seed}"
        make_base(folder / "base", seed)
        for arm in ARMS:
            go_on(folder / arm, arm_config(arm, folder / "base", seed, options.rounds))
    minutes = (time.process_time() - began) / 60
    print(report(options.out, options.seeds))
    print(f"\n{machine()}; seeds {', '.join(map(str, options.seeds))}; {minutes:.1f} minutes of one core.")


def make_base(folder: Path, seed: int) -> None:
    """Trains a model from nothing to answer and to judge, unless it is there.

    Args:
        folder: Where the base goes; beside it, "untrained" and the rows "demonstrations.jsonl".
        seed: What weights and demonstrations are drawn by.
    """
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    untrained, rows = folder.parent / "untrained", folder.parent / "demonstrations.jsonl"
    write_small_model(untrained, seed, phrases=phrases(), unseen=NONCE)
    answers = [shown(_APART * seed + number) for number in range(DEMONSTRATIONS)]
    judged = [judgement(_APART * seed + draw % DEMONSTRATIONS, draw) for draw in range(JUDGEMENTS)]
    write_lessons(rows, [*answers, *judged])
    settings: dict[str, Any] = {key: value for key, value in IMITATING.items() if key != "name"}
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    TrlUpdater(**settings, steps=BASE_STEPS).train(f"transformers:{untrained}", rows, unfinished, seed=seed)
    unfinished.rename(folder)


def arm_config(arm: str, base: Path, seed: int, rounds: int | None) -> LoopConfig:
    """Settles what an arm does; all begin with the same base and play the same held-out tasks with the same seeds."""
    asked = read_config(CONFIG).model_dump()
    asked |= {"base": f"transformers:{base}?max_tokens=8", "seed": seed, "brakes": NEVER}
    asked |= {"rounds": rounds} if rounds else {}
    if arm in JUDGES:
        asked["settings"]["judging"] |= {"judges": [JUDGES[arm]], "proxy_tasks": 0}
    if arm == IMITATION:
        asked |= {
            "loop": "benchmarks.self_improvement.imitation:Imitation",
            "settings": {"demonstrations": str(base.parent / "demonstrations.jsonl")},
            "updater": {**IMITATING, "steps": FURTHER_STEPS},
        }
    return checked_config(asked, arm)


def report(out: Path, seeds: Sequence[int]) -> str:
    """Writes tables in Markdown: every arm's rounds, how well each generation judged, and arms against one another."""
    rounds = {(seed, arm): read_rounds(out / f"seed-{seed}" / arm) for seed in seeds for arm in ARMS}
    last = max(record.number for records in rounds.values() for record in records)
    heads = ["base", *(f"round {number}" for number in range(1, last + 1))]
    lines = [f"| seed | arm | {' | '.join(heads)} | tokens trained on | tokens sampled | core seconds |"]
    lines += ["|---:|---|" + "---:|" * (len(heads) + 3)]
    for (seed, arm), records in rounds.items():
        path = out / f"seed-{seed}" / arm
        lines += [f"| {seed} | {arm} | {' | '.join(map(accuracy, records))} | {account(path, records)} |"]
    lines += ["", "| seed | judge | round | agreement | swap consistency | gap | pairs |", "|---:|---|" + "---:|" * 5]
    for (seed, arm), records in rounds.items():
        if arm != IMITATION:
            lines += [f"| {seed} | {arm} | {record.number} | {trust(record)} |" for record in records[1:]]
    lines += ["", "| in the end | seed | accuracy more | p |", "|---|---:|---:|---:|"]
    for rival in (INFORMED, RANDOM, IMITATION):
        differences = []
        for seed in seeds:
            scores = [by_task(out / f"seed-{seed}" / arm) for arm in (rival, SELF_REWARDING)]
            if found := paired(*scores):
                differences.append(found.difference)
                lines += [f"| self_rewarding against {rival} | {seed} | {points(found)} | {found.p:.4f} |"]
        lines += [f"| self_rewarding against {rival} | mean | **{100 * fmean(differences):+.1f}** | |"]
    return "\n".join(lines)


def trust(record: RoundRecord) -> str:
    """Tells how far a round's judges could be trusted, and how much they had to select from."""
    told = record.measures
    shares = [told.get(name) for name in ("agreement", "swap_consistency", "verification_gap")]
    said = ["none" if share is None else f"{100 * share:.1f}%" for share in shares]
    return f"{' | '.join(said)} | {told.get('selected', 0):.0f}"


if __name__ == "__main__":
    main()
