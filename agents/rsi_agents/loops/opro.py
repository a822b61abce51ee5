# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`opro`: a model rewrites an agent's instructions, round after round, from those that were tried and their scores.

Source: C. Yang et al., Large language models as optimizers, 2023 (2309.03409). As there, the best instructions tried
are shown with whole scores, the best last, beside tasks that are drawn anew in every round, and all are scored on the
same training tasks. Other than there, a task is shown with what the agent answered and how that scored, because an
open-ended task has no right answer to show.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from rsi_agents.errors import LoopPaused
from rsi_agents.loops.contract import SAMPLE_SEEDS, Proposal, Round
from rsi_agents.loops.instructions import INSTRUCTIONS, instructed, instructions_of
from rsi_agents.loops.lessons import digest, read_rows
from rsi_agents.loops.opro_prompts import PLACEHOLDER, opro_prompt
from rsi_agents.names import without_setting
from rsi_agents.records import EpisodeRecord
from rsi_agents.records.reading import read_records
from rsi_agents.registry import agent_factory, innermost, make_agent
from rsi_envs.core.agents import Agent, Closeable
from rsi_envs.core.errors import BudgetExhausted

_WRITTEN, _TRIED = "written.jsonl", "tried.jsonl"
_BASE_RUN, _RUN = "base", "samples"
_ANSWER = re.compile(r"(?s)(?:(?!</?INS>).)*<INS>((?:(?!</?INS>).)*)</INS>(?:(?!</?INS>).)*")
"""A reply that holds one pair of marks, and no other."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Instructions, and how they did on the training tasks."""

    agent: str
    """The agent that follows them."""
    instructions: str
    """Empty where a base has none."""
    score: float | None
    """Mean over episodes, in [0, 1]; None where none was scored."""
    episodes: int
    """Scored ones."""


