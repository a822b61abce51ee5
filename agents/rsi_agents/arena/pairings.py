# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Who meets whom: each scheme looks at the games so far and names the next pairs, round after round.

    round-robin    everybody meets everybody
    swiss          those with like scores meet, and nobody meets anybody twice while that can be helped
    active         those meet of whom a game is expected to tell most
    place          a newcomer meets those who tell most about it, until it is known well enough

A scheme is a generator that depends on nothing but its stage, the seed and the results, so an arena that is resumed
takes the same decisions from its records. No round begins before the last one is over: how many games are played at the
same time changes nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from rsi_agents.arena.belief import Belief, believed
from rsi_agents.arena.plan import ArenaPlan, Fixture, FixtureKey, Pairing, Stage, meetings
from rsi_agents.arena.ratings import Game, rate
from rsi_agents.errors import InvalidGames

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Past:
    """The games so far; both lists grow from round to round."""

    games: list[Game] = field(default_factory=list)
    """Those that came to a result."""
    tried: list[Game] = field(default_factory=list)
    """All, a draw for each without a result: who breaks games must not be asked for ever."""


Scheme = Callable[[Stage, Past, np.random.Generator], Iterator[Pairs]]
"""Takes the stage, the games so far, and what breaks ties."""
_A_MEETING = 2
"""Games of one meeting, with the sides swapped."""
_PLACE_AT_ONCE = 2
"""Meetings of a newcomer's round."""
_PLACE_RESAMPLES = 400
_LOST = 0.5
_TIE_BREAK = 1e-3
"""Far below what two scores can differ by."""


def rounds(plan: ArenaPlan, results: Mapping[FixtureKey, float | None]) -> Iterator[list[Fixture]]:
    """Yields the games of each round, those that are played already too.

    Args:
        plan: The arena's.
        results: What the first got in each game, None where it came to no result. Must hold a round's games before the
            next round is asked for.
    """
    past = Past()
    met: dict[frozenset[str], int] = {}
    index = 0
    for number, stage in enumerate(plan.stages):
        rng = np.random.default_rng([plan.seed, number])
        for pairs in SCHEMES[stage.pairing](stage, past, rng):
            fixtures = meetings(pairs, met, plan.seed, index)
            index += len(fixtures)
            yield fixtures
            for fixture in fixtures:
                score = results[fixture.key]
                past.tried.append(fixture.game(_LOST if score is None else score))
                if score is not None:
                    past.games.append(fixture.game(score))


