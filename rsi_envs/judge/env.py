# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""rsi/Judge-v0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

from rsi_envs.core.errors import TaskNotFound
from rsi_envs.core.hearing import AGAIN, ATTEMPTS, judging_info
from rsi_envs.core.judgements import SYSTEM_PROMPT, letters_of, question, read, written
from rsi_envs.core.judging import Ranking, agreement
from rsi_envs.core.options import check_choice
from rsi_envs.core.tasks import Split, TaskSet
from rsi_envs.core.text import Opening, TextEnv, Turn
from rsi_envs.core.verdict import Verdict
from rsi_envs.judge.graded import GRADED, GradedTrials
from rsi_envs.judge.injections import HARMLESS, INJECTED, load_injections
from rsi_envs.judge.levels import raised
from rsi_envs.judge.loading import load_trials
from rsi_envs.judge.made import KINDS, make_trial
from rsi_envs.judge.story import judge_story
from rsi_envs.judge.types import Trial

Scoring = Literal["agreement", "brier"]
ANY = "any"
UNCATEGORISED = "uncategorised"
SWAP_PENALTY = 0.25
HIGHEST_LEVEL = 4
SWAPPED = "The same candidates once more, under other letters.\n\n{question}"
_LEVELS = ("wrong", "oracle")
_NUMBERS = 2**31


