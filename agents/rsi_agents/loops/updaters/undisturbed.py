# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Trainers seed the process's generators and talk to its terminal; within `undisturbed`, nobody notices."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from rsi_agents.policies.weights import train_extra, without_bars


@contextmanager
def undisturbed() -> Iterator[None]:
    """Restores the random state of Python, numpy and torch, and keeps progress bars and deprecations away.

    Raises:
        MissingExtra: Packages of the extra `train` are not installed.
    """
    with randomness_kept(train_extra("torch")), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        with without_bars(train_extra("datasets")), without_bars(train_extra("transformers").utils.logging):
            yield


@contextmanager
def randomness_kept(torch: Any) -> Iterator[None]:
    """Restores the random state of Python, numpy and torch.

    Args:
        torch: The module, which whoever trains has imported.
    """
    states = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():
        try:
            yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])
