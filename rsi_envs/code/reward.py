# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a grade is worth."""

from __future__ import annotations

from rsi_envs.code.grading import Grade
from rsi_envs.code.types import CodeTask
from rsi_envs.core.verdict import Verdict

ROUNDING = 1e-6
"""Task files state a reference's correctness to six digits; a program beats it by more than that."""
CORRECT_SHARE = 0.5
"""Part of the score that correctness gives where run time counts; run time gives the rest."""
NOISE_MARGIN = 1.5
"""How many times faster than a reference a program must be to beat it; less is within the noise of a clock."""


def efficiency(seconds: float, best_seconds: float) -> float:
    """Worth of a run time in (0, 1): one half for that of the best reference, towards 1 without end beyond it.

    Args:
        seconds: The program's run time.
        best_seconds: The fastest reference's, measured in the same world.
    """
    return best_seconds / (best_seconds + seconds)


def score(correctness: float, speed: float | None) -> float:
    """Worth of a program in [0, 1].

    Args:
        correctness: Share of the hidden tests passed, in [0, 1].
        speed: Its `efficiency`; None where run time doesn't count or wasn't measured.

    Returns:
        Where run time counts, half the correctness for a program that fails any test, and for a correct one a half
        plus half its efficiency, so that a correct program scores above every incorrect one. Elsewhere the
        correctness.
    """
    if speed is None:
        return correctness
    return CORRECT_SHARE * correctness + (1 - CORRECT_SHARE) * speed


def judge(task: CodeTask, grade: Grade) -> Verdict:
    """Turns a grade into a verdict; what its parts mean is in `CodeEnv`'s card."""
    correctness = grade.correctness
    parts = {"correctness": correctness}
    speed = 0.0 if grade.run_time_counts else None
    if grade.seconds is not None:
        speed = efficiency(grade.seconds, min(seconds for _, seconds in grade.reference_seconds))
        parts |= {"efficiency": speed, "seconds": grade.seconds}
        parts |= {f"seconds_{level}": seconds for level, seconds in grade.reference_seconds}
    passed = sum(outcome.passed for outcome in grade.outcomes)
    reason = f"{passed} of {len(grade.outcomes)} hidden tests passed"
    if grade.first_failure is not None:
        # No more than the kind: what the program says of a hidden test could hold the test.
        reason += f"; the first to fail {grade.first_failure.failure}"
    return Verdict(
        score=score(correctness, speed),
        passed=correctness == 1.0,
        parts=parts,
        references_beaten=_beaten(task, grade) if task.references else None,
        references=len(task.references) or None,
        reason=reason,
    )


def _beaten(task: CodeTask, grade: Grade) -> int:
    times = dict(grade.reference_seconds)
    return sum(
        grade.correctness > reference.correctness + ROUNDING
        or (grade.seconds is not None and grade.seconds * NOISE_MARGIN < times.get(reference.level, 0.0))
        for reference in task.references
    )
