# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""rsi/Writing-v0."""

from __future__ import annotations

from collections.abc import Sequence

from rsi_envs.core.agents import SeatedAgent
from rsi_envs.core.aggregation import Rule
from rsi_envs.core.constraints import findings, share_met, words
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.options import check_count
from rsi_envs.core.panel import Opinion, Panel, Seat
from rsi_envs.core.tasks import Split
from rsi_envs.core.text import Opening, TextEnv, Turn
from rsi_envs.core.verdict import Verdict
from rsi_envs.core.weights import read_weights, weight_in
from rsi_envs.writing import prompts
from rsi_envs.writing.loading import load_assignments
from rsi_envs.writing.reward import TEXT, to_be_judged, verdict_of, with_demands
from rsi_envs.writing.story import writing_story
from rsi_envs.writing.types import WritingTask

ATTEMPTS = 3


class WritingEnv(TextEnv):
    """Write a text for an assignment; a program checks its form and a panel of judges compares it with others.

    ## Description
    80 assignments of ten genres: arguments, stories, explanations, summaries, dialogues, verse, letters,
    specifications, reviews, humour. Each comes with constraints that a program checks, criteria for judges, and a
    ladder of reference texts of plainly different quality.

    ## Action Space
    Text: the whole reply is the text.

    ## Observation Space
    Text: the assignment, what is checked, what judges look at, and the form of a reply; later, what was said of a
    draft.

    ## Starting State
    An assignment of the split.

    ## Rewards
    The last step pays the score, in [0, 1], every other 0: half of it is the share of the constraints met, half the
    share of comparisons that the text wins, by the panel, in both orders, against each reference, or in a duel against
    the opponent's text. A tie is half a win.

    ## Episode End
    After one text, or after `revisions` more. A reply without a word is malformed and may be given again, 3 times in
    all; then the score is 0. Where fewer judges than the quorum gave a ranking, the episode is unscored.

    ## Information
    `malformed` as above. `constraints`, at the start: what a program checks, as task files have it. On the last step
    `compared_with`: the `name` of each text that this one was compared with, a reference's level or the opponent, whose
    `text` is there too. The verdict has the parts `constraints`, `win_rate` and `place`, the text's place among the
    references by Bradley-Terry strengths, 1 for the best; `references_beaten`; every vote with its rationale;
    `judged_by`, the judges' names; `health`, how far to trust the votes. In a duel `passed` says who won.

    ## Arguments
    Args:
        judges: Names of the agents that judge; the judge `constraints` alone if left out, which only sees what a
            program checks.
        rule: How the panel puts votes together; see `rsi_envs.core.aggregation`.
        weights: A file that says what each judge's vote counts, as `rsi judge --fit-weights` writes it; None counts all
            alike.
        quorum: How many judges must give a ranking; None for more than half.
        revisions: How often a text may be written again after the panel's critique.
        opponent: An agent's name: it writes for the same assignment, and its text takes the ladder's place. None for
            none.
        tasks: A JSON Lines file or "hf:NAME" of one's own assignments; see `rsi_envs.writing.types`. None for the
            shipped ones.
        split: "train" or "test".
        render_mode: "ansi" or None.

    Raises:
        InvalidOption: An argument that makes no sense.
        TaskFileError: A file that can't be used.
        EnvironmentFault: The opponent broke.
        BudgetExhausted: The budget shared with judges and opponent is spent.
        Exception: Whatever making an agent of these names raises.
    """

    system_prompt = prompts.SYSTEM_PROMPT
    story = staticmethod(writing_story)

    def __init__(
        self,
        *,
        judges: Sequence[str] = ("constraints",),
        rule: Rule = "borda",
        weights: str | None = None,
        quorum: int | None = None,
        revisions: int = 0,
        opponent: str | None = None,
        tasks: str | None = None,
        split: Split = "train",
        render_mode: str | None = None,
    ) -> None:
        super().__init__(render_mode=render_mode, split=split)
        check_count("revisions", revisions, least=0)
        self._tasks = load_assignments(tasks)
        counts = dict.fromkeys(judges, 1.0) if weights is None else read_weights(weights)
        seats = [Seat(AgentJudge(name), weight=weight_in(counts, name)) for name in judges]
        self._panel = Panel(seats, rule=rule, quorum=quorum)
        self._revisions = revisions
        self._opponent = None if opponent is None else SeatedAgent(opponent)

    def task_ids(self, split: Split | None = None) -> tuple[str, ...]:
        """Lists the assignments' ids in order."""
        return self._tasks.ids(split)

    def reference_action(self, level: str) -> str:
        """Gives the reference text of this level; see `TextEnv.reference_action`."""
        return self._task.reference(level)

    def reference_worth(self) -> dict[str, float]:
        """See `TextEnv.reference_worth`; the place on the ladder, from 0 for the worst to 1 for the best."""
        levels = [reference.level for reference in self._task.references]
        return {level: rung / (len(levels) - 1) for rung, level in enumerate(levels)}

    def _open(self, task_id: str | None) -> Opening:
        self._task = self._tasks.pick(self.np_random, self.split) if task_id is None else self._tasks.get(task_id)
        self._left, self._attempts = self._revisions, ATTEMPTS
        self._seed = int(self.np_random.integers(2**31))
        self._rival: str | None = None
        extra = {"constraints": [constraint.as_dict() for constraint in self._task.constraints]}
        return Opening(_assignment(self._task), self._task.id, self._task.split, extra=extra)

    def _preview(self, action: str) -> float | None:
        """See `TextEnv.preview`; the share of the constraints that the text meets."""
        if not words(action):
            return 0.0
        return share_met(self._task.constraints, action.strip()) if self._task.constraints else None

    def _respond(self, action: str) -> Turn:
        text = action.strip()
        if not words(text):
            return self._refuse(prompts.NO_TEXT)
        opinion = self._opinion(text)
        if self._left:
            self._left -= 1
            return Turn(prompts.CRITIQUE.format(left=self._left, said=_critique(self._task, text, opinion)))
        verdict = verdict_of(self._task, text, opinion, duel=self._opponent is not None)
        told = prompts.CONCLUSION.format(reason=verdict.unscored or verdict.reason)
        others = {"compared_with": self._others()}
        return Turn(told, verdict.score or 0.0, terminated=True, verdict=verdict, extra=others)

    def _refuse(self, reason: str) -> Turn:
        self._attempts -= 1
        if self._attempts:
            return Turn(prompts.TRY_AGAIN.format(problem=reason), malformed=reason)
        verdict = Verdict(0.0, parts={"constraints": 0.0}, reason=f"no text in {ATTEMPTS} attempts")
        return Turn(
            prompts.CONCLUSION.format(reason=verdict.reason), terminated=True, verdict=verdict, malformed=reason
        )

    def _opinion(self, text: str) -> Opinion:
        others = [reference.text for reference in self._task.references]
        if self._opponent is not None:
            if self._rival is None:
                self._rival = self._written(self._opponent)
            others = [self._rival]
        task = to_be_judged(self._task, (text, *others))
        return self._panel.judge(task, seed=self._seed, pairs=[(TEXT, i) for i in range(1, len(others) + 1)])

    def _others(self) -> list[dict[str, str]]:
        """Names what the text was compared with, in order, for the record."""
        if self._opponent is not None and self._rival is not None:
            return [{"name": self._opponent.name, "text": self._rival}]
        return [{"name": reference.level} for reference in self._task.references]

    def _written(self, opponent: SeatedAgent) -> str:
        opponent.begin(self, self._seed)
        return str(opponent.act(self._opening.observation, self._info(extra=self._opening.extra)))

    def close(self) -> None:
        """Lets go of the opponent. Idempotent."""
        if self._opponent is not None:
            self._opponent.close()
        super().close()


def _assignment(task: WritingTask) -> str:
    return prompts.ASSIGNMENT.format(
        assignment=with_demands(task),
        criteria=prompts.CRITERIA.format(criteria=task.criteria) if task.criteria else "",
    )


def _critique(task: WritingTask, text: str, opinion: Opinion) -> str:
    """Puts together what was said of a text: what a program found, and judges' reasons."""
    said = [prompts.FOUND.format(findings=findings(task.constraints, text))]
    for vote in opinion.votes:
        if vote.ranking is not None and vote.ranking.rationale:
            label = "AB"[vote.shown.index(TEXT)]
            said.append(prompts.COMPARED.format(label=label, rationale=vote.ranking.rationale))
    return "\n".join(f"- {line}" for line in said)
