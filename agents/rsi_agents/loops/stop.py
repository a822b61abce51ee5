# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`stop`: a program that improves programs improves itself.

Source: E. Zelikman et al., Self-taught optimizer (STOP): recursively self-improving code generation, 2023 (2310.02304).
As there, an improver's meta-utility is the mean utility of what it returns on the training tasks. Other than there, a
new improver must also do better than its parent to be measured on held-out tasks, and one that attempts to leave its
sandbox is worth nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any, NamedTuple, cast

from pydantic import Field

from rsi_agents.errors import InvalidLoop, LoopPaused
from rsi_agents.improvers.prompts import IMPROVE_IMPROVERS
from rsi_agents.improvers.running import attempts_in
from rsi_agents.improvers.suspicions import defines_improve, suspicions
from rsi_agents.loops.contract import Proposal, Round
from rsi_agents.names import with_wrapper_setting
from rsi_agents.policies.improver import ImproverAgent, Utility
from rsi_agents.records import EpisodeRecord
from rsi_agents.registry import make_agent
from rsi_envs.core.errors import BudgetExhausted

_MOST_NOTES = 10


@dataclass(frozen=True, slots=True)
class Found:
    """What an improver was found to be on the training tasks."""

    source: str
    meta_utility: float | None
    """Mean score in [0, 1] of what it returned; 0 where it is no improver, or attempted to leave its sandbox; None
    where no episode was scored."""
    gained: float | None = None
    """By how much its programs are better than those that it was given, by its utility; None where that is unknown."""
    violations: Mapping[str, int] = field(default_factory=dict)
    """What it did that it may not, by kind."""
    notes: tuple[str, ...] = ()
    """What the first of them were."""


class Stop:
    """Has an improver improve itself, by what its offspring achieve on the training tasks.

    Generations are agents of the kind `improver of AGENT`: the base must be one.

    Args:
        utility: What tells improvers what a program is worth in training: "verdict", the score of an episode that is
            played with it, or "feedback", what the environment tells of it beforehand. On held-out tasks it is always
            what the base's name says.
        candidates: How often an improver that improves itself may ask what a new one is worth. Each costs an episode
            for every training task.
    """

    def __init__(self, *, utility: Utility = "verdict", candidates: Annotated[int, Field(ge=1)] = 3) -> None:
        self._utility: Utility = utility
        self._candidates = candidates

    def propose(self, round_: Round) -> Proposal:
        """Makes the next generation; see `Loop.propose`."""
        found = cache(partial(self._found, round_))
        with closing(_improver(round_)) as agent:
            old = found(agent.source)
            if old.meta_utility is None:
                return Proposal(None, "no training episode was scored, so there is nothing to improve by")
            made = self._improved(round_, agent, found)
        returned = [] if made["program"] is None else [made["program"]]
        tried = {source: found(source) for source in (old.source, *made["asked"], *returned)}
        report = round_.once("report.json", lambda path: _write_report(path, tuple(tried.values()), made))
        measures, files = _measures(old, tried, made), {"report": round_.within(report)}
        why_not = _why_not(old, tried, made)
        if why_not:
            return Proposal(None, why_not, measures, files)
        file = _file(round_, made["program"])
        name = with_wrapper_setting(round_.base, "program", str(file.resolve()))
        return Proposal(name, "it improved itself", measures, {"improver": round_.within(file), **files})

    def proxy(self, round_: Round, records: Sequence[EpisodeRecord]) -> list[float | None]:
        """Gives what the improver's utility said of what it returned: a gap to the verdict shows that it was gamed."""
        return [_utilities(record).played for record in records]

    def _found(self, round_: Round, source: str) -> Found:
        """Measures an improver on the training tasks."""
        if not defines_improve(source):
            return Found(source, 0.0)
        file = _file(round_, source)
        name = with_wrapper_setting(round_.base, "program", str(file.resolve()))
        name = with_wrapper_setting(name, "utility", self._utility)
        played = round_.sample(name, run=f"meta-{file.stem}")
        told = [step.trace["improver"] for record in played for step in record.steps]
        violations = sum((Counter(one["violations"]) for one in told), Counter[str]())
        scores = [record.score for record in played if record.score is not None]
        gains = [last - first for first, last in map(_utilities, played) if first is not None and last is not None]
        return Found(
            source,
            0.0 if attempts_in(violations) else fmean(scores) if scores else None,
            fmean(gains) if gains else None,
            dict(sorted(violations.items())),
            tuple(note for one in told for note in one["notes"])[:_MOST_NOTES],
        )

    def _improved(self, round_: Round, agent: ImproverAgent, found: Callable[[str], Found]) -> Mapping[str, Any]:
        """Has an improver improve itself, once in a round; gives its `Improvement`, and what sources it `asked` of."""

        def improve_itself(path: Path) -> None:
            asked: list[str] = []

            def meta_utility(source: str) -> float:
                asked.append(source)
                return found(source).meta_utility or 0.0

            agent.reset(round_.seed)
            try:
                made = agent.improve(
                    agent.source, task=IMPROVE_IMPROVERS, utility=meta_utility, utility_calls=self._candidates
                )
            except BudgetExhausted as error:
                raise LoopPaused(f"{error}, with an improver at work on itself in {round_.path}") from error
            _write(path, json.dumps({**asdict(made), "asked": asked}))

        return cast("Mapping[str, Any]", json.loads(round_.once("itself.json", improve_itself).read_text("utf-8")))


