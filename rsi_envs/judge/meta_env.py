# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""rsi/MetaJudge-v0."""

from __future__ import annotations

from typing import Any

from rsi_envs.judge.env import JudgeEnv


class MetaJudgeEnv(JudgeEnv):
    """Rank judgements of candidates; what is known to be better decides.

    ## Description
    The agent judges judges: it gets an assignment, its candidates and two or three judgements of them, and says which
    judgement is the best. Otherwise this is `rsi/Judge-v0`, one level up.

    ## Action Space
    Text, as in `rsi/Judge-v0`: the letters are the judgements'.

    ## Observation Space
    Text: the question that the judges were asked, their answers, and the form of an action.

    ## Starting State
    A trial as in `rsi/Judge-v0`, and judgements of it: one that ranks rightly, one that ranks the other way around, in
    half of the trials a third that does either. How persuasive a rationale is, and whether its claims are so, has
    nothing to do with its ranking.

    ## Rewards
    As in `rsi/Judge-v0`, in [0, 1]. A judgement is worth the agreement of its ranking with the truth, and a tenth more
    if what its rationale says of the candidates' numbers of words is so.

    ## Episode End
    As in `rsi/Judge-v0`.

    ## Information
    As in `rsi/Judge-v0`.

    ## Arguments
    Args:
        level: Which level of judgements is judged: 2 judges judgements of candidates, 3 judgements of those, up to 4.
        **judge: `JudgeEnv`'s arguments.

    Raises:
        InvalidOption: An argument that makes no sense.
        TaskFileError: A file that can't be used.
    """

    def __init__(self, *, level: int = 2, **judge: Any) -> None:
        super().__init__(level=level, **judge)
