# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
r"""Trains sb3-contrib's MaskablePPO on rsi/Chess-v0 from a reduced start, and prints how often it wins on the way.

    pip install 'rsi-envs[rl]'
    python benchmarks/chess_learning.py --start KRvK --shaping tablebase:chess-1.11.2/data --minutes 8 --save rook.zip
    rsi eval rsi/Chess-v0 --agent sb3:rook.zip --agent random --episodes 200 \
        --env-arg start=KRvK --env-arg color=white --env-arg observation=light --env-arg max_plies=60

The agent has White against random moves. Games to judge it by have seeds that training has not seen.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from contest.command import is_quick, read

try:
    import torch
    from sb3_contrib import MaskablePPO
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
except ImportError as error:
    problem = f"{error}: this benchmark needs pip install 'rsi-envs[rl]'"
    if is_quick():
        print(f"left out: {problem}")
        raise SystemExit(0) from error
    raise SystemExit(problem) from error

ENV_ID = "rsi_envs:rsi/Chess-v0"
BOARDS = 32
UNSEEN_SEED = 1_000_000

Policy = Callable[[NDArray[np.uint8], NDArray[np.bool_]], NDArray[np.int64]]


class ScaledPlanes(BaseFeaturesExtractor):
    """Brings every plane into [0, 1] and lays all out in a row: the counters reach 255, the other planes 1."""

    def __init__(self, space: gym.spaces.Box) -> None:
        super().__init__(space, int(np.prod(space.shape)))
        self.register_buffer("highest", torch.as_tensor(space.high, dtype=torch.float32))

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """Scales a batch of shape (n, 8, 8, planes) to (n, 64 * planes)."""
        return (observations / self.highest).flatten(1)


def main() -> None:
    """Trains, looking now and then how good the policy has become."""
    options = read_options()
    torch.set_num_threads(options.threads)
    terms: dict[str, Any] = {
        "start": options.start,
        "color": "white",
        "observation": "light",
        "max_plies": options.max_plies,
    }
    boards = make_vec_env(ENV_ID, n_envs=BOARDS, seed=options.seed, env_kwargs=terms | {"shaping": options.shaping})
    model = MaskablePPO(
        "MlpPolicy",
        boards,
        n_steps=64,
        batch_size=512,
        n_epochs=6,
        gamma=0.97,
        gae_lambda=0.9,
        ent_coef=0.003,
        learning_rate=1e-3,
        policy_kwargs={"net_arch": [256], "activation_fn": torch.nn.ReLU, "features_extractor_class": ScaledPlanes},
        seed=options.seed,
    )
    print("| steps | seconds | games won |\n|---:|---:|---:|")
    print(f"| random moves | | {share_won(at_random, terms, options.games):.1%} |", flush=True)
    began = time.monotonic()
    while time.monotonic() - began < 60 * options.minutes:
        model.learn(options.steps, reset_num_timesteps=False)
        seconds = time.monotonic() - began
        won = share_won(likeliest_of(model), terms, options.games)
        print(f"| {model.num_timesteps:,} | {seconds:.0f} | {won:.1%} |", flush=True)
    if options.save:
        model.save(options.save)


def read_options() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", default="KRvK", help="material or FEN, White to move (default: %(default)s)")
    parser.add_argument("--shaping", help="an engine or tablebase:FOLDER that shapes the rewards; results alone if not")
    parser.add_argument("--minutes", type=float, default=8.0, help="training time (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=16_384, help="steps between two looks (default: %(default)s)")
    parser.add_argument("--max-plies", type=int, default=60, help="the longest game (default: %(default)s)")
    parser.add_argument("--games", type=int, default=200, help="games to judge by (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="torch's threads (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", help="where the policy goes, a .zip file")
    return read(parser, minutes=0.1, steps=2048, games=50)


def likeliest_of(model: MaskablePPO) -> Policy:
    """Makes the policy that plays the model's likeliest actions."""
    return lambda observations, masks: model.predict(observations, action_masks=masks, deterministic=True)[0]


def at_random(observations: NDArray[np.uint8], masks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Plays any legal action, each with the same probability."""
    # The largest of as many random numbers as there are legal actions is at each of them equally often.
    return np.where(masks, RNG.random(masks.shape), -1.0).argmax(axis=1)


RNG = np.random.default_rng(0)


def share_won(policy: Policy, terms: dict[str, Any], games: int) -> float:
    """Plays that many games side by side, each once, and returns the share that White wins."""
    vector = gym.make_vec(ENV_ID, num_envs=games, vectorization_mode="vector_entry_point", **terms)
    observations, infos = vector.reset(seed=UNSEEN_SEED)
    score, over = np.zeros(games), np.zeros(games, bool)
    while not over.all():
        actions = policy(observations, infos["action_mask"].astype(bool))
        observations, rewards, terminations, truncations, infos = vector.step(actions)
        score[~over] += rewards[~over]
        over |= terminations | truncations
    vector.close()
    return float(np.mean(score == 1.0))


if __name__ == "__main__":
    main()
