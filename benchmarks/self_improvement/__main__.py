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

from collections.abc import Sequence
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
from rsi_agents.loops.config import LoopConfig, checked_config, read_config
from rsi_agents.loops.updaters.trl import TrlUpdater

CONFIG = Path(__file__).parents[1] / "loops/rest_em_weights.toml"
REST_EM, IMITATION, UNVERIFIED = ARMS = ("rest_em", "imitation", "unverified")
DEMONSTRATIONS, BASE_STEPS = 600, 200
FURTHER = 2.2
"""How many steps imitation has for each one of the other arms, which also sample."""


def main() -> None:
    """Makes a base, or measures the three arms and prints what was found."""
    measure(__doc__, ARMS, make_base=make_base, arm_config=arm_config, report=report)


def make_base(folder: Path, seed: int) -> None:
    """Trains a model from nothing on the demonstrations, unless it is there; see `train_base`."""
    shown = (demonstration(APART * seed + number) for number in range(DEMONSTRATIONS))
    train_base(folder, seed, shown, updater(steps=BASE_STEPS))


def updater(**changes: Any) -> TrlUpdater:
    """Makes the configured updater, with changes."""
    settings = {**read_config(CONFIG).updater, **changes}
    return TrlUpdater(**{key: value for key, value in settings.items() if key != "name"})


def arm_config(arm: str, base: Path, seed: int, rounds: int | None) -> LoopConfig:
    """Settles what an arm does; all begin with the same base and play the same held-out tasks with the same seeds."""
    asked = asked_of_all(CONFIG, base, seed, rounds)
    asked["settings"]["demonstrations"] = str(demonstrations_of(base))
    if arm == UNVERIFIED:
        asked["settings"] |= {"thresholds": [0.0]}
    if arm == IMITATION:
        asked |= {"loop": "benchmarks.self_improvement.imitation:Imitation"}
        asked["settings"] = {"demonstrations": asked["settings"]["demonstrations"]}
        asked["updater"] |= {"steps": round(FURTHER * asked["updater"]["steps"])}
    return checked_config(asked, arm)


def report(out: Path, seeds: Sequence[int], arms: Sequence[str]) -> str:
    """Writes tables in Markdown: every arm's rounds, and rest_em against the others."""
    return "\n".join([*rounds_table(out, seeds, arms), *against_table(out, seeds, arms, REST_EM)])


if __name__ == "__main__":
    main()
