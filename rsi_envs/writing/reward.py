# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a text is worth: the constraints it meets, and how it stands beside texts of known quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rsi_envs.core.aggregation import Vote, aggregate
from rsi_envs.core.constraints import findings, share_met
from rsi_envs.core.judging import JudgingTask, Ranking
from rsi_envs.core.panel import Opinion
from rsi_envs.core.verdict import Verdict
from rsi_envs.writing import prompts
from rsi_envs.writing.types import WritingTask

TEXT = 0
"""The judged text's index among the candidates; those it is compared with follow."""
CONSTRAINTS_SHARE = 0.5
"""What meeting every constraint contributes to the score; winning every comparison contributes the rest."""
_LADDER = "the ladder"
_TIE = 1e-6
"""Shares and strengths that differ by less are equal."""


def to_be_judged(task: WritingTask, texts: Sequence[str]) -> JudgingTask:
    """Makes what judges are asked about texts for an assignment; they are told what a program found of each."""
    facts = tuple(findings(task.constraints, text) for text in texts) if task.constraints else ()
    return JudgingTask(with_demands(task), tuple(texts), task.criteria, task.constraints, facts)


def with_demands(task: WritingTask) -> str:
    """Writes the assignment and what a program checks."""
    if not task.constraints:
        return task.assignment
    demands = "\n".join(f"- {constraint}" for constraint in task.constraints)
    return prompts.DEMANDS.format(assignment=task.assignment, demands=demands)


def verdict_of(task: WritingTask, text: str, opinion: Opinion, *, duel: bool) -> Verdict:
    """Makes the verdict on a text.

    Args:
        task: The assignment.
        text: What was written.
        opinion: The panel's, on the text beside each reference in turn, from worst to best; in a duel, beside the
            opponent's text.
        duel: Whether the other text is an opponent's.
    """
    met = share_met(task.constraints, text)
    if opinion.unscored is not None:
        return _with_votes(Verdict(unscored=opinion.unscored, parts={"constraints": met}), opinion)
    wins = opinion.scores[TEXT]
    score = CONSTRAINTS_SHARE * met + (1.0 - CONSTRAINTS_SHARE) * wins
    parts, told = {"constraints": met, "win_rate": wins}, f"{met:.0%} of the constraints met"
    if duel:
        told += f", {wins:.0%} of the comparisons with the opponent's text won"
        return _with_votes(Verdict(score, wins > 0.5 + _TIE, parts, reason=told), opinion)
    parts["place"] = float(place(task, opinion.votes))
    beaten = references_beaten(task, opinion)
    told += f", better than {beaten} of {len(task.references)} references"
    verdict = Verdict(score, None, parts, references_beaten=beaten, references=len(task.references), reason=told)
    return _with_votes(verdict, opinion)


def _with_votes(verdict: Verdict, opinion: Opinion) -> Verdict:
    return replace(
        verdict,
        votes=tuple(vote.as_dict() for vote in opinion.votes),
        judged_by=tuple(dict.fromkeys(vote.judge for vote in opinion.votes)),
        health=opinion.health.as_dict(),
    )


def references_beaten(task: WritingTask, opinion: Opinion) -> int:
    """Counts the references that the votes prefer the text to."""
    count = 0
    for reference in range(1, len(task.references) + 1):
        votes = [vote for vote in opinion.votes if vote.ranking and reference in vote.ranking.candidates]
        count += aggregate(votes).get(TEXT, 0.0) > 0.5 + _TIE
    return count


def place(task: WritingTask, votes: Sequence[Vote]) -> int:
    """Returns the text's place among the references by Bradley-Terry strengths, 1 for the best.

    The known order of the references counts as one vote more. Where the text ties with a reference, it stands above.
    """
    ladder = tuple((reference,) for reference in range(len(task.references), 0, -1))
    known = Vote(_LADDER, tuple(range(1, len(task.references) + 1)), Ranking(ladder))
    scores = aggregate([*votes, known], "bradley_terry")
    return 1 + sum(scores[reference] > scores[TEXT] + _TIE for reference in scores if reference != TEXT)
