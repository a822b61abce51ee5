# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The leaderboard: what a run's records say of each agent, with intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import fmean

from rsi_agents.diversity import Diversity
from rsi_agents.records import EpisodeRecord

CONFIDENCE = 0.95
_RESAMPLES = 5_000
_RESAMPLE_BATCH_CELLS = 1_000_000
_BOOTSTRAP_SEED = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided 95% confidence interval."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """How far the ends lie apart."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of one of an environment's metrics."""

    value: float
    """Mean over episodes of each episode's mean over the steps that tell of it."""
    interval: Interval | None
    """By the percentile bootstrap over episodes; None for fewer than two."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One agent's row. What no episode tells of is None."""

    agent: str
    episodes: int
    """Episodes recorded."""
    scored: int
    """Those with a score; means and rates below are over these unless they say otherwise."""
    unscored: int
    """Those whose environment could reach no verdict."""
    faults: int
    """Those that broke."""
    score: float | None
    """Mean score in [0, 1]."""
    score_interval: Interval | None
    """By the percentile bootstrap; None for fewer than two scores."""
    passed: int | None
    """How many count as solved."""
    pass_rate: float | None
    """Share solved of those whose environment draws that line."""
    pass_interval: Interval | None
    """Wilson's score interval."""
    references_beaten: float | None
    """Mean number of references done better than."""
    reward: float | None
    """Mean reward of an episode, over all that came to their end."""
    malformed: float | None
    """Share of actions that could not be read, over all that came to their end."""
    malformed_interval: Interval | None
    """Wilson's score interval, as if actions were independent."""
    diversity: float | None
    """How unlike the texts of two episodes of the same task are, 0 to 1; see `rsi_agents.diversity`."""
    metrics: Mapping[str, Mean]
    """What `info["metrics"]` tells of, by name in alphabetical order; empty where it tells of nothing."""
    tokens: int
    """Prompt and completion tokens of all episodes."""
    cost_usd: float
    """US dollars for all episodes."""
    wall_s: float
    """Seconds of all episodes, added up; they may have run side by side."""


@dataclass(slots=True)
class _Tally:
    """What is kept of an agent's records while they stream by."""

    episodes: int = 0
    unscored: int = 0
    faults: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    wall_s: float = 0.0
    actions: int = 0
    malformed: int = 0
    scores: list[float] = field(default_factory=list)
    passes: list[bool] = field(default_factory=list)
    beaten: list[int] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    metrics: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    diversity: Diversity = field(default_factory=Diversity)

    def add(self, record: EpisodeRecord) -> None:
        self.episodes += 1
        self.tokens += record.usage.total_tokens
        self.cost_usd += record.usage.cost_usd
        self.wall_s += record.wall_s
        if record.fault:
            self.faults += 1
            return
        self.rewards.append(record.reward)
        self.actions += len(record.steps)
        self.malformed += sum(bool(step.info.get("malformed")) for step in record.steps)
        for name, values in _metrics(record).items():
            self.metrics[name].append(fmean(values))
        task_id = (record.info or {}).get("task_id")
        actions = [step.action for step in record.steps]
        if task_id and all(isinstance(action, str) for action in actions):
            self.diversity.add(str(task_id), "\n".join(actions))
        verdict = record.verdict
        if verdict is None:
            return
        if verdict.score is None:
            self.unscored += 1
            return
        self.scores.append(verdict.score)
        if verdict.passed is not None:
            self.passes.append(verdict.passed)
        if verdict.references_beaten is not None:
            self.beaten.append(verdict.references_beaten)

    def standing(self, agent: str) -> Standing:
        return Standing(
            agent=agent,
            episodes=self.episodes,
            scored=len(self.scores),
            unscored=self.unscored,
            faults=self.faults,
            score=_mean(self.scores),
            score_interval=bootstrap_interval(self.scores),
            passed=sum(self.passes) if self.passes else None,
            pass_rate=_mean(self.passes),
            pass_interval=wilson_interval(sum(self.passes), len(self.passes)),
            references_beaten=_mean(self.beaten),
            reward=_mean(self.rewards),
            malformed=self.malformed / self.actions if self.actions else None,
            malformed_interval=wilson_interval(self.malformed, self.actions),
            diversity=self.diversity.value(),
            metrics={
                name: Mean(fmean(values), bootstrap_interval(values)) for name, values in sorted(self.metrics.items())
            },
            tokens=self.tokens,
            cost_usd=self.cost_usd,
            wall_s=self.wall_s,
        )


def leaderboard(records: Iterable[EpisodeRecord]) -> list[Standing]:
    """Ranks the agents of a run, best first: by mean score, then pass rate, then mean reward, then name."""
    tallies: dict[str, _Tally] = {}
    for record in records:
        tallies.setdefault(record.agent, _Tally()).add(record)
    return sorted((tally.standing(agent) for agent, tally in tallies.items()), key=_rank)


def bootstrap_interval(values: Sequence[float]) -> Interval | None:
    """Bounds the mean by the percentile bootstrap with 5,000 resamples and a fixed seed.

    None for fewer than two values. With few episodes the interval is too narrow, as every bootstrap's is.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    if len(values) < 2:
        return None
    import numpy as np
    from scipy.stats import bootstrap

    result = bootstrap(
        (np.asarray(values, dtype=float),),
        np.mean,
        n_resamples=_RESAMPLES,
        batch=max(1, _RESAMPLE_BATCH_CELLS // len(values)),
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(_BOOTSTRAP_SEED),
    )
    low, high = result.confidence_interval
    return Interval(float(low), float(high))


def wilson_interval(successes: int, trials: int) -> Interval | None:
    """Bounds a rate by Wilson's score interval; None without trials.

    Source: Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 1927.
    """
    if trials == 0:
        return None
    from scipy.stats import binomtest

    low, high = binomtest(successes, trials).proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    return Interval(float(low), float(high))


def _metrics(record: EpisodeRecord) -> dict[str, list[float]]:
    """Gathers an episode's metrics, each in the order of the steps that tell of it; what is no number is left out."""
    gathered: dict[str, list[float]] = {}
    for step in record.steps:
        told = step.info.get("metrics")
        for name, value in told.items() if isinstance(told, Mapping) else ():
            with suppress(TypeError, ValueError):
                number = float(value)
                gathered.setdefault(name, []).append(number)
    return gathered


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _rank(row: Standing) -> tuple[tuple[bool, float], ...] | tuple[object, ...]:
    def best_first(value: float | None) -> tuple[bool, float]:
        return value is None, -(value or 0.0)

    return best_first(row.score), best_first(row.pass_rate), best_first(row.reward), row.agent