def _why_not(old: Found, tried: Mapping[str, Found], made: Mapping[str, Any]) -> str | None:
    """Says why what an improver made of itself is no new generation; None where it is."""
    program = made["program"]
    if program is None:
        return f"it broke on itself: {made['problem']}"
    if program == old.source:
        return "it found nothing better than itself"
    if (tried[program].meta_utility or 0.0) <= (old.meta_utility or 0.0):
        return "what it made of itself does no better on the training tasks"
    return None


def _measures(old: Found, tried: Mapping[str, Found], made: Mapping[str, Any]) -> dict[str, float]:
    """Tells a round in numbers: what improvers are worth, and what they did that they may not."""
    violations = sum((Counter(one.violations) for one in tried.values()), Counter(made["violations"]))
    worth = {
        "meta_utility": old.meta_utility,
        "gained": old.gained,
        "meta_utility_made": tried[made["program"]].meta_utility if made["program"] is not None else None,
    }
    return {
        **{name: value for name, value in worth.items() if value is not None},
        "candidates": len(tried) - 1,
        "suspicious": sum(bool(suspicions(source)) for source in tried if source != old.source),
        "attempts": attempts_in(violations),
        **{f"violations_{kind}": count for kind, count in sorted(violations.items())},
    }


def _improver(round_: Round) -> ImproverAgent:
    """Makes the newest improver, to improve itself."""
    agent = make_agent(round_.parent, budget=round_.budget)
    if not isinstance(agent, ImproverAgent):
        raise InvalidLoop(f"stop improves improvers; write the base as 'improver of {round_.base}'")
    return agent


def _file(round_: Round, source: str) -> Path:
    """Keeps an improver's source in the round's folder, by its digest."""
    digest = hashlib.blake2b(source.encode(), digest_size=6).hexdigest()
    return round_.once(f"improver-{digest}.py", lambda path: _write(path, source))


class _Utilities(NamedTuple):
    """What utility said in an episode's last step; None where it could say nothing."""

    first: float | None
    """Of the program that the improver was given."""
    played: float | None
    """Of what it made of it."""


def _utilities(record: EpisodeRecord) -> _Utilities:
    scores = record.steps[-1].trace["scores"]
    return _Utilities(scores[0], scores[-1])


def _write_report(path: Path, found: Sequence[Found], made: Mapping[str, Any]) -> None:
    improvers = [{**asdict(one), "suspicions": suspicions(one.source)} for one in found]
    _write(path, json.dumps({"improvers": improvers, "on_itself": made}, indent=2) + "\n")


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