def round_robin(stage: Stage, past: Past, rng: np.random.Generator) -> Iterator[Pairs]:
    """Lets every two meet, all in one round; cut short, it has them meet about equally often."""
    yield list(itertools.combinations(stage.agents, 2)) * (stage.games // _A_MEETING)


def swiss(stage: Stage, past: Past, rng: np.random.Generator) -> Iterator[Pairs]:
    """Pairs likes in every round; who is left over has a bye, which counts as a win, as in chess.

    The pairing is the one with the fewest repetitions, and among those with the smallest squared differences of scores.

    Sources: FIDE Handbook, C.04.1, Basic rules for Swiss systems; S. Olafsson, Weighted matching in chess tournaments,
    Journal of the Operational Research Society 41, 1990.
    """
    before = len(past.tried)
    byes: list[str] = []
    pairs: Pairs = []
    for _ in range(stage.rounds):
        points = {name: float(stage.games * byes.count(name)) for name in stage.agents}
        for game in past.tried[before:]:
            points[game.first] += game.score
            points[game.second] += 1.0 - game.score
        matched, bye = matching(points, pairs, byes, rng)
        pairs += matched
        if bye is not None:
            byes.append(bye)
        yield matched * (stage.games // _A_MEETING)


def matching(
    points: Mapping[str, float], met: Sequence[tuple[str, str]], byes: Sequence[str], rng: np.random.Generator
) -> tuple[Pairs, str | None]:
    """Pairs all agents at the lowest cost, exactly.

    Args:
        points: Everybody's score.
        met: Who has met.
        byes: Who has had a bye.
        rng: Chooses among equal pairings.

    Returns:
        The pairs, and who has the bye: one who had the fewest, and among those one of the lowest score; None where the
        number is even.
    """
    from scipy.optimize import LinearConstraint, milp

    names: list[str | None] = [*points]
    if len(names) % 2:
        names.append(None)
    values, lowest = np.array([*points.values()]), min(points.values())
    again = 1.0 + len(names) * float(np.ptp(values)) ** 2
    counted = [frozenset(pair) for pair in met]
    edges = list(itertools.combinations(range(len(names)), 2))
    costs = np.empty(len(edges))
    for number, (i, j) in enumerate(edges):
        one, other = names[i], names[j]
        if other is None:
            repeated, apart = byes.count(str(one)), values[i] - lowest
        else:
            repeated, apart = counted.count(frozenset((str(one), other))), values[i] - values[j]
        costs[number] = again * repeated + apart**2 + _TIE_BREAK / len(names) * rng.random()
    touches = np.zeros((len(names), len(edges)))
    for number, edge in enumerate(edges):
        touches[edge, number] = 1.0
    once = LinearConstraint(touches, 1, 1)
    found = milp(costs, integrality=np.ones(len(edges), int), constraints=once, options={"mip_rel_gap": 0})
    taken = (np.asarray(found.x) > 0.5).tolist()
    chosen = [(names[i], names[j]) for i, j in itertools.compress(edges, taken)]
    bye = next((one for one, other in chosen if other is None), None)
    return [(str(one), other) for one, other in chosen if other is not None], bye


def active(stage: Stage, past: Past, rng: np.random.Generator) -> Iterator[Pairs]:
    """Lets those meet whose games are expected to shrink the uncertainty about all strengths most.

    A game of two whose chances are p and 1 - p multiplies the determinant of the information by
    1 + p (1 - p) Var(difference of their strengths). The next meeting is the one with the largest factor; a round holds
    half as many as there are agents, each chosen as if those before it were played.

    Source: V. V. Fedorov, Theory of Optimal Experiments, 1972, chapter 2 (D-optimal designs, one observation at a
    time).
    """
    pairs = list(itertools.combinations(stage.agents, 2))
    left = stage.games // _A_MEETING
    while left:
        count = min(left, max(1, len(stage.agents) // 2))
        yield _most_telling(believed(past.tried, stage.agents), pairs, count, Belief.information_gain)
        left -= count


def place(stage: Stage, past: Past, rng: np.random.Generator) -> Iterator[Pairs]:
    """Lets a newcomer meet those whose games are expected to shrink the uncertainty about its strength most.

    It ends when the interval is narrow enough by the bootstrap, which is what ratings show, and by the belief, which a
    few lucky wins don't deceive.

    Source: V. V. Fedorov, Theory of Optimal Experiments, 1972, chapter 2 (linear criteria).
    """
    *others, newcomer = stage.agents
    left = stage.games // _A_MEETING if others else 0
    while left and not _known(newcomer, stage, past.games):
        count = min(left, _PLACE_AT_ONCE)
        pairs = [(newcomer, other) for other in others]
        belief = believed(past.tried, stage.agents)
        yield _most_telling(belief, pairs, count, lambda belief, pair: belief.gain_about(newcomer, pair))
        left -= count


def _most_telling(belief: Belief, pairs: Pairs, count: int, gain: Callable[[Belief, tuple[str, str]], float]) -> Pairs:
    chosen: Pairs = []
    for _ in range(count):
        best = max(pairs, key=partial(gain, belief))
        chosen.append(best)
        belief = belief.after(best, _A_MEETING)
    return chosen


def _known(newcomer: str, stage: Stage, games: Sequence[Game]) -> bool:
    if believed(games, stage.agents).width_elo(newcomer) > stage.width_elo:
        return False
    try:
        rows = rate(games, resamples=_PLACE_RESAMPLES).rows
    except InvalidGames:  # no game yet, or others whom no chain of games links
        return False
    return any(row.agent == newcomer and row.interval and row.interval.width <= stage.width_elo for row in rows)


SCHEMES: dict[Pairing, Scheme] = {"round-robin": round_robin, "swiss": swiss, "active": active, "place": place}
