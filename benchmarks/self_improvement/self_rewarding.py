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

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks.self_improvement.arms import (
    APART,
    against_table,
    asked_of_all,
    demonstration,
    demonstrations_of,
    measure,
    rounds_table,
    train_base,
)
from benchmarks.self_improvement.expressions import GREATEST, GREATEST_EXPRESSIONS
from benchmarks.self_improvement.judgements import NONCE, judgement, phrases
from rsi_agents.loops.config import LoopConfig, checked_config
from rsi_agents.loops.folder import read_rounds
from rsi_agents.loops.rounds import RoundRecord
from rsi_agents.loops.updaters.trl import TrlUpdater

CONFIG = Path(__file__).parents[1] / "loops/self_rewarding_weights.toml"
SELF_REWARDING, INFORMED, RANDOM, IMITATION = ARMS = ("self_rewarding", "informed", "random", "imitation")
JUDGES = {INFORMED: "python:benchmarks.self_improvement.judgements:InformedJudge", RANDOM: "random"}
DEMONSTRATIONS, JUDGEMENTS = 1500, 6000
"""Of the same tasks, so that judgements tell no answer that demonstrations do not."""
IMITATING: dict[str, Any] = {"lora": False, "batch": 64, "learning_rate": 2e-3}
BASE_STEPS, FURTHER_STEPS = 900, 400


def main() -> None:
    """Makes a base, or measures the arms and prints what was found."""
    measure(__doc__, ARMS, make_base=make_base, arm_config=arm_config, report=report)


def make_base(folder: Path, seed: int) -> None:
    """Trains a model from nothing to answer and to judge, unless it is there; see `train_base`."""
    first = APART * seed
    answers = (demonstration(first + n, GREATEST_EXPRESSIONS, (GREATEST,)) for n in range(DEMONSTRATIONS))
    judged = (judgement(first + draw % DEMONSTRATIONS, draw) for draw in range(JUDGEMENTS))
    updater = TrlUpdater(**IMITATING, steps=BASE_STEPS)
    train_base(folder, seed, chain(answers, judged), updater, phrases=phrases(), unseen=NONCE)


def arm_config(arm: str, base: Path, seed: int, rounds: int | None) -> LoopConfig:
    """Settles what an arm does; all begin with the same base and play the same held-out tasks with the same seeds."""
    asked = asked_of_all(CONFIG, base, seed, rounds)
    if arm in JUDGES:
        asked["settings"]["judging"] |= {"judges": [JUDGES[arm]], "proxy_tasks": 0}
    if arm == IMITATION:
        asked |= {
            "loop": "benchmarks.self_improvement.imitation:Imitation",
            "settings": {"demonstrations": str(demonstrations_of(base))},
            "updater": {"name": "trl", **IMITATING, "steps": FURTHER_STEPS},
        }
    return checked_config(asked, arm)


def report(out: Path, seeds: Sequence[int], arms: Sequence[str]) -> str:
    """Writes tables in Markdown: every arm's rounds, how well each generation judged, and arms against one another."""
    lines = [*rounds_table(out, seeds, arms), ""]
    lines += ["| seed | judge | round | agreement | swap consistency | gap | pairs |", "|---:|---|" + "---:|" * 5]
    for seed in seeds:
        for arm in (arm for arm in arms if arm != IMITATION):
            records = read_rounds(out / f"seed-{seed}" / arm)[1:]
            lines += [f"| {seed} | {arm} | {record.number} | {trust(record)} |" for record in records]
    return "\n".join([*lines, *against_table(out, seeds, arms, SELF_REWARDING)])


def trust(record: RoundRecord) -> str:
    """Tells how far a round's judges could be trusted, and how much they had to select from."""
    told = record.measures
    shares = [told.get(name) for name in ("agreement", "swap_consistency", "verification_gap")]
    said = ["none" if share is None else f"{100 * share:.1f}%" for share in shares]
    return f"{' | '.join(said)} | {told.get('selected', 0):.0f}"


if __name__ == "__main__":
    main()