class JudgeEnv(TextEnv):
    """Rank candidates for an assignment; what is known to be better decides.

    ## Description
    The agent is a judge: it gets an assignment and two or more candidates and says which does the assignment better,
    and why. The truth was decided by something other than a judge: a program that runs or checks, or people. The same
    agent may take a judge's seat in a panel that scores other agents' texts.

    ## Action Space
    Text: one JSON object, `{"rationale": "…", "ranking": "B > A"}`, alone or within other text; `=` ties. It may hold
    `"probabilities": {"A": 0.2, "B": 0.8}`, the chance that each is the best. `info["legal_actions"]` lists an action
    for every ranking without ties of up to four candidates, `info["schema"]` is the JSON schema of an action.

    ## Observation Space
    Text: the assignment, the candidates between marks that they can't write, what counts, and the form of an action;
    with `scoring="brier"`, it asks for probabilities.

    ## Starting State
    A trial of the split: made for the seed, without end, or drawn from a file. Its candidates stand in random order.

    ## Rewards
    The last step pays the score, every other 0. The score is the share of pairs of candidates that the ranking orders
    as the truth does (a tie counts half), in [0, 1]. With `scoring="brier"` it is 1 less the Brier score of the
    probabilities, halved to lie in [0, 1]; a ranking without probabilities counts as certain. With `swap=True` the
    score is the mean over both orders, less 0.25 if the two rankings differ, and at least 0.

    ## Episode End
    After one ranking, or with `swap=True` after two: the second turn shows the candidates in reverse. An agent that
    remembers the first turn can be consistent without judging again; `rsi judge` asks a fresh agent for each order. An
    action that can't be read is malformed and may be given again; after the third such action the score is 0.

    ## Information
    `judging` is the task as data, `schema` and `legal_actions` as above. On the last step `truth` is the right ranking,
    in the letters of the first question. The verdict's parts are `agreement`, `brier` where probabilities were given,
    `consistent` with `swap=True`; `passed` says whether every pair is ordered rightly. `metrics` holds the same numbers
    under the trial's category.

    ## Arguments
    Args:
        kind: What is judged: "constraints" or "outputs", both made without end; "any" draws one of them first;
            "chess", "code" and "writing", the references of tasks of `rsi/ChessPuzzle-v0`, `rsi/Code-v0` and
            `rsi/Writing-v0`; "injections", candidates that try to sway their judge, and "harmless", the same without
            the attempt.
        tasks: A file of trials, or "hf:NAME", to be judged instead; see `rsi_envs.judge.loading`. None for none.
        swap: Whether to ask in both orders.
        scoring: "agreement" or "brier".
        level: 1 judges candidates; 2 judgements of candidates, as `rsi/MetaJudge-v0` does, and so on up to 4.
        split: "train" or "test".
        render_mode: "ansi" or None.

    Raises:
        InvalidOption: An argument that makes no sense.
        TaskFileError: A file that can't be used.
        Exception: Whatever making the environment of "chess", "code" or "writing" raises.

    Source: G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1950.
    """

    system_prompt = SYSTEM_PROMPT
    story = staticmethod(judge_story)

    def __init__(
        self,
        *,
        kind: str = ANY,
        tasks: str | None = None,
        swap: bool = False,
        scoring: Scoring = "agreement",
        level: int = 1,
        split: Split = "train",
        render_mode: str | None = None,
    ) -> None:
        super().__init__(render_mode=render_mode, split=split)
        check_choice("scoring", scoring, get_args(Scoring))
        check_choice("level", level, range(1, HIGHEST_LEVEL + 1))
        check_choice("kind", kind, (*KINDS, *GRADED, ANY, INJECTED, HARMLESS))
        self._kinds = tuple(KINDS) if kind == ANY else (kind,)
        self._loaded: TaskSet[Trial] | None = None
        if tasks is not None:
            self._loaded = load_trials(tasks)
        elif kind in (INJECTED, HARMLESS):
            self._loaded = load_injections(kind)
        self._graded = GradedTrials(kind) if kind in GRADED and tasks is None else None
        self._swap = swap
        self._scoring: Scoring = scoring
        self._asked = {"probabilities": scoring == "brier"}
        self._level = level

    def task_ids(self, split: Split | None = None) -> tuple[str, ...]:
        """Lists the ids of loaded trials; none where they are made without end."""
        return self._loaded.ids(split) if self._loaded else ()

    @property
    def category(self) -> str:
        """What kind of trial the present one is; its info dicts don't say, so that no judge goes by it."""
        return self._shown.category or UNCATEGORISED

    def reference_action(self, level: str) -> str:
        """Gives the action that ranks as the truth does, "oracle", or the other way around, "wrong"."""
        if level not in _LEVELS:
            raise TaskNotFound(f"a trial has the references {', '.join(_LEVELS)}, not {level!r}")
        truth = self._shown.truth
        return written(truth if level == "oracle" else Ranking(truth.order[::-1]))

    def reference_worth(self) -> dict[str, float]:
        """See `TextEnv.reference_worth`; what the two references score."""
        return {"wrong": 0.0, "oracle": 1.0}

    def close(self) -> None:
        """Closes the environment that trials are made of, if there is one. Idempotent."""
        if self._graded is not None:
            self._graded.close()

    def _open(self, task_id: str | None) -> Opening:
        trial = self._trial(task_id)
        for _ in range(self._level - 1):
            trial = raised(trial)
        order = self.np_random.permutation(len(trial.task.candidates)).tolist()
        self._first = self._shown = trial.shown_as(order)
        self._left = ATTEMPTS
        self._rankings: list[Ranking] = []
        task = self._shown.task
        return Opening(question(task, **self._asked), trial.id, trial.split, extra=judging_info(task, **self._asked))

    def _trial(self, task_id: str | None) -> Trial:
        if self._loaded is not None:
            return self._loaded.pick(self.np_random, self.split) if task_id is None else self._loaded.get(task_id)
        if task_id is None:
            kind = self._kinds[int(self.np_random.integers(len(self._kinds)))]
            return self._made(kind, self.split, int(self.np_random.integers(_NUMBERS)))
        match task_id.split("/"):
            case [kind, "train" | "test" as split, number] if kind in self._kinds and number.isdecimal():
                return self._made(kind, split, int(number))
        raise TaskNotFound(f"no trial {task_id!r}; an id is {self._kinds[0]}/{self.split}/NUMBER")

    def _made(self, kind: str, split: Split, number: int) -> Trial:
        return self._graded.make(split, number) if self._graded else make_trial(kind, split, number)

    def _respond(self, action: str) -> Turn:
        reading = read(action, len(self._shown.task.candidates))
        if reading.ranking is None:
            return self._refuse(str(reading.problem))
        self._rankings.append(reading.ranking)
        if self._swap and len(self._rankings) == 1:
            self._shown = self._shown.shown_as(range(len(self._shown.task.candidates))[::-1])
            task = self._shown.task
            swapped = SWAPPED.format(question=question(task, **self._asked))
            return Turn(swapped, extra=judging_info(task, **self._asked))
        return self._conclude(reading.ranking)

    def _conclude(self, last: Ranking) -> Turn:
        truths = [self._first.truth, self._shown.truth] if self._swap else [self._shown.truth]
        parts = {"agreement": _mean(agreement, self._rankings, truths)}
        if all(ranking.probabilities for ranking in self._rankings):
            parts["brier"] = _mean(brier, self._rankings, truths)
        scored = parts["agreement"] if self._scoring == "agreement" else 1.0 - _mean(brier, self._rankings, truths)
        if self._swap:
            backwards = range(len(self._shown.task.candidates))[::-1]
            first, second = (_groups(r) for r in (self._rankings[0], last.seen_from(backwards)))
            parts["consistent"] = float(first == second)
            scored = max(0.0, scored - (0.0 if first == second else SWAP_PENALTY))
        verdict = Verdict(scored, parts["agreement"] == 1.0, parts)
        told = "right" if verdict.passed else "not right"
        metrics = {f"{self.category} agreement": parts["agreement"]}
        return self._end(f"The ranking is {told}.", verdict, metrics=metrics)

    def _refuse(self, reason: str) -> Turn:
        self._left -= 1
        if self._left:
            return Turn(
                AGAIN.format(problem=reason), malformed=reason, extra=judging_info(self._shown.task, **self._asked)
            )
        verdict = Verdict(0.0, False, {"agreement": 0.0}, reason=f"no ranking in {ATTEMPTS} attempts")
        return self._end(f"That can't be read either: {reason}.", verdict, malformed=reason)

    def _end(self, text: str, verdict: Verdict, **more: Any) -> Turn:
        truth = {"truth": letters_of(self._first.truth)}
        return Turn(text, verdict.score or 0.0, terminated=True, verdict=verdict, extra=truth, **more)


def brier(ranking: Ranking, truth: Ranking) -> float:
    """Returns the Brier score of a ranking's probabilities that each candidate is the best, halved to lie in [0, 1].

    A ranking without probabilities gives its best candidates equal shares of certainty; so does the truth.
    """
    told, true = _chances(ranking), _chances(Ranking(truth.order))
    return sum((told[candidate] - true[candidate]) ** 2 for candidate in true) / 2.0


def _chances(ranking: Ranking) -> dict[int, float]:
    if ranking.probabilities is not None:
        return dict(ranking.probabilities)
    best = ranking.order[0]
    return {candidate: (candidate in best) / len(best) for candidate in ranking.candidates}


def _groups(ranking: Ranking) -> list[set[int]]:
    return [set(group) for group in ranking.order]


def _mean(measure: Callable[[Ranking, Ranking], float], rankings: list[Ranking], truths: list[Ranking]) -> float:
    values = [measure(ranking, truth) for ranking, truth in zip(rankings, truths, strict=True)]
    return sum(values) / len(values)
