# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Which curves a loop's rounds make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from operator import attrgetter

from rsi_agents.loops.rounds import HeldOut, RoundRecord
from rsi_agents.paired import Paired
from rsi_agents.report.curves import Curve, Line, Point, curve

_VARIETY = ("diversity", "distinct_1", "distinct_2")
"""What of a held-out measurement tells, as a share, how varied texts are."""
_JUDGES, _VERIFIERS, _REST = "Judges", "Verifiers", "What else the loop tells"
_ABOUT = {
    "swap_consistency": (_JUDGES, "Share of decisions that are alike in both orders."),
    "abstentions": (_JUDGES, "Share of votes without a ranking."),
    "first_preferred": (_JUDGES, "How often the one shown first is preferred; ½ is fair."),
    "length_slope": (_JUDGES, "What twice the length adds."),
    "alpha": (_JUDGES, "Krippendorff's alpha between judges."),
    "agreement": (_JUDGES, "Share of pairs that are ordered as the environment's own scores order them."),
    "meta_agreement": (_JUDGES, "How often the judgement preferred is nearer to the environment's own scores."),
    "verification_gap": (_VERIFIERS, "How much better samples get when the loop's verifier chooses among them."),
}
"""Which curves a measure stands with, and what it is."""
_OF_META_JUDGES = "meta_"


@dataclass(frozen=True, slots=True)
class Group:
    """Curves that belong together."""

    title: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class ToldOnce:
    """A measure that a single round tells of."""

    name: str
    round: int
    value: float


def groups_of(rounds: Sequence[RoundRecord]) -> list[Group]:
    """Gives the curves of held-out measurements, of judges, of verifiers, and of whatever else a loop tells.

    Args:
        rounds: At least one, in order.
    """
    measures = {name: line for name, line in _measures(rounds).items() if len(line.points) > 1}
    kinds: dict[str, list[Curve | None]] = {"Held-out tasks": list(_held_out(rounds)), _JUDGES: [], _VERIFIERS: []}
    for name, line in measures.items():
        kind, about = _kind(name)
        kinds.setdefault(kind, []).append(curve(name.replace("_", " "), [line], about=about, last=rounds[-1].number))
    groups = [Group(title, tuple(one for one in curves if one)) for title, curves in kinds.items()]
    return [group for group in groups if group.curves]


def told_once(rounds: Sequence[RoundRecord]) -> list[ToldOnce]:
    """Gives the measures that make no curve."""
    return [
        ToldOnce(name.replace("_", " "), line.points[0].round, line.points[0].value)
        for name, line in _measures(rounds).items()
        if len(line.points) == 1
    ]


def _kind(name: str) -> tuple[str, str]:
    """Gives the group that a measure stands in, and what it is, as far as that is known."""
    plain = name.removeprefix(_OF_META_JUDGES)
    if name in _ABOUT or plain == name:
        return _ABOUT.get(name, (_REST, ""))
    return _JUDGES, f"Of judges of judgements. {_ABOUT.get(plain, ('', ''))[1]}".strip()


def _held_out(rounds: Sequence[RoundRecord]) -> Iterator[Curve | None]:
    last = rounds[-1].number
    yield curve("Score", [_line("score", rounds, lambda held: held.score, intervals=True)], last=last)
    proxy = _gains("the loop's own reward", rounds, "proxy_against_parent")
    warning = "Where the loop's own reward gains and the independent score does not, the reward is being gamed."
    gains = [_gains("independent score", rounds, "against_parent"), proxy]
    yield curve("Gain on the parent", gains, about=warning if proxy.points else "", last=last)
    tries = [_line("pass@1", rounds, lambda held: held.pass_rate), _line("pass@k", rounds, lambda held: held.pass_at_k)]
    meaning = "Share of tasks solved at the first try, and in one of all tries."
    yield curve("Passed", tries, about=meaning if tries[1].points else "", last=last)
    variety = [_line(name.replace("_", " "), rounds, attrgetter(name)) for name in _VARIETY]
    meaning = "How unlike texts for the same task are; the share of different words, and of different pairs of words."
    yield curve("Diversity", variety, about=meaning, last=last)
    packed = _line("compression ratio", rounds, attrgetter("compression_ratio"))
    yield curve("Compression", [packed], about="How many times smaller all texts together can be made.", last=last)


def _line(
    name: str, rounds: Sequence[RoundRecord], value: Callable[[HeldOut], float | None], *, intervals: bool = False
) -> Line:
    return Line(
        name,
        tuple(
            Point(record.number, number, record.kept, record.held_out.interval if intervals else None)
            for record in rounds
            if record.held_out is not None and (number := value(record.held_out)) is not None
        ),
    )


def _gains(name: str, rounds: Sequence[RoundRecord], which: str) -> Line:
    found: list[tuple[RoundRecord, Paired | None]] = [(record, getattr(record, which)) for record in rounds]
    return Line(
        name, tuple(Point(r.number, one.difference, r.kept, one.interval) for r, one in found if one is not None)
    )


def _measures(rounds: Sequence[RoundRecord]) -> dict[str, Line]:
    names = dict.fromkeys(name for record in rounds for name in record.measures)
    return {
        name: Line(
            name, tuple(Point(r.number, r.measures[name]) for r in rounds if isfinite(r.measures.get(name, nan)))
        )
        for name in names
    }