class Opro:
    """Has instructions written, scores each on the same training tasks, and takes the best if it beats the parent's.

    Args:
        optimizer: The agent that writes them, by name; None for the base without wrappers and instructions of its own.
        proposals: Instructions that are written in a round.
        history: Instructions that are shown with their scores, at most: the best of all rounds.
        examples: Training tasks that are shown.
        attempts: How often in all a reply is asked for that holds new instructions.
        longest: Characters of instructions, at most. Tasks and answers are shown up to as many.

    Raises:
        AgentNotFound: The optimizer is no agent.
        AgentNameError: The optimizer takes no such setting.
    """

    def __init__(
        self,
        *,
        optimizer: str | None = None,
        proposals: Annotated[int, Field(ge=1)] = 4,
        history: Annotated[int, Field(ge=1)] = 20,
        examples: Annotated[int, Field(ge=0)] = 3,
        attempts: Annotated[int, Field(ge=1)] = 3,
        longest: Annotated[int, Field(ge=1)] = 2000,
    ) -> None:
        self._optimizer, self._proposals, self._history = optimizer, proposals, history
        self._examples, self._attempts, self._longest = examples, attempts, longest
        if optimizer is not None:
            agent_factory(optimizer)

    def propose(self, round_: Round) -> Proposal:
        """Makes the next generation; see `Loop.propose`.

        Raises:
            CannotUpdate: The base takes no instructions.
            LoopPaused: The budget is spent.
        """
        instructed(round_.base, round_.path)
        earlier = [Tried(**row) for path in round_.earlier(_TRIED) for row in read_rows(path)]
        first = [] if earlier else [self._scored_base(round_)]
        tried = [*earlier, *first]
        (parent,) = (one for one in tried if one.agent == round_.parent)
        if parent.score is None:
            return Proposal(None, "no training episode of the base was scored")
        written = list(read_rows(round_.once(_WRITTEN, lambda path: self._write(path, round_, tried))))
        new = self._scored(round_, [row[INSTRUCTIONS] for row in written if row[INSTRUCTIONS]])
        file = round_.once(_TRIED, lambda path: _write_rows(path, map(dataclasses.asdict, [*first, *new])))
        # Instructions under which episodes break would else be judged by the easier ones.
        able = [(one.score, one) for one in new if one.score is not None and one.episodes >= parent.episodes]
        score, best = max(able, key=lambda one: one[0], default=(None, None))
        measures = {"proposals": len(new), "parent": parent.score, **({} if score is None else {"best": score})}
        measures |= {key: sum(row[key] for row in written) for key in ("unreadable", "repeated")}
        told = partial(Proposal, measures=measures, files={"tried": round_.within(file)})
        if score is None or best is None:
            return told(None, "no new instructions could be scored" if new else "no reply held new instructions")
        if score <= parent.score:
            return told(None, "no new instructions score higher in training than the parent's")
        return told(best.agent, f"the best of {len(new)} new instructions")

    def proxy(self, round_: Round, records: Sequence[EpisodeRecord]) -> None:
        """There is no reward but the environment's."""

    def _scored_base(self, round_: Round) -> Tried:
        (tried,) = _played(round_, _BASE_RUN, {round_.base: instructions_of(round_.base)})
        return tried

    def _scored(self, round_: Round, texts: Sequence[str]) -> list[Tried]:
        told = {}
        for number, text in enumerate(texts, start=1):
            file = round_.once(f"instructions-{number}.txt", partial(_write_text, text=text))
            told[instructed(round_.base, file)] = text
        return _played(round_, _RUN, told) if told else []

    def _write(self, path: Path, round_: Round, tried: Sequence[Tried]) -> None:
        """Asks for each of the proposals until a reply holds new instructions, and keeps what was said."""
        name = self._optimizer or without_setting(innermost(round_.base), INSTRUCTIONS)
        seen = {digest(text) for text in (PLACEHOLDER, *(one.instructions for one in tried))}
        prompt = self._prompt(round_, tried)
        seeds = iter(range(round_.seed, round_.seed + self._proposals * self._attempts))
        agent = make_agent(name, budget=round_.budget)
        with closing(agent) if isinstance(agent, Closeable) else nullcontext():
            _write_rows(path, [self._asked(agent, prompt, seeds, seen) for _ in range(self._proposals)])

    def _asked(self, agent: Agent, prompt: str, seeds: Iterable[int], seen: set[str]) -> dict[str, Any]:
        """Asks for one proposal; what is new is added to what was seen."""
        row: dict[str, Any] = {INSTRUCTIONS: None, "unreadable": 0, "repeated": 0, "replies": []}
        for _, seed in zip(range(self._attempts), seeds, strict=False):
            agent.reset(seed)
            try:
                reply = agent.act(prompt, {})
            except BudgetExhausted as error:
                raise LoopPaused(f"{error}, with instructions to write") from error
            row["replies"].append(str(reply))
            text = self.read(str(reply))
            if text is None:
                row["unreadable"] += 1
            elif digest(text) in seen:
                row["repeated"] += 1
            else:
                seen.add(digest(text))
                row[INSTRUCTIONS] = text
                break
        return row

    def read(self, reply: str) -> str | None:
        """Reads the instructions in a reply; None where it does not hold them in the form that was asked for."""
        found = _ANSWER.fullmatch(reply)
        text = found[1].strip() if found else ""
        return text if 0 < len(text) <= self._longest else None

    def _prompt(self, round_: Round, tried: Sequence[Tried]) -> str:
        ranked = sorted((one.score, one.instructions) for one in tried if one.score is not None)
        records = _episodes(round_, round_.parent)
        drawn = np.random.default_rng(round_.seed).permutation(len(records))[: self._examples]
        cut = self._longest
        return opro_prompt(
            [(text, score) for score, text in ranked[-self._history :]],
            [
                (str(records[i].observation)[:cut], str(records[i].steps[-1].action)[:cut], records[i].score or 0.0)
                for i in drawn
            ],
        )


def _played(round_: Round, run: str, told: Mapping[str, str]) -> list[Tried]:
    """Plays the agents that follow these instructions on the training tasks, which are the same in every round."""
    agents = tuple(told)
    played = round_.sample(agents[0], run=run, agents=agents, seed=round_.config.seed + SAMPLE_SEEDS)
    scores = {agent: [r.score for r in played if r.agent == agent and r.score is not None] for agent in agents}
    return [Tried(agent, told[agent], fmean(of) if of else None, len(of)) for agent, of in scores.items()]


def _episodes(round_: Round, agent: str) -> list[EpisodeRecord]:
    """Reads the scored training episodes of an agent that was tried before."""
    runs = [round_.path / _BASE_RUN, *round_.earlier(_BASE_RUN), *round_.earlier(_RUN)]
    records = [record for run in runs if run.exists() for record in read_records(run)]
    return sorted((r for r in records if r.agent == agent and r.score is not None), key=lambda record: record.index)


def _write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    _write_text(path, "".join(json.dumps(row) + "\n" for row in rows))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
